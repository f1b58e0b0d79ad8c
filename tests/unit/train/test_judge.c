/* test_judge.c - which validation is the best, and what follows from it. */
#include "judge.h"

#include <math.h>

#include "unit_check.h"

static checkpoint_progress progress;

static void setup(void)
{
    progress =
        (checkpoint_progress){.best_step = -1, .best_metric = NAN, .best_loss = HUGE_VAL};
}

static bool note(int64_t step, double score)
{
    return judge_note(&progress, step, (measurement){score, 1.0}).best;
}

static void assert_stands(int64_t best_step, double best, int64_t without_better)
{
    ck_assert_int_eq(progress.best_step, best_step);
    ck_assert(progress.best_metric == best);
    ck_assert_int_eq(progress.without_better, without_better);
}

START_TEST(lower_may_be_better)
{
    ck_assert(note(10, 3.0)); /* the first */
    assert_stands(10, 3.0, 0);
    ck_assert(!note(20, 3.5));
    assert_stands(10, 3.0, 1);
    ck_assert_int_eq(progress.validated_step, 20);
    ck_assert(progress.validated_metric == 3.5);
    ck_assert(!note(30, 3.0)); /* as good is not better */
    assert_stands(10, 3.0, 2);
    ck_assert(note(40, 2.5));
    assert_stands(40, 2.5, 0);
    ck_assert_int_eq(progress.ranking.count, 4);
    ck_assert_int_eq(progress.ranking.steps[0], 40);
    ck_assert_int_eq(progress.ranking.steps[1], 10); /* the earlier of two */
}
END_TEST

START_TEST(higher_may_be_better)
{
    progress.ranking.higher = 1;
    ck_assert(note(10, 0.0));
    ck_assert(note(20, 0.5));
    ck_assert(!note(30, 0.25));
    assert_stands(20, 0.5, 1);
}
END_TEST

START_TEST(of_equal_scores_the_lower_loss_is_better)
{
    progress.ranking.higher = 1;
    ck_assert(judge_note(&progress, 600, (measurement){100.0, 0.1076}).best);
    ck_assert(judge_note(&progress, 1200, (measurement){100.0, 0.1008}).best);
    assert_stands(1200, 100.0, 1); /* patience goes by the score alone */
    ck_assert(progress.best_loss == 0.1008);
    ck_assert(!judge_note(&progress, 1800, (measurement){100.0, NAN}).best);
    ck_assert(!judge_note(&progress, 2400, (measurement){100.0, 0.1008}).best);
    ck_assert(!judge_note(&progress, 3000, (measurement){99.0, 0.01}).best);
    assert_stands(1200, 100.0, 4);
    ck_assert(progress.validated_loss == 0.01);
    ck_assert_int_eq(progress.ranking.steps[1], 2400);
}
END_TEST

START_TEST(what_is_not_a_number_is_never_better)
{
    ck_assert(note(10, 3.0));
    ck_assert(!note(20, NAN));
    assert_stands(10, 3.0, 1);
    ck_assert_int_eq(progress.ranking.count, 1);
    ck_assert_int_eq(progress.validated_step, 20);
}
END_TEST

/* A training that knows no more than its schedule; 0.5 as it stands, a quarter of the rate at
 * each cut, not below 0.1. */
static training on_plateau(config *c)
{
    *c = (config){
        .training.schedule = {
            .name = SCHEDULE_PLATEAU, .peak = 0.5, .decay = 0.25, .floor = 0.1, .patience = 2}};
    return (training){.config = c, .schedule = schedule_find("plateau")};
}

START_TEST(a_plateau_cuts_the_rate)
{
    config c;
    training t = on_plateau(&c);
    static const bool better[] = {true, false, false, false, true, false, false};
    static const double rates[] = {0.5, 0.5, 0.125, 0.125, 0.125, 0.125, 0.1};

    for (int i = 0; i < 7; i++) {
        judge_rate(&t, better[i]);
        ck_assert_double_eq(training_rate(&t), rates[i]);
    }
    t = on_plateau(&c);
    c.training.schedule.name = SCHEDULE_CONSTANT;
    for (int i = 0; i < 5; i++)
        judge_rate(&t, false);
    ck_assert_int_eq(t.plateau.cuts, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tests = tcase_create("judge");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, lower_may_be_better);
    tcase_add_test(tests, higher_may_be_better);
    tcase_add_test(tests, of_equal_scores_the_lower_loss_is_better);
    tcase_add_test(tests, what_is_not_a_number_is_never_better);
    tcase_add_test(tests, a_plateau_cuts_the_rate);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
