/* test_world.c - what the ranks do together. */
#include <math.h>
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "mpi_check.h"

static int rank, size;

static void setup(void)
{
    rank = world_rank(test_world);
    size = world_size(test_world);
}

START_TEST(ranks_are_numbered)
{
    int numbers = 0, expected = 0;

    for (int r = 0; r < size; r++)
        expected |= 1 << r;
    for (int r = 0; r < size; r++)
        numbers |= world_max(test_world, rank == r ? 1 << r : 0);
    ck_assert_all(numbers == expected);
    ck_assert_all(world_hosts(test_world) == 1);
    ck_assert_all(world_launched_here() == size);
    ck_assert_all(strcmp(world_host(test_world, 0), world_host(test_world, size - 1)) == 0);
    ck_assert_all(strlen(world_host(test_world, 0)) > 0);
}
END_TEST

START_TEST(all_agree_when_all_are_well)
{
    ck_assert_all(world_agree(test_world, STATUS_OK) == STATUS_OK);
}
END_TEST

/* Prints one line of standard error under mpirun, on purpose. */
START_TEST(all_end_with_the_code_of_the_lowest_that_failed)
{
    status local = STATUS_OK;

    if (rank == size - 1)
        local = fail(STATUS_IO, "expected: the disk of the last is full");
    if (rank == size / 2)
        local = fail(STATUS_NUMBER, "expected: the middle one has a NaN");
    status agreed = world_agree(test_world, local);

    ck_assert_all(agreed == STATUS_NUMBER);
    if (size == 1)
        ck_assert_str_eq(error_message(), "expected: the middle one has a NaN");
    else
        ck_assert_all(strcmp(error_message(), "") == 0);
}
END_TEST

START_TEST(largest_value_wins)
{
    ck_assert_all(world_max(test_world, rank == 0 ? 7 : -rank) == 7);
    ck_assert_all(world_max(test_world, -5 - rank) == -5);
    ck_assert_all(world_max_double(test_world, -0.5 * rank) == 0.0);
}
END_TEST

START_TEST(broadcast_comes_from_any_root)
{
    for (int root = 0; root < size; root++) {
        char text[32] = "";

        if (rank == root)
            memcpy(text, "from the root", 14);
        world_broadcast(test_world, text, sizeof(text), root);
        ck_assert_all(strcmp(text, "from the root") == 0);
    }
}
END_TEST

START_TEST(union_keeps_every_bit)
{
    const double given[4] = {-0.0, NAN, -INFINITY, 0.1};
    double values[4] = {0};

    for (int i = 0; i < 4; i++)
        if (i % size == rank)
            values[i] = given[i];
    world_union(test_world, values, 4);
    ck_assert_all(memcmp(values, given, sizeof(given)) == 0);
}
END_TEST

START_TEST(differing_rank_is_named)
{
    char bytes[10000] = "the same everywhere";

    ck_assert_all(world_differs(test_world, bytes, sizeof(bytes)) == -1);
    if (rank == size - 1)
        bytes[9000] = 'x';
    ck_assert_all(world_differs(test_world, bytes, sizeof(bytes)) ==
                  (size == 1 ? -1 : size - 1));
    bytes[9000] = 0;
    ck_assert_all(world_differs(test_world, bytes, rank == 1 ? 99 : 100) ==
                  (size == 1 ? -1 : 1));
    ck_assert_all(world_differs(test_world, NULL, 0) == -1);
}
END_TEST

START_TEST(collected_bytes_stand_in_rank_order)
{
    const char *words[3] = {"one", "", "three"};
    const char *expected[3] = {"one", "one", "onethree"};
    size_t sizes[3] = {99, 99, 99};
    char *all;

    ck_assert_all(world_collect(test_world, words[rank], strlen(words[rank]), &all, sizes) ==
                  STATUS_OK);
    if (rank == 0) {
        ck_assert_str_eq(all, expected[size - 1]);
        for (int r = 0; r < size; r++)
            ck_assert_uint_eq(sizes[r], strlen(words[r]));
    } else {
        ck_assert_ptr_null(all);
    }
    memory_destroy(all);
}
END_TEST

START_TEST(waiting_is_counted)
{
    double before = world_waited(test_world);

    for (int i = 0; i < 10; i++)
        world_barrier(test_world);
    ck_assert_all(size == 1 || world_waited(test_world) > before);
    ck_assert_all(world_waited(test_world) < before + 60);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("world");
    TCase *tcase = tcase_create("core");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, ranks_are_numbered);
    tcase_add_test(tcase, all_agree_when_all_are_well);
    tcase_add_test(tcase, all_end_with_the_code_of_the_lowest_that_failed);
    tcase_add_test(tcase, largest_value_wins);
    tcase_add_test(tcase, broadcast_comes_from_any_root);
    tcase_add_test(tcase, union_keeps_every_bit);
    tcase_add_test(tcase, differing_rank_is_named);
    tcase_add_test(tcase, collected_bytes_stand_in_rank_order);
    tcase_add_test(tcase, waiting_is_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}
