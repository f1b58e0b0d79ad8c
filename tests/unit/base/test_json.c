/* test_json.c - objects and lists, texts, numbers, failures. */
#include "lockstep/base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

/* Ends the object, compares it, frees. */
static void check(json *j, const char *expected)
{
    ck_assert_int_eq(json_end_line(j), STATUS_OK);
    ck_assert_str_eq(j->text.data, expected);
    json_free(j);
}

START_TEST(test_objects_and_lists)
{
    json j = {0};

    json_begin(&j, NULL);
    json_begin(&j, "empty");
    json_end(&j);
    json_begin_list(&j, "list");
    json_add_integer(&j, NULL, 1);
    json_begin(&j, NULL);
    json_add_bool(&j, "no", false);
    json_end(&j);
    json_begin_list(&j, NULL);
    json_end_list(&j);
    json_add_text(&j, NULL, "");
    json_add_value(&j, NULL, "[2]4", 3);
    json_add_value(&j, NULL, "{}", 2);
    json_end_list(&j);
    json_add_bool(&j, "yes", true);
    json_end(&j);
    check(&j, "{\"empty\": {}, \"list\": [1, {\"no\": false}, [], \"\", [2], {}], "
              "\"yes\": true}\n");
}
END_TEST

START_TEST(test_lines)
{
    json j = {0};

    json_begin(&j, NULL);
    json_begin_list(&j, "a");
    for (int i = 0; i < 2; i++) {
        json_break(&j);
        json_begin(&j, NULL);
        json_add_integer(&j, "i", i);
        json_end(&j);
    }
    json_break(&j);
    json_end_list(&j);
    json_end(&j);
    check(&j, "{\"a\": [\n{\"i\": 0},\n{\"i\": 1}\n]}\n");
}
END_TEST

static const struct {
    const char *text, *quoted;
} texts[] = {
    {"", "\"\""},
    {"plain /text/ 'so'", "\"plain /text/ 'so'\""},
    {"a \"b\" \\ c\\", "\"a \\\"b\\\" \\\\ c\\\\\""},
    {"\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\x7f\""},
    /* two, three and four bytes: the first and the last of each */
    {"\xc2\x80 \xdf\xbf", "\"\xc2\x80 \xdf\xbf\""},
    {"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf",
     "\"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf\""},
    {"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", "\"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\""},
    /* a tail without a head, heads cut short by the end and by other bytes */
    {"\x80 \xbf", "\"\\ufffd \\ufffd\""},
    {"\xc3", "\"\\ufffd\""},
    {"\xe2\x82", "\"\\ufffd\\ufffd\""},
    {"\xf0\x9f\x98\"", "\"\\ufffd\\ufffd\\ufffd\\\"\""},
    {"\xc3(\xa9", "\"\\ufffd(\\ufffd\""},
    /* longer than need be, half of a surrogate pair, beyond the last, no UTF-8 at all */
    {"\xc0\xaf \xc1\xbf", "\"\\ufffd\\ufffd \\ufffd\\ufffd\""},
    {"\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xf5\xfe\xff", "\"\\ufffd\\ufffd\\ufffd\""},
};

START_TEST(test_texts)
{
    json j = {0};

    json_add_text(&j, NULL, texts[_i].text);
    ck_assert_int_eq(json_end_line(&j), STATUS_OK);
    ck_assert_uint_eq(j.text.size, strlen(texts[_i].quoted) + 1);
    ck_assert_mem_eq(j.text.data, texts[_i].quoted, j.text.size - 1);
    json_free(&j);
}
END_TEST

START_TEST(test_keys_are_escaped_too)
{
    json j = {0};

    json_begin(&j, NULL);
    json_add_integer(&j, "a\"b", -9223372036854775807 - 1);
    json_end(&j);
    check(&j, "{\"a\\\"b\": -9223372036854775808}\n");
}
END_TEST

