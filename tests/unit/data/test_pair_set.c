/* test_pair_set.c */
#include "lockstep/data/pair_set.h"

#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
#include "made_up_pairs.h"
#include "unit_check.h"

static const int32_t numbers[] = {10, 11, 12, 13, 14, 15};

static void put(pair_set *set, dataset_side side, const int32_t *ids, size_t count)
{
    ck_assert_int_eq(pair_set_put(set, side, ids, count), STATUS_OK);
}

/* Sources of 2, 0 and 3 tokens, targets of 1, 2 and 0. */
static pair_set three_pairs(void)
{
    pair_set set = {0};

    put(&set, SIDE_SOURCE, numbers, 2);
    put(&set, SIDE_TARGET, numbers + 5, 1);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    put(&set, SIDE_SOURCE, NULL, 0);
    put(&set, SIDE_TARGET, numbers + 3, 2);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    put(&set, SIDE_SOURCE, numbers + 2, 3);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    return set;
}

static void check_load(const pair_source *from, dataset_side side, int64_t first, int64_t count,
                       const int32_t *expected, size_t most)
{
    int32_t ids[8];

    ck_assert_int_eq(from->load(from->context, side, first, count, ids), STATUS_OK);
    ck_assert_mem_eq(ids, expected, most * sizeof(*ids));
}

START_TEST(lengths_and_numbers_are_those_added)
{
    pair_set set = three_pairs();
    pair_source source = pair_set_source(&set);
    int32_t lengths[3];

    ck_assert_int_eq(source.pairs, 3);
    ck_assert_int_eq(source.lengths(source.context, SIDE_SOURCE, 0, 3, lengths), STATUS_OK);
    ck_assert_mem_eq(lengths, ((int32_t[]){2, 0, 3}), sizeof(lengths));
    ck_assert_int_eq(source.lengths(source.context, SIDE_TARGET, 0, 3, lengths), STATUS_OK);
    ck_assert_mem_eq(lengths, ((int32_t[]){1, 2, 0}), sizeof(lengths));
    check_load(&source, SIDE_SOURCE, 1, 2, (int32_t[]){12, 13, 14}, 3);
    check_load(&source, SIDE_SOURCE, 0, 3, (int32_t[]){10, 11, 12, 13, 14}, 5);
    check_load(&source, SIDE_TARGET, 1, 1, (int32_t[]){13, 14}, 2);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_side_is_found_by_its_pair)
{
    pair_set set = three_pairs();
    size_t count;

    const int32_t *ids = pair_set_get(&set, SIDE_TARGET, 0, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], 15);
    ids = pair_set_get(&set, SIDE_TARGET, 1, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(ids[0], 13);
    ck_assert_int_eq(ids[1], 14);
    pair_set_get(&set, SIDE_TARGET, 2, &count);
    ck_assert_uint_eq(count, 0);
    ids = pair_set_get(&set, SIDE_SOURCE, 2, &count);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(ids[0], 12);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_side_may_be_written_in_place_or_dropped)
{
    pair_set set = three_pairs();
    void *room;
    size_t count;

    put(&set, SIDE_SOURCE, numbers, 6);
    pair_set_drop(&set);
    ck_assert_int_eq(pair_set_begin(&set, SIDE_TARGET, 100, &room), STATUS_OK);
    ((int32_t *)room)[0] = 77;
    pair_set_end(&set, SIDE_TARGET, 1);
    put(&set, SIDE_SOURCE, numbers + 1, 1);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    ck_assert_int_eq(set.pairs, 4);
    const int32_t *ids = pair_set_get(&set, SIDE_SOURCE, 3, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], 11);
    ids = pair_set_get(&set, SIDE_TARGET, 3, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], 77);
    pair_set_free(&set);
    put(&set, SIDE_SOURCE, numbers, 6);
    pair_set_drop(&set); /* of a set without pairs */
    ck_assert_uint_eq(set.sides[SIDE_SOURCE].elements.size, 0);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_cleared_set_starts_anew)
{
    pair_set set = three_pairs();

    pair_set_clear(&set);
    ck_assert_int_eq(set.pairs, 0);
    put(&set, SIDE_SOURCE, numbers + 4, 1);
    put(&set, SIDE_TARGET, numbers, 2);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    pair_source source = pair_set_source(&set);
    ck_assert_int_eq(source.pairs, 1);
    check_load(&source, SIDE_SOURCE, 0, 1, (int32_t[]){14}, 1);
    check_load(&source, SIDE_TARGET, 0, 1, (int32_t[]){10, 11}, 2);
    pair_set_free(&set);
}
END_TEST

