/* test_teacher_noise.c - how often, where and what noise changes. */
#include "teacher_noise.h"

#include <math.h>
#include <string.h>

#include "lockstep/text/vocabulary.h"
#include "packed_run.h"
#include "unit_check.h"

enum {
    GRAINS = 4,
    SEQUENCES = 4000,
    LENGTH = 11, /* <begin> included; of the longest sentence */
    MOST_ROWS = SEQUENCES * LENGTH,
    SYMBOLS = 40
};

/* Ids of places; no word has such numbers, so that what a token came from is seen. */
enum { OWN = 1000 };

static int32_t offsets[SEQUENCES + 1], truth[MOST_ROWS], ids[MOST_ROWS];
static const int32_t grain_sequences[GRAINS + 1] = {0, 1000, 1000, 1001, SEQUENCES};
static int places; /* that noise may change */

/* Lengths from 1, where <begin> stands alone, to LENGTH. */
static void setup(void)
{
    places = 0;
    for (int s = 0; s < SEQUENCES; s++) {
        offsets[s + 1] = offsets[s] + 1 + s * 7 % LENGTH;
        places += s * 7 % LENGTH;
    }
    for (int r = 0; r < MOST_ROWS; r++)
        truth[r] = OWN + r;
    for (int s = 0; s < SEQUENCES; s++)
        truth[offsets[s]] = TOKEN_BEGIN;
}

static void disturb(const teacher_noise *n, uint32_t draw)
{
    packed_run all = packed_run_create(truth, offsets, grain_sequences, 0, GRAINS);
    pass p = {.threads = 1, .seed = 3, .draw = draw};

    memcpy(ids, truth, sizeof(ids));
    teacher_noise_add(n, &p, &all.packed, ids);
    packed_run_free(&all);
}

/* count of `among` tries of probability p, within 4 standard deviations. */
static void check_rate(const char *what, int count, int among, double p)
{
    double bound = 4.0 * sqrt(p * (1.0 - p) * among);

    ck_assert_msg(fabs(count - p * among) <= bound, "%s: %d of %d, not %g +- %g", what, count,
                  among, p * among, bound);
}

static int count_between(int32_t first, int32_t end)
{
    int count = 0;

    for (int r = 0; r < offsets[SEQUENCES]; r++)
        count += ids[r] >= first && ids[r] < end;
    return count;
}

static void check_begins(void)
{
    int begins = 0;

    for (int s = 0; s < SEQUENCES; s++)
        begins += ids[offsets[s]] == TOKEN_BEGIN;
    ck_assert_int_eq(begins, SEQUENCES);
    ck_assert_int_eq(count_between(TOKEN_BEGIN, TOKEN_BEGIN + 1), SEQUENCES);
}

START_TEST(test_words_replace)
{
    teacher_noise n = {.replace = 0.3, .symbols = SYMBOLS};
    int words = SYMBOLS - TOKEN_SPECIALS;

    disturb(&n, 1);
    check_begins();
    int replaced = count_between(0, SYMBOLS) - SEQUENCES;
    check_rate("replaced", replaced, places, n.replace);
    ck_assert_int_eq(count_between(TOKEN_SPECIALS, SYMBOLS), replaced);
    for (int32_t w = TOKEN_SPECIALS; w < SYMBOLS; w++)
        check_rate("a word", count_between(w, w + 1), replaced, 1.0 / words);
    for (int r = 0; r < offsets[SEQUENCES]; r++)
        if (ids[r] >= OWN)
            ck_assert_int_eq(ids[r], truth[r]);
}
END_TEST

START_TEST(test_tokens_drop)
{
    teacher_noise n = {.drop = 0.15, .symbols = SYMBOLS};

    disturb(&n, 1);
    check_begins();
    int dropped = count_between(TOKEN_UNK, TOKEN_UNK + 1);
    check_rate("dropped", dropped, places, n.drop);
    ck_assert_int_eq(count_between(0, OWN), dropped + SEQUENCES);
}
END_TEST

/* Every sentence has its own tokens still, and none is further than one place from home:
 * what moved did so in pairs. */
static int count_swaps(void)
{
    int swaps = 0;

    for (int s = 0; s < SEQUENCES; s++)
        for (int r = offsets[s] + 1; r < offsets[s + 1]; r++) {
            if (ids[r] == truth[r])
                continue;
            ck_assert_int_lt(r + 1, offsets[s + 1]);
            ck_assert_int_eq(ids[r], truth[r + 1]);
            ck_assert_int_eq(ids[r + 1], truth[r]);
            swaps++;
            r++;
        }
    return swaps;
}

/* Pairs that may be swapped, weighted with the chance that the first of them is free: after
 * k places of a sentence that is q(k) = 1 - swap * q(k - 1). */
static double expected_swaps(double swap)
{
    double sum = 0.0;

    for (int s = 0; s < SEQUENCES; s++) {
        double free_now = 1.0;
        for (int r = offsets[s] + 1; r + 1 < offsets[s + 1]; r++) {
            sum += swap * free_now;
            free_now = 1.0 - swap * free_now;
        }
    }
    return sum;
}

