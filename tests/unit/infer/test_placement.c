/* test_placement.c - made-up hosts, bindings and NUMA nodes. */
#include "lockstep/infer/placement.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit_check.h"

enum { MOST = 12 };
static placement all[MOST];
static char text[PLACEMENT_TEXT];

/* A host of 16 cores in two nodes. */
static placement at(const char *host, const char *cores)
{
    affinity node[2] = {affinity_parse("0-7"), affinity_parse("8-15")};
    placement p = {.cores = affinity_parse(cores), .host_cores = 16, .host_nodes = 2};

    snprintf(p.host, sizeof(p.host), "%s", host);
    for (int i = 0; i < 2; i++)
        p.nodes += affinity_meets(&node[i], &p.cores);
    return p;
}

static const char *described(int ranks)
{
    placement_describe(all, ranks, text);
    return text;
}

START_TEST(one_process_is_described)
{
    all[0] = at("a", "0-15");
    ck_assert_str_eq(described(1), "1 host; 16 cores, 2 NUMA nodes");
    all[0] = at("a", "3");
    ck_assert_str_eq(described(1), "1 host; bound to 1 core, 2 NUMA nodes");
    all[0].host_nodes = all[0].nodes = 0;
    ck_assert_str_eq(described(1), "1 host; bound to 1 core");
    all[0] = at("a", "");
    ck_assert_str_eq(described(1), "1 host");
    ck_assert(!placement_differs(all, 1, text));
}
END_TEST

START_TEST(bound_ranks_are_described)
{
    const char *cores[4] = {"0-1", "2-3", "8-9", "10-11"};

    for (int r = 0; r < 8; r++)
        all[r] = at(r < 4 ? "a" : "b", cores[r % 4]);
    ck_assert_str_eq(described(8),
                     "2 hosts (4 ranks each); bound to 2 cores each, 2 NUMA nodes "
                     "(each rank on one)");
    ck_assert(!placement_differs(all, 8, text));
    all[1] = at("a", "7-8");
    ck_assert_str_eq(described(8),
                     "2 hosts (4 ranks each); bound to 2 cores each, 2 NUMA nodes");
}
END_TEST

START_TEST(ranks_that_differ_are_told_apart)
{
    for (int r = 0; r < 5; r++)
        all[r] = at(r < 3 ? "a" : "b", r < 4 ? "0-15" : "5");
    all[4].host_nodes = all[4].nodes = 1;
    ck_assert_str_eq(described(5), "2 hosts (2 to 3 ranks each); bound to 1 to 16 cores each, "
                                   "1 to 2 NUMA nodes");
    ck_assert(placement_differs(all, 5, text));
    ck_assert_str_eq(text, "ranks 0-2 on a: 16 cores each; rank 3 on b: 16 cores; rank 4 on b: "
                           "1 core");
    ck_assert_str_eq(described(4),
                     "2 hosts (1 to 3 ranks each); not bound, 16 cores, 2 NUMA nodes");
}
END_TEST

START_TEST(many_that_differ_stay_one_line)
{
    for (int r = 0; r < MOST; r++) {
        all[r] = at("a", r % 2 == 0 ? "0" : "1-2");
        memset(all[r].host, 'h', PLACEMENT_HOST - 1);
    }
    ck_assert(placement_differs(all, MOST, text));
    ck_assert_ptr_nonnull(strstr(text, "; and so on up to rank 11"));
}
END_TEST

START_TEST(enough_is_no_crowd)
{
    for (int r = 0; r < 8; r++)
        all[r] = at("a", "0-15");
    ck_assert(!placement_crowded(all, 8, 2, false, text));
    for (int r = 0; r < 4; r++)
        all[r] = at(r < 2 ? "a" : "b", r % 2 == 0 ? "0-1" : "2-3");
    ck_assert(!placement_crowded(all, 4, 2, false, text));
    all[0] = at("a", ""); /* unknown */
    ck_assert(!placement_crowded(all, 1, 2, false, text));
}
END_TEST

START_TEST(a_host_with_too_few_is_named)
{
    for (int r = 0; r < 5; r++)
        all[r] = at(r < 2 ? "a" : "b", "0-15");
    ck_assert(placement_crowded(all, 5, 6, false, text));
    ck_assert_str_eq(text,
                     "3 ranks x 6 threads take turns on the 16 cores that they have on b; "
                     "fewer are faster, and OMP_WAIT_POLICY=passive lets those work that "
                     "can");
    ck_assert(placement_crowded(all, 5, 6, true, text));
    ck_assert_ptr_null(strstr(text, "OMP"));
    all[0] = at("a", "0");
    all[1] = at("a", "1");
    ck_assert(placement_crowded(all, 2, 2, true, text));
    ck_assert_str_eq(text, "2 ranks x 2 threads take turns on the 2 cores that they have on a; "
                           "the host has more: mpirun --bind-to none, as scripts/run.sh has it "
                           "for threads");
}
END_TEST

START_TEST(ranks_on_the_same_core_are_named)
{
    const char *cores[4] = {"0", "5", "0", "6-9"};

    for (int r = 0; r < 4; r++)
        all[r] = at("a", cores[r]);
    ck_assert(placement_crowded(all, 4, 1, false, text));
    ck_assert_str_eq(text, "ranks 0 and 2, 1 thread each, are bound to the same 1 core of a, "
                           "though there are more; mpirun --bind-to none, or --map-by "
                           "slot:PE=1");
    snprintf(all[2].host, sizeof(all[2].host), "b");
    ck_assert(!placement_crowded(all, 4, 1, false, text));
}
END_TEST

START_TEST(a_rank_with_more_threads_than_cores_is_named)
{
    all[0] = at("a", "0-11");
    all[1] = at("a", "12");
    ck_assert(placement_crowded(all, 2, 2, false, text));
    ck_assert_str_eq(text,
                     "rank 1 has 2 threads, and is bound to 1 core of a, though there are "
                     "more; mpirun --bind-to none, or --map-by slot:PE=2");
}
END_TEST

START_TEST(this_process_is_somewhere)
{
    placement here = placement_get("here");

    ck_assert_str_eq(here.host, "here");
    ck_assert_int_ge(here.host_cores, 1);
    ck_assert_int_ge(affinity_count(&here.cores), 1);
    ck_assert_int_ge(here.host_nodes, here.nodes);
    if (access("/sys/devices/system/node/node0/cpulist", R_OK) == 0)
        ck_assert_int_ge(here.nodes, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("infer/placement");
    TCase *tests = tcase_create("placement");

    tcase_add_test(tests, one_process_is_described);
    tcase_add_test(tests, bound_ranks_are_described);
    tcase_add_test(tests, ranks_that_differ_are_told_apart);
    tcase_add_test(tests, many_that_differ_stay_one_line);
    tcase_add_test(tests, enough_is_no_crowd);
    tcase_add_test(tests, a_host_with_too_few_is_named);
    tcase_add_test(tests, ranks_on_the_same_core_are_named);
    tcase_add_test(tests, a_rank_with_more_threads_than_cores_is_named);
    tcase_add_test(tests, this_process_is_somewhere);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
