/* test_ranking.c - the order of validations, ties, what falls out. */
#include "lockstep/checkpoint/ranking.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "unit_check.h"

static void assert_steps(const ranking *r, const char *want)
{
    char text[256] = "";

    for (int64_t i = 0; i < r->count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ", (int)r->steps[i]);
    ck_assert_str_eq(text, want);
}

static measurement of(double score)
{
    return (measurement){score, 1.0};
}

static void add_all(ranking *r)
{
    static const double scores[] = {2.0, 3.0, NAN, 1.0, 2.0, 3.0};

    for (int i = 0; i < 6; i++)
        ranking_add(r, 10 * (i + 1), of(scores[i]));
}

START_TEST(test_lower)
{
    ranking r = {0};

    ck_assert(!ranking_has(&r, 0, 5));
    add_all(&r);
    assert_steps(&r, "40 10 50 20 60 ");
    ck_assert(r.scores[0] == 1.0 && r.scores[2] == 2.0 && r.scores[4] == 3.0);
    ck_assert(ranking_prefers(&r, of(1.0), of(2.0)));
    ck_assert(!ranking_prefers(&r, of(2.0), of(2.0)));
    ck_assert(!ranking_prefers(&r, of(NAN), of(2.0)));
}
END_TEST

START_TEST(test_higher)
{
    ranking r = {.higher = 1};

    add_all(&r);
    assert_steps(&r, "20 60 10 50 40 ");
    ck_assert(ranking_prefers(&r, of(3.0), of(2.0)));
    ck_assert(!ranking_prefers(&r, of(NAN), of(2.0)));
}
END_TEST

START_TEST(test_the_lower_loss_wins_a_tie)
{
    static const measurement found[] = {{100.0, 0.1076},   {100.0, 0.1008}, {99.0, 0.01},
                                        {100.0, HUGE_VAL}, {100.0, 0.1008}, {100.0, 0.2}};
    ranking r = {.higher = 1};

    for (int i = 0; i < 6; i++)
        ranking_add(&r, 10 * (i + 1), found[i]);
    assert_steps(&r, "20 50 10 60 40 30 ");
    ck_assert(r.losses[0] == 0.1008 && r.losses[2] == 0.1076 && r.losses[5] == 0.01);
    ck_assert(ranking_prefers(&r, found[1], found[0]));
    ck_assert(!ranking_prefers(&r, found[0], found[1]));
    ck_assert(!ranking_prefers(&r, found[1], found[4]));
    ck_assert(!ranking_prefers(&r, found[2], found[0]));
}
END_TEST

START_TEST(test_places)
{
    ranking r = {0};

    add_all(&r);
    ck_assert(ranking_has(&r, 50, 3));
    ck_assert(!ranking_has(&r, 50, 2));
    ck_assert(ranking_has(&r, 60, 100));
    ck_assert(!ranking_has(&r, 30, 100));
}
END_TEST

START_TEST(test_full)
{
    ranking r = {0};

    for (int i = 0; i < RANKING_MOST; i++)
        ranking_add(&r, i, of(i));
    ranking_add(&r, 100, of(RANKING_MOST));
    ck_assert_int_eq(r.count, RANKING_MOST);
    ck_assert_int_eq(r.steps[RANKING_MOST - 1], RANKING_MOST - 1);
    ranking_add(&r, 101, of(0.5));
    ck_assert_int_eq(r.count, RANKING_MOST);
    ck_assert_int_eq(r.steps[1], 101);
    ck_assert_int_eq(r.steps[2], 1);
    ck_assert_int_eq(r.steps[RANKING_MOST - 1], RANKING_MOST - 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranking");
    TCase *tests = tcase_create("ranking");

    tcase_add_test(tests, test_lower);
    tcase_add_test(tests, test_higher);
    tcase_add_test(tests, test_the_lower_loss_wins_a_tie);
    tcase_add_test(tests, test_places);
    tcase_add_test(tests, test_full);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
