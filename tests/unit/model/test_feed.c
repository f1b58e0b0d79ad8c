/* test_feed.c - what the decoder is fed. */
#include "feed.h"

#include "unit_check.h"

/* Sentences of 3, 0 and 1 symbols, with their <end>, 2, in two grains. */
static const int32_t ids[] = {7, 8, 9, 2, 2, 5, 2}, offsets[] = {0, 4, 5, 7};
static const int32_t grain_rows[] = {0, 4, 7}, grain_sequences[] = {0, 1, 3};
static const packed truth = {.rows = 7,
                             .sequences = 3,
                             .grains = 2,
                             .first_grain = 4,
                             .ids = ids,
                             .offsets = offsets,
                             .grain_rows = grain_rows,
                             .grain_sequences = grain_sequences};

START_TEST(the_truth_is_fed_one_place_later)
{
    arena arena;
    int32_t *own;

    ck_assert_int_eq(arena_init(&arena, 4096), STATUS_OK);
    packed fed = feed_truth(&arena, &truth, &own);
    ck_assert_mem_eq(fed.ids, ((int32_t[]){1, 7, 8, 9, 1, 1, 5}), sizeof(ids));
    ck_assert_ptr_eq(fed.ids, own);
    ck_assert_int_eq(fed.rows, 7);
    ck_assert_int_eq(fed.sequences, 3);
    ck_assert_int_eq(fed.grains, 2);
    ck_assert_int_eq(fed.first_grain, 4);
    ck_assert_ptr_eq(fed.offsets, offsets);
    ck_assert_ptr_eq(fed.grain_rows, grain_rows);
    ck_assert_ptr_eq(fed.grain_sequences, grain_sequences);
    fed = feed_truth(&arena, &truth, NULL);
    ck_assert_ptr_ne(fed.ids, own);
    ck_assert_int_eq(fed.ids[6], 5);
    arena_free(&arena);
}
END_TEST

START_TEST(nothing_is_fed_for_no_sentence)
{
    static const int32_t zero[] = {0};
    const packed empty = {
        .offsets = zero, .grains = 0, .grain_rows = zero, .grain_sequences = zero};
    arena arena;

    ck_assert_int_eq(arena_init(&arena, 4096), STATUS_OK);
    packed fed = feed_truth(&arena, &empty, NULL);
    ck_assert_int_eq(fed.rows, 0);
    ck_assert_int_eq(fed.sequences, 0);
    arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model/feed");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, the_truth_is_fed_one_place_later);
    tcase_add_test(tests, nothing_is_fed_for_no_sentence);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
