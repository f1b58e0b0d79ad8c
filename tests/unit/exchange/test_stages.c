/* test_stages.c - who meets whom, and what is left after each stage. */
#include <stdbool.h>

#include "stages.h"
#include "unit_check.h"

enum { RANKS = 24, MOST_LEAVES = 3 * RANKS };

static const struct {
    int radices[4], count;
} lists[] = {{{24}, 1},   {{2, 12}, 2},   {{12, 2}, 2},
             {{3, 8}, 2}, {{4, 3, 2}, 3}, {{2, 2, 2, 3}, 4}};

enum { LISTS = sizeof lists / sizeof lists[0] };

START_TEST(every_rank_has_a_place_of_its_own)
{
    bool taken[RANKS] = {false};
    stages s;

    for (int rank = 0; rank < RANKS; rank++) {
        ck_assert_int_eq(stages_init(&s, rank, lists[_i].radices, lists[_i].count, 37),
                         STATUS_OK);
        ck_assert_int_eq(s.ranks, RANKS);
        ck_assert_int_eq(stages_place(&s, rank), s.place);
        ck_assert(!taken[s.place]);
        taken[s.place] = true;
        stages_free(&s);
    }
}
END_TEST

START_TEST(pairs_meet_once_and_agree)
{
    stages all[RANKS];

    for (int rank = 0; rank < RANKS; rank++)
        ck_assert_int_eq(stages_init(&all[rank], rank, lists[_i].radices, lists[_i].count, 37),
                         STATUS_OK);
    for (int rank = 0; rank < RANKS; rank++) {
        int met[RANKS] = {0};

        for (int i = 0; i < lists[_i].count; i++) {
            const stage *at = &all[rank].list[i];

            for (int m = 0; m < at->radix; m++) {
                int peer = stage_peer(&all[rank], at, m);
                const stage *theirs = &all[peer].list[i];

                met[peer]++;
                ck_assert_int_eq(theirs->digit, m);
                ck_assert_int_eq(theirs->place, at->place);
                ck_assert_int_eq(stage_nodes(theirs), at->first[m + 1] - at->first[m]);
                ck_assert_int_eq(stage_peer(&all[peer], theirs, at->digit), rank);
            }
        }
        for (int peer = 0; peer < RANKS; peer++)
            ck_assert_int_le(met[peer], peer == rank ? lists[_i].count : 1);
    }
    for (int rank = 0; rank < RANKS; rank++)
        stages_free(&all[rank]);
}
END_TEST

/* Follow the list with the first leaf of what each slot holds. */
static void check_homes(const stage *at)
{
    int begin[MOST_LEAVES], depth = 0;

    for (int leaf = 0; leaf < at->join.last; leaf++) {
        ck_assert_int_eq(at->join.step[leaf].slot, depth);
        begin[depth++] = leaf;
        depth -= at->join.step[leaf].merges;
    }
    ck_assert_int_eq(at->join.nodes, depth);
    for (int node = 0; node < depth; node++)
        ck_assert_int_eq(at->home[node], begin[node]);
}

START_TEST(sums_have_a_home)
{
    for (int grains = RANKS; grains < 3 * RANKS; grains++)
        for (int rank = 0; rank < RANKS; rank++) {
            stages s;

            ck_assert_int_eq(stages_init(&s, rank, lists[_i].radices, lists[_i].count, grains),
                             STATUS_OK);
            for (int i = 0; i < s.count; i++)
                check_homes(&s.list[i]);
            ck_assert_int_eq(s.list[s.count - 1].join.nodes, 1);
            stages_free(&s);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stages");
    TCase *tests = tcase_create("core");

    tcase_add_loop_test(tests, every_rank_has_a_place_of_its_own, 0, LISTS);
    tcase_add_loop_test(tests, pairs_meet_once_and_agree, 0, LISTS);
    tcase_add_loop_test(tests, sums_have_a_home, 0, LISTS);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