START_TEST(test_numbers)
{
    json j = {0};

    json_begin_list(&j, NULL);
    json_add_number(&j, NULL, 0.1, JSON_FLOAT);
    json_add_number(&j, NULL, 1234567.0, 4);
    json_add_number(&j, NULL, 0.1, JSON_DOUBLE);
    json_add_number(&j, NULL, 1e300, JSON_FLOAT);
    json_add_fixed(&j, NULL, 2.0 / 3.0, 4);
    json_add_fixed(&j, NULL, 3.0, 2);
    json_add_fixed(&j, NULL, 1e15, 0);
    json_end_list(&j);
    check(&j, "[0.1, 1.235e+06, 0.10000000000000001, 1e+300, 0.6667, 3.00, "
              "1000000000000000]\n");
}
END_TEST

START_TEST(test_numbers_that_are_not_finite)
{
    json j = {0};

    json_begin(&j, NULL);
    json_add_number(&j, "a", NAN, JSON_FLOAT);
    json_add_number(&j, "b", INFINITY, JSON_DOUBLE);
    json_add_fixed(&j, "c", -INFINITY, 3);
    json_add_fixed(&j, "d", 1.0, 0);
    json_end(&j);
    check(&j, "{\"a\": null, \"b\": null, \"c\": null, \"d\": 1}\n");
}
END_TEST

static const double doubles[] = {0.1,
                                 -0.0,
                                 1.0 / 3.0,
                                 6.02214076e23,
                                 5e-324,
                                 2.2250738585072014e-308,
                                 1.7976931348623157e308};

START_TEST(test_numbers_read_back)
{
    json j = {0};

    json_add_number(&j, NULL, doubles[_i], JSON_DOUBLE);
    json_break(&j);
    json_add_number(&j, NULL, (double)(float)doubles[_i], JSON_FLOAT);
    ck_assert_int_eq(json_end_line(&j), STATUS_OK);
    double back = strtod(j.text.data, NULL);
    ck_assert_mem_eq(&back, &doubles[_i], sizeof(back));
    if (isfinite((float)doubles[_i]))
        ck_assert(strtof(strchr(j.text.data, '\n'), NULL) == (float)doubles[_i]);
    json_free(&j);
}
END_TEST

START_TEST(test_written_line_by_line)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    json j = {0};

    size_t before = memory_allocations();

    for (int i = 0; i < 3; i++) {
        json_begin(&j, NULL);
        json_add_integer(&j, "i", i);
        json_end(&j);
        ck_assert_int_eq(json_write(&j, out, "a file"), STATUS_OK);
    }
    ck_assert_uint_eq(memory_allocations(), before + 1); /* the room of the first is kept */
    fclose(out);
    ck_assert_str_eq(text, "{\"i\": 0}\n{\"i\": 1}\n{\"i\": 2}\n");
    free(text);
    json_free(&j);
}
END_TEST

START_TEST(test_a_full_disk)
{
    FILE *full = fopen("/dev/full", "w");
    json j = {0};

    ck_assert_ptr_nonnull(full);
    json_add_integer(&j, NULL, 1);
    ck_assert_int_eq(json_write(&j, full, "metrics.jsonl"), STATUS_IO);
    ck_assert_str_eq(error_message(), "metrics.jsonl: cannot write: No space left on device");
    fclose(full);
    json_free(&j);
}
END_TEST

START_TEST(test_no_memory)
{
    json j = {0};

    memory_fail_after(1);
    json_begin(&j, NULL);
    memory_fail_after(0);
    json_add_number(&j, "a", 1.0, JSON_FLOAT);
    json_end(&j);
    ck_assert_int_eq(json_write(&j, stdout, "standard output"), STATUS_NOMEM);
    json_add_integer(&j, NULL, 1); /* anew */
    check(&j, "1\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");

    tcase_add_test(tests, test_objects_and_lists);
    tcase_add_test(tests, test_lines);
    tcase_add_loop_test(tests, test_texts, 0, sizeof(texts) / sizeof(*texts));
    tcase_add_test(tests, test_keys_are_escaped_too);
    tcase_add_test(tests, test_numbers);
    tcase_add_test(tests, test_numbers_that_are_not_finite);
    tcase_add_loop_test(tests, test_numbers_read_back, 0, sizeof(doubles) / sizeof(*doubles));
    tcase_add_test(tests, test_written_line_by_line);
    tcase_add_test(tests, test_a_full_disk);
    tcase_add_test(tests, test_no_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