START_TEST(another_source_is_loaded_whole)
{
    enum { PAIRS = 300 };
    made_up_pairs made = {.fails_at = -1};
    const pair_source from = made_up_source(&made, PAIRS);
    pair_set set = {0};

    ck_assert_int_eq(pair_set_load(&set, &from), STATUS_OK);
    ck_assert_int_eq(set.pairs, PAIRS);
    for (int64_t pair = 0; pair < PAIRS; pair++) {
        size_t count;
        const int32_t *x = pair_set_get(&set, SIDE_SOURCE, pair, &count);
        ck_assert_int_eq((int)count, made_up_source_length(pair));
        for (int i = 0; i < (int)count; i++)
            ck_assert_int_eq(x[i], made_up_source_id(pair, i));
        const int32_t *y = pair_set_get(&set, SIDE_TARGET, pair, &count);
        ck_assert_int_eq((int)count, made_up_target_length(pair));
        for (int i = 0; i < (int)count; i++)
            ck_assert_int_eq(y[i], made_up_target_id(pair, i));
    }
    pair_set_free(&set);
    made.fails_at = 7;
    ck_assert_int_eq(pair_set_load(&set, &from), STATUS_IO);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_loader_packs_it)
{
    const loader_settings settings = {.tokens = 100,
                                      .grains = 2,
                                      .last_grain = 2,
                                      .window = 3,
                                      .specials = {{.end = true}, {.end = true}}};
    pair_set set = three_pairs();
    pair_source source = pair_set_source(&set);
    loader *from;
    batch b;
    bool end;

    ck_assert_int_eq(loader_create_from(&from, &source, &settings), STATUS_OK);
    ck_assert_int_eq(loader_next(from, &b, &end), STATUS_OK);
    ck_assert(!end);
    ck_assert_int_eq(b.source.rows, 8);
    ck_assert_int_eq(b.target.rows, 6);
    ck_assert_int_eq(b.source.ids[3], 2); /* <end> alone: an empty source */
    ck_assert_int_eq(b.target.ids[b.target.offsets[1]], 13);
    ck_assert_int_eq(loader_next(from, &b, &end), STATUS_OK);
    ck_assert(end);
    loader_destroy(from);
    pair_set_free(&set);
}
END_TEST

static status fill(pair_set *set)
{
    made_up_pairs made = {.fails_at = -1};
    const pair_source from = made_up_source(&made, 5);
    void *room;

    TRY(pair_set_load(set, &from));
    TRY(pair_set_put(set, SIDE_SOURCE, numbers, 2));
    TRY(pair_set_begin(set, SIDE_TARGET, 1000, &room));
    return pair_set_add(set);
}

START_TEST(lack_of_memory_is_reported)
{
    status result = STATUS_NOMEM;
    size_t n = 0;

    while (result != STATUS_OK) {
        pair_set set = {0};

        memory_fail_after(++n);
        result = fill(&set);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
        pair_set_free(&set);
    }
    ck_assert_uint_gt(n, 6); /* lengths, ends and elements of two sides, and more room */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pair_set");
    TCase *group = tcase_create("pair_set");

    tcase_add_test(group, lengths_and_numbers_are_those_added);
    tcase_add_test(group, a_side_is_found_by_its_pair);
    tcase_add_test(group, a_side_may_be_written_in_place_or_dropped);
    tcase_add_test(group, a_cleared_set_starts_anew);
    tcase_add_test(group, another_source_is_loaded_whole);
    tcase_add_test(group, a_loader_packs_it);
    tcase_add_test(group, lack_of_memory_is_reported);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