START_TEST(test_neighbours_swap)
{
    teacher_noise n = {.swap = 0.2, .symbols = SYMBOLS};

    disturb(&n, 1);
    check_begins();
    double expected = expected_swaps(n.swap);
    ck_assert_double_eq_tol(count_swaps(), expected, 4.0 * sqrt(expected));
    n.swap = 1.0; /* 2 1 4 3 ... */
    disturb(&n, 1);
    ck_assert_double_eq(count_swaps(), expected_swaps(1.0));
}
END_TEST

static const double swaps[] = {0.1, 0.3, 0.9, 1.0};

/* What the reference of training.teacher_noise.swap says. */
START_TEST(test_the_share_that_swaps_in_a_long_sentence)
{
    teacher_noise n = {.swap = swaps[_i], .symbols = SYMBOLS};

    for (int s = 0; s < SEQUENCES; s++) {
        offsets[s] = s;
        truth[s] = TOKEN_BEGIN; /* and nothing after it but in the last one */
    }
    offsets[SEQUENCES] = MOST_ROWS;
    disturb(&n, 1);
    check_rate("swapped", count_swaps(), MOST_ROWS - SEQUENCES, n.swap / (1.0 + n.swap));
}
END_TEST

START_TEST(test_all_together)
{
    teacher_noise n = {.replace = 0.1, .drop = 0.2, .swap = 0.3, .symbols = SYMBOLS};

    disturb(&n, 1);
    check_begins();
    check_rate("replaced", count_between(TOKEN_SPECIALS, SYMBOLS), places, n.replace);
    check_rate("dropped", count_between(TOKEN_UNK, TOKEN_UNK + 1), places, n.drop);
    int moved = 0;
    for (int r = 0; r < offsets[SEQUENCES]; r++)
        moved += ids[r] >= OWN && ids[r] != truth[r];
    /* A swap moves two tokens, of which noise at the second's place may leave one. */
    ck_assert_int_gt(moved, (int)(1.5 * expected_swaps(n.swap)));
}
END_TEST

START_TEST(test_a_vocabulary_without_words)
{
    teacher_noise n = {.replace = 1.0, .symbols = TOKEN_SPECIALS};

    disturb(&n, 1);
    ck_assert_int_eq(count_between(TOKEN_UNK, TOKEN_UNK + 1), places);
}
END_TEST

START_TEST(test_only_the_position_counts)
{
    static int32_t all[MOST_ROWS];
    teacher_noise n = {.replace = 0.1, .drop = 0.1, .swap = 0.1, .symbols = SYMBOLS};

    disturb(&n, 1);
    memcpy(all, ids, sizeof(all));
    disturb(&n, 2);
    ck_assert_mem_ne(all, ids, sizeof(all));
    for (int g = 0; g < GRAINS; g++) { /* a rank for each */
        packed_run run = packed_run_create(truth, offsets, grain_sequences, g, g + 1);
        size_t bytes = (size_t)run.packed.rows * sizeof(*ids);
        pass p = {.threads = 2, .seed = 3, .draw = 1};
        memcpy(ids, truth + run.first_row, bytes);
        teacher_noise_add(&n, &p, &run.packed, ids);
        ck_assert_int_eq(memcmp(ids, all + run.first_row, bytes), 0);
        packed_run_free(&run);
    }
}
END_TEST

START_TEST(test_schedules)
{
    config c = {0};

    c.training.teacher_noise.replace = 0.25;
    c.training.teacher_noise.swap = 0.5;
    c.training.teacher_noise.schedule = FORCING_CONSTANT;
    c.training.teacher_noise.start = 4;
    teacher_noise before = teacher_noise_at(&c, 3, SYMBOLS);
    teacher_noise after = teacher_noise_at(&c, 4, SYMBOLS);
    ck_assert(!teacher_noise_is_on(&before) && teacher_noise_is_on(&after));
    ck_assert(after.replace == 0.25 && after.drop == 0.0 && after.swap == 0.5);
    ck_assert_int_eq(after.symbols, SYMBOLS);
    c.training.teacher_noise.schedule = FORCING_LINEAR;
    c.training.teacher_noise.decay = 0.125;
    c.training.teacher_noise.floor = 0.5;
    before = teacher_noise_at(&c, 4, SYMBOLS);
    after = teacher_noise_at(&c, 6, SYMBOLS);
    ck_assert(!teacher_noise_is_on(&before));
    ck_assert(after.replace == 0.0625 && after.swap == 0.125);
    after = teacher_noise_at(&c, 1000, SYMBOLS);
    ck_assert(after.replace == 0.125 && after.swap == 0.25);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("teacher_noise");
    TCase *tests = tcase_create("teacher_noise");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, test_words_replace);
    tcase_add_test(tests, test_tokens_drop);
    tcase_add_test(tests, test_neighbours_swap);
    tcase_add_loop_test(tests, test_the_share_that_swaps_in_a_long_sentence, 0,
                        (int)(sizeof(swaps) / sizeof(swaps[0])));
    tcase_add_test(tests, test_all_together);
    tcase_add_test(tests, test_a_vocabulary_without_words);
    tcase_add_test(tests, test_only_the_position_counts);
    tcase_add_test(tests, test_schedules);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
