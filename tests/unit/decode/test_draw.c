/* test_draw.c - drawn symbols: how often, out of which. */
#include "draw.h"

#include <math.h>
#include <stdlib.h>

#include "lockstep/base/token.h"
#include "lockstep/tensor/kernels.h"
#include "unit_check.h"

enum { A = TOKEN_SPECIALS, B, C, D, SYMBOLS, DRAWS = 100000 };

static arena memory;

/* <unk>, <begin>, <end>, A, B, C, D */
static const double p[SYMBOLS] = {0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05};
static const int32_t begin[] = {TOKEN_BEGIN};

static void setup(void)
{
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)1 << 20), STATUS_OK);
}

static void teardown(void)
{
    arena_free(&memory);
}

static search_options options(double temperature, int top_k, double top_p)
{
    return (search_options){.temperature = temperature, .top_k = top_k, .top_p = top_p};
}

/* By the numbers of many sources. Four standard deviations and a half. */
static void expect(const search_options *o, const double expected[SYMBOLS])
{
    draw d = draw_push(&memory, SYMBOLS, o);
    float log_p[SYMBOLS];
    int counts[SYMBOLS] = {0};

    for (int v = 0; v < SYMBOLS; v++)
        log_p[v] = (float)log(p[v]);
    for (int i = 0; i < DRAWS; i++)
        counts[draw_symbol(&d, log_p, begin, 1, draw_uniform(5, i, 3))]++;
    for (int v = 0; v < SYMBOLS; v++) {
        double deviation = sqrt(expected[v] * (1.0 - expected[v]) / DRAWS);
        ck_assert_double_le(fabs((double)counts[v] / DRAWS - expected[v]), 4.5 * deviation);
    }
}

/* Shares of the symbols, which need not add up to 1. */
static void expect_shares(const search_options *o, const double shares[SYMBOLS])
{
    double expected[SYMBOLS], all = 0.0;

    for (int v = 0; v < SYMBOLS; v++)
        all += shares[v];
    for (int v = 0; v < SYMBOLS; v++)
        expected[v] = shares[v] / all;
    expect(o, expected);
}

static const struct {
    double temperature;
    int top_k;
    double top_p;
    double shares[SYMBOLS];
} cases[] = {
    {1.0, 0, 1.0, {5, 0, 20, 30, 20, 10, 5}},
    {1.0, 100, 1.0, {5, 0, 20, 30, 20, 10, 5}},
    {0.5, 0, 1.0, {25, 0, 400, 900, 400, 100, 25}},
    {1.0, 1, 1.0, {0, 0, 0, 1, 0, 0, 0}},
    {1.0, 2, 1.0, {0, 0, 20, 30, 0, 0, 0}}, /* <end> before B, which is as likely */
    {1.0, 3, 1.0, {0, 0, 20, 30, 20, 0, 0}},
    {1.0, 5, 1.0, {5, 0, 20, 30, 20, 10, 0}}, /* <unk> before D */
    {1.0, 0, 0.01, {0, 0, 0, 1, 0, 0, 0}},
    {1.0, 0, 0.34, {0, 0, 20, 30, 0, 0, 0}}, /* 30 of 90 is less, 50 is more */
    {1.0, 0, 0.8, {0, 0, 20, 30, 20, 10, 0}},
    {1.0, 3, 0.5, {0, 0, 20, 30, 0, 0, 0}},     /* 30 of 70 is less */
    {0.5, 0, 0.9, {0, 0, 400, 900, 400, 0, 0}}, /* 1700 of 1850 */
    {1e9, 3, 1.0, {1, 0, 1, 1, 0, 0, 0}},       /* all alike: <end>, then by number */
    {1e-9, 0, 1.0, {0, 0, 0, 1, 0, 0, 0}},
};

START_TEST(symbols_come_as_often_as_is_asked_for)
{
    const search_options o = options(cases[_i].temperature, cases[_i].top_k, cases[_i].top_p);

    expect_shares(&o, cases[_i].shares);
}
END_TEST

static float many[1000];

static int by_log_p(const void *a, const void *b)
{
    float x = many[*(const int32_t *)a], y = many[*(const int32_t *)b];

    return (x < y) - (x > y);
}

/* The symbols that come, `kept` of many, are the likeliest: those of a sorted list. */
START_TEST(of_many_symbols_the_likeliest_are_drawn)
{
    static const struct {
        int top_k;
        double top_p;
        int kept; /* 0: as many as make top_p */
    } wide[] = {{1, 1.0, 1}, {5, 1.0, 5}, {40, 1.0, 40}, {0, 0.3, 0}, {0, 0.9, 0}};
    const search_options o = options(1.0, wide[_i].top_k, wide[_i].top_p);
    draw d = draw_push(&memory, 1000, &o);
    int32_t sorted[1000];
    int drawn[1000] = {0}, kept = 0;
    double all = 0.0, sum = 0.0;

    for (int v = 0; v < 1000; v++) {
        many[v] = (float)(3.0 * sin(7.0 * v + 0.01 * v * v));
        sorted[v] = v;
        all += exp((double)many[v]);
    }
    qsort(sorted, 1000, sizeof(sorted[0]), by_log_p);
    for (; wide[_i].kept > 0 ? kept < wide[_i].kept : sum < wide[_i].top_p * all; kept++)
        sum += exp((double)many[sorted[kept]]);
    for (int i = 0; i < DRAWS / 3; i++)
        drawn[draw_symbol(&d, many, NULL, 0, draw_uniform(5, i, 0))]++;
    for (int rank = 0; rank < 1000; rank++)
        ck_assert_msg((drawn[sorted[rank]] > 0) == (rank < kept), "rank %d of %d", rank, kept);
}
END_TEST

START_TEST(what_is_never_drawn)
{
    static const int32_t never[] = {0, 1, 2, 3, 4, 5, 6};
    const float log_p[SYMBOLS] = {-1, 0, -2, -1, -1, -2, -3};
    const search_options o = options(1.0, _i == 0 ? 0 : 5, 1.0);
    draw d = draw_push(&memory, SYMBOLS, &o);

    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(draw_symbol(&d, log_p, never, 6, draw_uniform(5, i, 0)), D);
    ck_assert_int_eq(draw_symbol(&d, log_p, never, SYMBOLS, 0.5), -1);
}
END_TEST

/* Of seed, source and place, whatever came before. */
START_TEST(uniform_numbers_are_functions_of_what_they_are_for)
{
    double sum = 0.0;

    for (int i = 0; i < 1000; i++) {
        double u = draw_uniform(1, i, i % 7);
        ck_assert(u >= 0.0 && u < 1.0);
        ck_assert_double_eq(u, draw_uniform(1, i, i % 7));
        sum += u;
    }
    ck_assert_double_le(fabs(sum / 1000 - 0.5), 0.04);
    double u = draw_uniform(1, 2, 3);
    ck_assert(u != draw_uniform(2, 2, 3) && u != draw_uniform(1, 3, 3) &&
              u != draw_uniform(1, 2, 4) && u != draw_uniform(1, 2 + (INT64_C(1) << 32), 3));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/draw");
    TCase *tests = tcase_create("draw");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, symbols_come_as_often_as_is_asked_for, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_loop_test(tests, of_many_symbols_the_likeliest_are_drawn, 0, 5);
    tcase_add_loop_test(tests, what_is_never_drawn, 0, 2);
    tcase_add_test(tests, uniform_numbers_are_functions_of_what_they_are_for);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
