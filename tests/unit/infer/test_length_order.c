/* test_length_order.c - the order in which sources are decoded. */
#include "length_order.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static void expect(const size_t *lengths, int count, const int64_t *expected)
{
    static const int32_t ids[16];
    pair_set set = {0};
    int64_t *order = NULL;

    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(pair_set_put(&set, SIDE_SOURCE, ids, lengths[i]), STATUS_OK);
        ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    }
    ck_assert_int_eq(length_order_create(&order, &set), STATUS_OK);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(order[i], expected[i]);
    memory_destroy(order);
    pair_set_free(&set);
}

START_TEST(the_longest_come_first_and_equal_ones_as_they_stand)
{
    expect((const size_t[]){3, 9, 3, 0, 16, 9, 1}, 7, (const int64_t[]){4, 1, 5, 0, 2, 6, 3});
    expect((const size_t[]){2, 2, 2}, 3, (const int64_t[]){0, 1, 2});
    expect((const size_t[]){0}, 1, (const int64_t[]){0});
}
END_TEST

START_TEST(without_memory_there_is_none)
{
    pair_set set = {0};
    int64_t *order = NULL;

    ck_assert_int_eq(pair_set_put(&set, SIDE_SOURCE, &(int32_t){1}, 1), STATUS_OK);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    for (size_t n = 1; n <= 2; n++) {
        memory_fail_after(n);
        ck_assert_int_eq(length_order_create(&order, &set), STATUS_NOMEM);
        memory_fail_after(0);
        ck_assert_ptr_null(order);
    }
    pair_set_free(&set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("infer/length_order");
    TCase *tests = tcase_create("length_order");

    tcase_add_test(tests, the_longest_come_first_and_equal_ones_as_they_stand);
    tcase_add_test(tests, without_memory_there_is_none);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
