/* test_arena.c - alignment, marks, running out. */
#include "unit_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/arena.h"

START_TEST(test_push_is_aligned_and_apart)
{
    arena a;

    ck_assert_int_eq(arena_init(&a, 1000), STATUS_OK);
    ck_assert_uint_eq(a.size, 1024);
    char *x = arena_push(&a, 3, 1), *y = arena_push(&a, 5, sizeof(float));
    ck_assert_uint_eq((uintptr_t)x % ARENA_ALIGN, 0);
    ck_assert_int_eq(y - x, 64);
    ck_assert_ptr_nonnull(arena_push(&a, 1024 - 128, 1));
    ck_assert_uint_eq(a.used, 1024);
    arena_free(&a);
    ck_assert_ptr_null(a.base);
    arena_free(&a);
}
END_TEST

START_TEST(test_mark_and_release)
{
    arena a;

    ck_assert_int_eq(arena_init(&a, 4096), STATUS_OK);
    (void)arena_push(&a, 1, 100);
    size_t mark = arena_mark(&a);
    void *first = arena_push(&a, 10, 100);
    arena_release(&a, mark);
    ck_assert_ptr_eq(arena_push(&a, 1, 1), first);
    ck_assert_uint_eq(a.peak, 128 + 1024);
    arena_free(&a);
}
END_TEST

/* What threads push does not meet, nor what the arena holds already. */
START_TEST(test_parts_are_apart)
{
    enum { PARTS = 3 };
    arena a;

    ck_assert_int_eq(arena_init(&a, 1024), STATUS_OK);
    unsigned char *held = arena_push(&a, 100, 1); /* of 1024 bytes, 896 are left */
    memset(held, 9, 100);
    for (int i = 0; i < PARTS; i++) {
        arena part = arena_part(&a, PARTS, i);
        ck_assert_uint_eq(part.size, 256); /* 298 in whole lines */
        ck_assert_uint_eq(part.used + part.peak, 0);
        unsigned char *all = arena_push(&part, part.size, 1);
        ck_assert_ptr_eq(all, held + 128 + i * 256);
        memset(all, i, part.size);
    }
    for (int i = 0; i < 128 + PARTS * 256; i++)
        ck_assert_int_eq(held[i], i >= 128 ? (i - 128) / 256 : i < 100 ? 9 : 0);
    ck_assert_uint_eq(a.used, 128);
    arena_free(&a);
}
END_TEST

START_TEST(test_one_part_is_all_that_is_left)
{
    arena a;

    ck_assert_int_eq(arena_init(&a, 1024), STATUS_OK);
    ck_assert_uint_eq(arena_part(&a, 1, 0).size, 1024);
    (void)arena_push(&a, 1024 - 64, 1);
    ck_assert_uint_eq(arena_part(&a, 1, 0).size, 64);
    ck_assert_uint_eq(arena_part(&a, 2, 1).size, 0);
    arena_free(&a);
}
END_TEST

START_TEST(test_reserves_the_machine)
{
    arena a;

    ck_assert_int_eq(arena_init_machine(&a), STATUS_OK);
    ck_assert_uint_ge(a.size, (size_t)1 << 24);
    memset(arena_push(&a, 1 << 20, 1), 1, 1 << 20);
    arena_free(&a);
}
END_TEST

START_TEST(test_impossible_size_fails)
{
    arena a;

    ck_assert_int_eq(arena_init(&a, SIZE_MAX - 4096), STATUS_NOMEM);
    ck_assert_ptr_nonnull(strstr(error_message(), "address space"));
    ck_assert_int_eq(arena_init(&a, SIZE_MAX), STATUS_NOMEM);
}
END_TEST

START_TEST(test_running_out_ends_the_process)
{
    arena a;

    if (arena_init(&a, 64) == STATUS_OK)
        (void)arena_push(&a, 65, 1);
}
END_TEST

START_TEST(test_overflow_ends_the_process)
{
    arena a;

    if (arena_init(&a, 64) == STATUS_OK)
        (void)arena_push(&a, SIZE_MAX / 4 + 1, 4);
}
END_TEST

static void leave(void *user, const char *message)
{
    bool told = strstr(message, "13 elements of 8 bytes") != NULL &&
                strstr(message, "64 of 128 bytes") != NULL;

    exit(told ? *(int *)user : 100);
}

START_TEST(test_the_owner_is_told)
{
    int number = 42;
    arena a;

    ck_assert_int_eq(arena_init(&a, 128), STATUS_OK);
    arena_on_full(&a, leave, &number);
    (void)arena_push(&a, 1, 1);
    (void)arena_push(&a, 13, 8);
}
END_TEST

START_TEST(test_the_owner_is_told_of_a_part_too)
{
    int number = 42;
    arena a;

    ck_assert_int_eq(arena_init(&a, 256), STATUS_OK);
    arena_on_full(&a, leave, &number);
    arena part = arena_part(&a, 2, 1);
    (void)arena_push(&part, 1, 1);
    (void)arena_push(&part, 13, 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");

    tcase_add_test(tests, test_push_is_aligned_and_apart);
    tcase_add_test(tests, test_mark_and_release);
    tcase_add_test(tests, test_parts_are_apart);
    tcase_add_test(tests, test_one_part_is_all_that_is_left);
    tcase_add_test(tests, test_reserves_the_machine);
    tcase_add_test(tests, test_impossible_size_fails);
    tcase_add_exit_test(tests, test_running_out_ends_the_process, EXIT_FAILURE);
    tcase_add_exit_test(tests, test_overflow_ends_the_process, EXIT_FAILURE);
    tcase_add_exit_test(tests, test_the_owner_is_told, 42);
    tcase_add_exit_test(tests, test_the_owner_is_told_of_a_part_too, 42);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
