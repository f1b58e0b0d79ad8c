/* test_feed.c - what the decoder is fed. */
#include "feed.h"

#include <math.h>
#include <stdlib.h>

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

/* ---- a parallel decoder ---- */

START_TEST(every_place_is_unknown_when_nothing_is_drawn)
{
    arena arena;

    ck_assert_int_eq(arena_init(&arena, 1 << 16), STATUS_OK);
    pass pass = {.arena = &arena};
    for (int masked = 0; masked < 2; masked++) {
        feed f = feed_places(&(feed_parallel){.masked = masked}, &pass, &truth, false);
        for (int r = 0; r < 7; r++)
            ck_assert_int_eq(f.fed.ids[r], masked ? 3 : 1);
        ck_assert_mem_eq(f.gold, ids, sizeof(ids));
        ck_assert_int_eq(f.scored, 7);
        ck_assert_int_eq(f.fed.rows, 7);
        ck_assert_ptr_eq(f.fed.offsets, offsets);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_fixed_number_of_places_is_fed_and_the_truth_scored)
{
    static const int32_t gold[] = {7, 8, 9, 2, -1, 2, -1, -1, -1, -1, 5, 2, -1, -1, -1};
    arena arena;

    ck_assert_int_eq(arena_init(&arena, 1 << 16), STATUS_OK);
    pass pass = {.arena = &arena, .seed = 1, .draw = 2};
    feed f = feed_places(&(feed_parallel){.tokens = 5}, &pass, &truth, true);
    ck_assert_int_eq(f.fed.rows, 15);
    ck_assert_mem_eq(f.fed.offsets, ((int32_t[]){0, 5, 10, 15}), 4 * sizeof(int32_t));
    ck_assert_mem_eq(f.fed.grain_rows, ((int32_t[]){0, 5, 15}), 3 * sizeof(int32_t));
    ck_assert_int_eq(f.fed.first_grain, 4);
    ck_assert_mem_eq(f.gold, gold, sizeof(gold));
    ck_assert_int_eq(f.scored, 7);
    for (int r = 0; r < 15; r++)
        ck_assert_int_eq(f.fed.ids[r], 1);
    arena_free(&arena);
}
END_TEST

/* Sentences of five symbols, 10 to 14, in one grain that is number `grain`. */
enum { MANY = 6000, LENGTH = 5 };

static feed feed_many(arena *arena, int tokens, int grain, uint32_t draw, int sentences)
{
    static int32_t symbols[MANY * LENGTH], ends[MANY + 1];
    static int32_t rows[2], sequences[2];
    pass pass = {.arena = arena, .seed = 3, .draw = draw};

    for (int r = 0; r < sentences * LENGTH; r++)
        symbols[r] = 10 + r % LENGTH;
    for (int s = 0; s <= sentences; s++)
        ends[s] = s * LENGTH;
    rows[1] = sentences * LENGTH;
    sequences[1] = sentences;
    packed many = {.rows = rows[1],
                   .sequences = sentences,
                   .grains = 1,
                   .first_grain = grain,
                   .ids = symbols,
                   .offsets = ends,
                   .grain_rows = rows,
                   .grain_sequences = sequences};
    return feed_places(&(feed_parallel){.tokens = tokens, .masked = true}, &pass, &many, true);
}

/* Every number of masks, and every choice of as many places, is equally likely. */
START_TEST(masks_are_drawn_evenly)
{
    int numbers[LENGTH + 1] = {0}, choices[1 << LENGTH] = {0}, scored = 0;
    arena arena;

    ck_assert_int_eq(arena_init(&arena, 1 << 22), STATUS_OK);
    feed f = feed_many(&arena, 0, 0, 9, MANY);
    for (int s = 0; s < MANY; s++) {
        int count = 0, choice = 0;
        for (int i = 0; i < LENGTH; i++) {
            int r = s * LENGTH + i;
            bool masked = f.fed.ids[r] == 3;
            ck_assert_int_eq(f.fed.ids[r], masked ? 3 : 10 + i);
            ck_assert_int_eq(f.gold[r], masked ? 10 + i : -1);
            count += masked;
            choice |= masked << i;
        }
        numbers[count]++;
        choices[choice]++;
        scored += count;
    }
    ck_assert_int_eq(f.scored, scored);
    ck_assert_int_eq(numbers[0], 0);
    for (int n = 1; n <= LENGTH; n++) /* 1200 each, deviation 31 */
        ck_assert_int_lt(abs(numbers[n] - MANY / LENGTH), 5 * 31);
    for (int c = 1; c < 1 << LENGTH; c++) {
        static const int of[LENGTH + 1] = {1, 5, 10, 10, 5, 1};
        double want = (double)MANY / LENGTH / of[__builtin_popcount((unsigned)c)];
        ck_assert_double_lt(fabs(choices[c] - want), 5 * sqrt(want));
    }
    arena_free(&arena);
}
END_TEST

/* A sentence's masks follow from its grain and its place there alone: not from where its rank's
 * rows begin, nor from how many places are fed. */
START_TEST(masks_follow_seed_draw_and_place)
{
    arena arena;
    int same = 0, told = 0;

    ck_assert_int_eq(arena_init(&arena, 1 << 22), STATUS_OK);
    feed all = feed_many(&arena, 0, 6, 9, 40), few = feed_many(&arena, 0, 6, 9, 25);
    feed wide = feed_many(&arena, LENGTH + 2, 6, 9, 40);
    feed other = feed_many(&arena, 0, 7, 9, 40), later = feed_many(&arena, 0, 6, 10, 40);
    ck_assert_mem_eq(few.fed.ids, all.fed.ids, 25 * LENGTH * sizeof(int32_t));
    for (int s = 0; s < 40; s++) {
        const int32_t *row = wide.fed.ids + (ptrdiff_t)s * (LENGTH + 2);
        ck_assert_mem_eq(row, all.fed.ids + (ptrdiff_t)s * LENGTH, LENGTH * sizeof(int32_t));
        ck_assert(row[LENGTH] == 3 && row[LENGTH + 1] == 3);
        ck_assert_int_eq(wide.gold[s * (LENGTH + 2) + LENGTH], -1);
    }
    for (int r = 0; r < 40 * LENGTH; r++) {
        same += (all.fed.ids[r] == other.fed.ids[r]) + (all.fed.ids[r] == later.fed.ids[r]);
        told += all.fed.ids[r] != 3;
    }
    ck_assert_int_lt(same, 2 * 40 * LENGTH * 3 / 4);
    ck_assert_int_gt(told, 40);
    arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model/feed");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, the_truth_is_fed_one_place_later);
    tcase_add_test(tests, nothing_is_fed_for_no_sentence);
    tcase_add_test(tests, every_place_is_unknown_when_nothing_is_drawn);
    tcase_add_test(tests, a_fixed_number_of_places_is_fed_and_the_truth_scored);
    tcase_add_test(tests, masks_are_drawn_evenly);
    tcase_add_test(tests, masks_follow_seed_draw_and_place);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
