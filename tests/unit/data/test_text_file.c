/* test_text_file.c */
#include "lockstep/data/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-text-XXXXXX";
static char path[64];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/x.txt", folder);
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
}

static void save(const char *bytes, size_t size)
{
    ck_assert_int_eq(file_save(path, bytes, size), STATUS_OK);
}

static void check_line(text_file *file, const char *expected)
{
    const char *line;
    size_t size;
    bool end;

    ck_assert_msg(text_file_next(file, &line, &size, &end) == STATUS_OK, "%s", error_message());
    ck_assert(end == (expected == NULL));
    if (expected != NULL) {
        ck_assert_str_eq(line, expected);
        ck_assert_uint_eq(size, strlen(expected));
    }
}

static void check_failure(const char *part)
{
    text_file *file;
    const char *line;
    size_t size;
    bool end = false;
    status result = text_file_open(&file, path);

    while (result == STATUS_OK && !end)
        result = text_file_next(file, &line, &size, &end);
    ck_assert_int_eq(result, STATUS_INPUT);
    ck_assert_msg(strstr(error_message(), part) != NULL, "%s", error_message());
    text_file_close(file);
}

START_TEST(lines_end_in_any_way)
{
    static const char text[] = "\xef\xbb\xbfone\r\ntwo\n\nlast";
    text_file *file;

    save(text, sizeof(text) - 1);
    ck_assert_int_eq(text_file_open(&file, path), STATUS_OK);
    ck_assert_int_eq(text_file_lines(file), 4);
    check_line(file, "one");
    check_line(file, "two");
    check_line(file, "");
    check_line(file, "last");
    ck_assert_int_eq(text_file_line(file), 4);
    check_line(file, NULL);
    check_line(file, NULL);
    ck_assert_str_eq(text_file_path(file), path);
    text_file_close(file);
}
END_TEST

START_TEST(gzip_is_read_like_plain_text)
{
    gzFile gzip = gzopen(path, "wb");
    text_file *file;

    gzputs(gzip, "eins\nzwei\n");
    gzclose(gzip);
    ck_assert_int_eq(text_file_open(&file, path), STATUS_OK);
    ck_assert_int_lt(text_file_lines(file), 0);
    check_line(file, "eins");
    check_line(file, "zwei");
    check_line(file, NULL);
    text_file_close(file);
}
END_TEST

START_TEST(a_line_of_millions_is_read_whole)
{
    enum { LONG = 3000001 };
    buffer text = {0};
    text_file *file;
    const char *line;
    size_t size;
    bool end;

    status result = STATUS_OK;

    for (int i = 0; i < LONG && result == STATUS_OK; i++)
        result = buffer_add(&text, i % 3 ? "a" : "b", 1);
    ck_assert_int_eq(result, STATUS_OK);
    ck_assert_int_eq(buffer_add(&text, "\nnext\n", 6), STATUS_OK);
    save(text.data, text.size);
    ck_assert_int_eq(text_file_open(&file, path), STATUS_OK);
    ck_assert_int_eq(text_file_lines(file), 2);
    ck_assert_int_eq(text_file_next(file, &line, &size, &end), STATUS_OK);
    ck_assert_uint_eq(size, LONG);
    ck_assert_mem_eq(line, text.data, LONG);
    check_line(file, "next");
    check_line(file, NULL);
    text_file_close(file);
    buffer_free(&text);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_placed)
{
    save("good\nb\xc3\xb1 \xff\n", 10);
    check_failure("x.txt:2: byte 5 of the line (0xff)");
    save("zero\0\n", 6);
    check_failure("x.txt:1: byte 5");
}
END_TEST

START_TEST(gzip_cut_short_is_refused)
{
    gzFile gzip = gzopen(path, "wb");
    char *bytes;
    size_t size;

    for (int i = 0; i < 20000; i++)
        gzprintf(gzip, "line %d\n", i * 7919);
    gzclose(gzip);
    ck_assert_int_eq(file_load(path, &bytes, &size), STATUS_OK);
    save(bytes, size / 2);
    check_failure("cannot read: ");
    bytes[size / 2] ^= 0x55;
    bytes[size / 2 + 1] ^= 0x55;
    save(bytes, size);
    memory_destroy(bytes);
    check_failure("x.txt:");
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    text_file *file;

    ck_assert_int_eq(text_file_open(&file, path), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "No such file"));
    ck_assert_int_eq(text_file_open(&file, folder), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "is a folder"));
    ck_assert_ptr_null(file);
}
END_TEST

