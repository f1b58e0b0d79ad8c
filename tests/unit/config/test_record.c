/* test_record.c - JSON objects read back. */
#include "lockstep/config/record.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"
#include "scratch_file.h"
#include "unit_check.h"

static void write_lines(const char *text, size_t size)
{
    ck_assert_int_eq(file_save(scratch_path, text, size), STATUS_OK);
}

/* The steps, and the size of each line. */
static status note(void *user, const record *r, const char *line, size_t size)
{
    ck_assert_int_eq(line[0], '{');
    if (record_number(r, "step") == 99)
        return fail(STATUS_INPUT, "no more");
    return buffer_add_text(user, "%g:%zu ", record_number(r, "step"), size);
}

static void expect(status result, const char *want)
{
    buffer seen = {0};

    ck_assert_int_eq(record_visit_all(scratch_path, note, &seen), result);
    ck_assert_str_eq(seen.size > 0 ? seen.data : "", want);
    buffer_free(&seen);
}

START_TEST(test_lines)
{
    static const char text[] = "{\"step\": 5}\n{\"step\": 6, \"x\": [1]}\n\n{\"step\": 7";
    static const char bad[] = "{\"step\": 5}\nstep: 6\n{'step': 6}\n{\"step\": 6}}\n[6]\n"
                              "{\"step\": 6, \"st}\n{\"step\" 6}\n{\"s\": \"\xff\"}\n"
                              "{\"step\": 6\0}\n{\"step\": 8}";

    write_lines(text, sizeof(text) - 1); /* the last one was cut short */
    expect(STATUS_OK, "5:11 6:21 ");
    write_lines(bad, sizeof(bad) - 1);
    expect(STATUS_OK, "5:11 8:11 ");
    write_lines("", 0);
    expect(STATUS_OK, "");
    write_lines("{\"step\": 1}\n{\"step\": 99}\n{\"step\": 2}\n", 36);
    expect(STATUS_INPUT, "1:11 ");
    unlink(scratch_path);
    expect(STATUS_OK, "");
    ck_assert_int_eq(mkfifo(scratch_path, 0600), 0); /* is not waited for */
    expect(STATUS_OK, "");
}
END_TEST

static status check_values(void *user, const record *r, const char *line, size_t size)
{
    (void)line, (void)size;
    ck_assert_double_eq(record_number(r, "loss"), 1.5e-5);
    ck_assert(isnan(record_number(r, "none")) && isnan(record_number(r, "text")));
    ck_assert(isnan(record_number(r, "nothing")) && isnan(record_number(r, "list")));
    ck_assert_str_eq(record_text(r, "text"), "a \"b\"\n\\ ü");
    ck_assert_str_eq(record_text(r, "list/1"), "z");
    ck_assert_str_eq(record_text(r, "hosts/1/name"), "b");
    ck_assert_double_eq(record_number(r, "hosts/0/ranks"), 2);
    ck_assert_ptr_null(record_text(r, "list"));
    ck_assert_ptr_null(record_text(r, "list/2"));
    ck_assert_ptr_null(record_text(r, "hosts/0/size"));
    ++*(int *)user;
    return STATUS_OK;
}

START_TEST(test_values)
{
    static const char text[] =
        "{\"loss\": 1.5e-05, \"none\": null, \"text\": \"a \\\"b\\\"\\u000a\\\\ ü\", "
        "\"list\": [\"x y\", \"z\"], \"hosts\": [{\"name\": \"a\", \"ranks\": 2}, "
        "{\"name\": \"b\"}]}\n";
    int seen = 0;

    write_lines(text, sizeof(text) - 1);
    ck_assert_int_eq(record_visit_all(scratch_path, check_values, &seen), STATUS_OK);
    ck_assert_int_eq(seen, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");

    tcase_add_checked_fixture(tests, scratch_file_setup, scratch_file_teardown);
    tcase_add_test(tests, test_lines);
    tcase_add_test(tests, test_values);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
