/* test_buffer.c - growth, text, running out of memory. */
#include "unit_check.h"

#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"

START_TEST(test_grows)
{
    buffer b = {0};

    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(buffer_add(&b, "abc", 3), STATUS_OK);
    ck_assert_uint_eq(b.size, 3000);
    ck_assert_uint_eq(strlen(b.data), 3000);
    ck_assert_mem_eq(b.data + 2997, "abc", 4);
    buffer_clear(&b);
    ck_assert_uint_eq(b.size, 0);
    ck_assert_str_eq(b.data, "");
    buffer_free(&b);
    ck_assert_ptr_null(b.data);
    buffer_clear(&b);
}
END_TEST

START_TEST(test_text)
{
    buffer b = {0};

    ck_assert_int_eq(buffer_add_text(&b, "%d,", 12), STATUS_OK);
    ck_assert_int_eq(buffer_add_text(&b, "%200s", "x"), STATUS_OK);
    ck_assert_int_eq(buffer_add_text(&b, "%s", ""), STATUS_OK);
    ck_assert_uint_eq(b.size, 203);
    ck_assert_mem_eq(b.data, "12, ", 4);
    ck_assert_str_eq(b.data + 202, "x");
    buffer_free(&b);
}
END_TEST

START_TEST(test_written_in_place)
{
    buffer b = {0};

    ck_assert_int_eq(buffer_add_text(&b, "kept"), STATUS_OK);
    ck_assert_int_eq(buffer_reserve(&b, 500), STATUS_OK);
    ck_assert_uint_ge(b.room, 505); /* the 0 byte too */
    ck_assert_uint_eq(b.size, 4);
    ck_assert_str_eq(b.data, "kept");
    memset(b.data + b.size, 'x', 500);
    b.size += 500;
    size_t before = memory_allocations();
    ck_assert_int_eq(buffer_add(&b, "", 0), STATUS_OK);
    ck_assert_uint_eq(memory_allocations(), before);
    ck_assert_uint_eq(strlen(b.data), 504);
    buffer_free(&b);
}
END_TEST

START_TEST(test_no_memory)
{
    buffer b = {0};

    ck_assert_int_eq(buffer_add_text(&b, "kept"), STATUS_OK);
    memory_fail_after(1);
    ck_assert_int_eq(buffer_add_text(&b, "%100s", "x"), STATUS_NOMEM);
    memory_fail_after(0);
    ck_assert_str_eq(b.data, "kept");
    ck_assert_int_eq(buffer_add(&b, "x", (size_t)-9), STATUS_NOMEM);
    buffer_free(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buffer");
    TCase *tests = tcase_create("buffer");

    tcase_add_test(tests, test_grows);
    tcase_add_test(tests, test_text);
    tcase_add_test(tests, test_written_in_place);
    tcase_add_test(tests, test_no_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