START_TEST(standard_input_gives_a_line_at_once)
{
    int ends[2];
    text_file *file;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(text_file_open(&file, "-"), STATUS_OK);
    ck_assert_int_eq(write(ends[1], "first\nsec", 9), 9);
    check_line(file, "first"); /* would hang if it wanted a full block */
    ck_assert_int_eq(write(ends[1], "ond\n", 4), 4);
    check_line(file, "second");
    close(ends[1]);
    check_line(file, NULL);
    text_file_close(file);
}
END_TEST

/* A pipe: ready with a whole line, not with half of one; the half is kept. */
START_TEST(ready_means_a_whole_line)
{
    int ends[2];
    bool ready;
    text_file *file;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(text_file_open(&file, "-"), STATUS_OK);
    ck_assert_int_lt(text_file_lines(file), 0);
    ck_assert_int_eq(text_file_ready(file, 0, &ready), STATUS_OK);
    ck_assert(!ready);
    ck_assert_int_eq(write(ends[1], "first\nsec", 9), 9);
    ck_assert_int_eq(text_file_ready(file, 0, &ready), STATUS_OK);
    ck_assert(ready);
    check_line(file, "first");
    ck_assert_int_eq(text_file_ready(file, clock_seconds() + 0.01, &ready), STATUS_OK);
    ck_assert(!ready);
    ck_assert_int_eq(write(ends[1], "ond\n", 4), 4);
    ck_assert_int_eq(text_file_ready(file, 0, &ready), STATUS_OK);
    ck_assert(ready);
    check_line(file, "second");
    close(ends[1]);
    ck_assert_int_eq(text_file_ready(file, 0, &ready), STATUS_OK);
    ck_assert(ready);
    check_line(file, NULL);
    text_file_close(file);
}
END_TEST

static void append(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "ab");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void append_member(const char *text)
{
    gzFile gzip = gzopen(path, "ab");

    gzputs(gzip, text);
    gzclose(gzip);
}

START_TEST(gzip_ends_where_its_members_end)
{
    static const char zeros[70000];
    text_file *file;

    append_member("one\n");
    append_member("two\n");
    append(zeros, sizeof(zeros));
    ck_assert_int_eq(text_file_open(&file, path), STATUS_OK);
    check_line(file, "one");
    check_line(file, "two");
    check_line(file, NULL);
    check_line(file, NULL);
    text_file_close(file);
    append("x", 1);
    check_failure("x.txt:3: cannot read: after the end of the gzip data, at byte 700");
}
END_TEST

START_TEST(what_is_no_text_is_called_by_its_name)
{
    save("\xfd"
         "7zXZ",
         5); /* too short to be it */
    check_failure("not valid UTF-8");
    save("\xfd"
         "7zXZ\0",
         6);
    check_failure("is compressed with xz");
    save("BZh91AY&SY", 10);
    check_failure("is compressed with bzip2");
    save("a\0b\0\n\0", 6);
    check_failure("looks like UTF-16");
    save("\xff\xfe"
         "a\0",
         4);
    check_failure("is UTF-16");
    save("a\rb\r", 4);
    check_failure("carriage return alone");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_file");
    TCase *group = tcase_create("text_file");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 30);
    tcase_add_test(group, lines_end_in_any_way);
    tcase_add_test(group, gzip_is_read_like_plain_text);
    tcase_add_test(group, a_line_of_millions_is_read_whole);
    tcase_add_test(group, bytes_that_are_no_text_are_placed);
    tcase_add_test(group, gzip_cut_short_is_refused);
    tcase_add_test(group, what_is_no_file_is_refused);
    tcase_add_test(group, standard_input_gives_a_line_at_once);
    tcase_add_test(group, ready_means_a_whole_line);
    tcase_add_test(group, gzip_ends_where_its_members_end);
    tcase_add_test(group, what_is_no_text_is_called_by_its_name);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
