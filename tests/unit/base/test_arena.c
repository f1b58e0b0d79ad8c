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

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");

    tcase_add_test(tests, test_push_is_aligned_and_apart);
    tcase_add_test(tests, test_mark_and_release);
    tcase_add_test(tests, test_reserves_the_machine);
    tcase_add_test(tests, test_impossible_size_fails);
    tcase_add_exit_test(tests, test_running_out_ends_the_process, EXIT_FAILURE);
    tcase_add_exit_test(tests, test_overflow_ends_the_process, EXIT_FAILURE);
    tcase_add_exit_test(tests, test_the_owner_is_told, 42);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
