/* test_pair_set.c */
#include "lockstep/data/pair_set.h"

#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
#include "unit_check.h"

static const int32_t numbers[] = {10, 11, 12, 13, 14, 15};

/* Sources of 2, 0 and 3 tokens, targets of 1, 2 and 0. */
static pair_set three_pairs(void)
{
    pair_set set = {0};

    ck_assert_int_eq(pair_set_add(&set, numbers, 2, numbers + 5, 1), STATUS_OK);
    ck_assert_int_eq(pair_set_add(&set, NULL, 0, numbers + 3, 2), STATUS_OK);
    ck_assert_int_eq(pair_set_add(&set, numbers + 2, 3, NULL, 0), STATUS_OK);
    return set;
}

START_TEST(lengths_and_numbers_are_those_added)
{
    pair_set set = three_pairs();
    pair_source source = pair_set_source(&set);
    int32_t x[3], y[3], ids[8];

    ck_assert_int_eq(source.pairs, 3);
    ck_assert_int_eq(source.lengths(source.context, 0, 3, x, y), STATUS_OK);
    ck_assert_int_eq(x[0], 2);
    ck_assert_int_eq(x[1], 0);
    ck_assert_int_eq(x[2], 3);
    ck_assert_int_eq(y[0], 1);
    ck_assert_int_eq(y[1], 2);
    ck_assert_int_eq(y[2], 0);
    ck_assert_int_eq(source.load(source.context, 1, 2, ids, NULL), STATUS_OK);
    ck_assert_int_eq(ids[0], 12);
    ck_assert_int_eq(ids[2], 14);
    ck_assert_int_eq(source.load(source.context, 1, 1, NULL, ids), STATUS_OK);
    ck_assert_int_eq(ids[0], 13);
    ck_assert_int_eq(ids[1], 14);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_target_is_found_by_its_pair)
{
    pair_set set = three_pairs();
    size_t count;

    const int32_t *ids = pair_set_target(&set, 0, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], 15);
    ids = pair_set_target(&set, 1, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(ids[0], 13);
    ck_assert_int_eq(ids[1], 14);
    pair_set_target(&set, 2, &count);
    ck_assert_uint_eq(count, 0);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_cleared_set_starts_anew)
{
    pair_set set = three_pairs();
    int32_t ids[4];

    pair_set_clear(&set);
    ck_assert_int_eq(set.pairs, 0);
    ck_assert_int_eq(pair_set_add(&set, numbers + 4, 1, numbers, 2), STATUS_OK);
    pair_source source = pair_set_source(&set);
    ck_assert_int_eq(source.pairs, 1);
    ck_assert_int_eq(source.load(source.context, 0, 1, ids, ids + 1), STATUS_OK);
    ck_assert_int_eq(ids[0], 14);
    ck_assert_int_eq(ids[1], 10);
    ck_assert_int_eq(ids[2], 11);
    pair_set_free(&set);
}
END_TEST

START_TEST(a_loader_packs_it)
{
    const loader_settings settings = {.tokens = 100, .grains = 2, .window = 3, .ranks = 1};
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
    ck_assert_int_eq(b.gold[b.target.offsets[1]], 13);
    ck_assert_int_eq(loader_next(from, &b, &end), STATUS_OK);
    ck_assert(end);
    loader_destroy(from);
    pair_set_free(&set);
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    for (size_t n = 1; n <= 4; n++) {
        pair_set set = {0};

        memory_fail_after(n);
        status result = pair_set_add(&set, numbers, 2, numbers, 2);
        memory_fail_after(0);
        ck_assert_int_eq(result, STATUS_NOMEM);
        pair_set_free(&set);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pair_set");
    TCase *group = tcase_create("pair_set");

    tcase_add_test(group, lengths_and_numbers_are_those_added);
    tcase_add_test(group, a_target_is_found_by_its_pair);
    tcase_add_test(group, a_cleared_set_starts_anew);
    tcase_add_test(group, a_loader_packs_it);
    tcase_add_test(group, lack_of_memory_is_reported);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
