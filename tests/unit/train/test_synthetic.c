/* test_synthetic.c - random sentences: their lengths, their symbols, any order of reading. */
#include "synthetic.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/base/half.h"
#include "lockstep/text/vocabulary.h"
#include "unit_check.h"

enum { PAIRS = 20000, VOCABULARY = 50, ROOM = 64 };

static int32_t x[PAIRS], y[PAIRS];

static double mean(const int32_t *values)
{
    double sum = 0.0;

    for (int i = 0; i < PAIRS; i++)
        sum += values[i];
    return sum / PAIRS;
}

static void read_lengths(const pair_source *from, int64_t first, int64_t count)
{
    ck_assert_int_eq(from->lengths(from->context, SIDE_SOURCE, first, count, x), STATUS_OK);
    ck_assert_int_eq(from->lengths(from->context, SIDE_TARGET, first, count, y), STATUS_OK);
}

static void read_ids(const pair_source *from, dataset_side side, int64_t first, int64_t count,
                     int32_t *ids)
{
    ck_assert_int_eq(from->load(from->context, side, first, count, ids), STATUS_OK);
}

static void check_lengths(int length)
{
    synthetic of = {.seed = 3, .vocabulary = VOCABULARY, .length = length};
    pair_source from = synthetic_source(&of, PAIRS);
    int least = PAIRS, most = 0, apart = 0;

    ck_assert_int_eq(from.pairs, PAIRS);
    read_lengths(&from, 0, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        int shorter = x[i] < y[i] ? x[i] : y[i], longer = x[i] < y[i] ? y[i] : x[i];
        least = shorter < least ? shorter : least;
        most = longer > most ? longer : most;
        apart = longer - shorter > apart ? longer - shorter : apart;
    }
    ck_assert_int_eq(least, (length + 1) / 2);
    ck_assert_int_eq(most, 3 * length / 2);
    ck_assert_int_eq(most, synthetic_longest(length));
    ck_assert_int_eq(apart, length / 8);
    ck_assert_double_eq_tol(mean(x), length, 0.01 * length);
    ck_assert_double_eq_tol(mean(y), length, 0.01 * length);
}

START_TEST(test_lengths)
{
    for (int length = 1; length <= 41; length += 10)
        check_lengths(length);
    check_lengths(20);
}
END_TEST

START_TEST(test_labels_and_tags)
{
    synthetic of = {.seed = 3, .vocabulary = VOCABULARY, .length = 9, .output = OUTPUT_LABEL};
    pair_source from = synthetic_source(&of, PAIRS);

    read_lengths(&from, 0, PAIRS);
    for (int i = 0; i < PAIRS; i++)
        ck_assert(y[i] == 1 && x[i] >= 5 && x[i] <= 13);
    of.output = OUTPUT_TAGS;
    read_lengths(&from, 0, PAIRS);
    for (int i = 0; i < PAIRS; i++)
        ck_assert_int_eq(y[i], x[i]);
}
END_TEST

START_TEST(test_every_symbol_but_specials)
{
    synthetic of = {.seed = 3, .vocabulary = VOCABULARY, .length = 9};
    pair_source from = synthetic_source(&of, PAIRS);
    int seen[2][VOCABULARY] = {{0}};
    int32_t ids[2][ROOM];

    for (int i = 0; i < 500; i++) {
        read_lengths(&from, i, 1);
        read_ids(&from, SIDE_SOURCE, i, 1, ids[0]);
        read_ids(&from, SIDE_TARGET, i, 1, ids[1]);
        for (int k = 0; k < x[0]; k++)
            seen[0][ids[0][k]]++;
        for (int k = 0; k < y[0]; k++)
            seen[1][ids[1][k]]++;
    }
    for (int side = 0; side < 2; side++)
        for (int id = 0; id < VOCABULARY; id++) {
            ck_assert_int_eq(seen[side][id] > 0, id >= TOKEN_SPECIALS);
            ck_assert_int_lt(seen[side][id], 200); /* 96 are expected */
        }
}
END_TEST

START_TEST(test_any_run_of_pairs_reads_alike)
{
    enum { RUN = 50, FIRST = 1000 };
    static int32_t all[RUN * ROOM], single[ROOM];
    synthetic of = {.seed = 3, .vocabulary = VOCABULARY, .length = 20};
    pair_source from = synthetic_source(&of, PAIRS);
    const int32_t *at = all;

    read_ids(&from, SIDE_TARGET, FIRST, RUN, all);
    for (int i = 0; i < RUN; i++) {
        read_lengths(&from, FIRST + i, 1);
        read_ids(&from, SIDE_TARGET, FIRST + i, 1, single);
        ck_assert_int_eq(memcmp(single, at, (size_t)y[0] * sizeof(int32_t)), 0);
        at += y[0];
    }
    of.seed = 4;
    static int32_t other[RUN * ROOM];
    read_ids(&from, SIDE_TARGET, FIRST, RUN, other);
    ck_assert_int_ne(memcmp(other, all, sizeof(int32_t) * ROOM), 0);
}
END_TEST

/* Frames have the lengths of symbols, and values of mean 0 and variance 1. */
START_TEST(test_frames)
{
    enum { WIDTH = 6, RUN = 50, COUNT = RUN * ROOM * WIDTH };
    static uint16_t all[COUNT], single[ROOM * WIDTH];
    static int32_t symbols[PAIRS];
    synthetic of = {.seed = 3, .vocabulary = VOCABULARY, .length = 20};
    pair_source from = synthetic_source(&of, PAIRS);
    double sum = 0.0, squares = 0.0, count = 0.0;
    const uint16_t *at = all;

    ck_assert_int_eq(from.elements[SIDE_SOURCE].kind, ELEMENT_SYMBOL);
    read_lengths(&from, 0, PAIRS);
    memcpy(symbols, x, sizeof(symbols));
    of.width = WIDTH;
    from = synthetic_source(&of, PAIRS);
    ck_assert_int_eq(from.elements[SIDE_SOURCE].kind, ELEMENT_FRAME);
    ck_assert_int_eq(from.elements[SIDE_SOURCE].width, WIDTH);
    ck_assert_int_eq(from.elements[SIDE_TARGET].kind, ELEMENT_SYMBOL);
    read_lengths(&from, 0, PAIRS);
    ck_assert_mem_eq(x, symbols, sizeof(symbols));
    ck_assert_int_eq(from.load(from.context, SIDE_SOURCE, 0, RUN, all), STATUS_OK);
    for (int i = 0; i < RUN; at += x[i] * WIDTH, i++) {
        ck_assert_int_eq(from.load(from.context, SIDE_SOURCE, i, 1, single), STATUS_OK);
        ck_assert_mem_eq(single, at, (size_t)(x[i] * WIDTH) * sizeof(*single));
    }
    for (const uint16_t *v = all; v < at; v++, count++) {
        sum += half_to_float(*v);
        squares += half_to_float(*v) * half_to_float(*v);
    }
    ck_assert_double_eq_tol(sum / count, 0.0, 0.05);
    ck_assert_double_eq_tol(squares / count, 1.0, 0.05);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synthetic");
    TCase *tests = tcase_create("synthetic");

    tcase_add_test(tests, test_lengths);
    tcase_add_test(tests, test_labels_and_tags);
    tcase_add_test(tests, test_every_symbol_but_specials);
    tcase_add_test(tests, test_any_run_of_pairs_reads_alike);
    tcase_add_test(tests, test_frames);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
