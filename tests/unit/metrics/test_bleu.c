/* test_bleu.c - the counts of Papineni's example, and scores of sacreBLEU 2.6.0. */
#include "bleu.h"

#include "scored_corpus.h"
#include "unit_check.h"

/* Of the first of two references alone. */
static const scored_corpus one_reference = {
    3,
    1,
    {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
    {{"The dog bit the man."}, {"It was not unexpected."}, {"The man bit him first."}}};

static const scored_corpus shorter = {
    1,
    1,
    {"Ein Mann in einem blauen Hemd steht auf einer Leiter."},
    {{"Ein Mann in einem blauen Hemd steht auf einer Leiter und putzt ein Fenster."}}};

static const scored_corpus no_run_of_four = {2, 1, {"a b c", "d e"}, {{"a b c"}, {"d f"}}};

static const struct {
    const scored_corpus *corpus;
    double score;
} known[] = {
    {&corpus_of_the, 7.809849842300637},    /* every order but the first smoothed */
    {&shorter, 63.58420474065946},          /* brevity penalty */
    {&corpus_of_a_dog, 48.530827009929865}, /* the shorter length on a tie */
    {&one_reference, 45.06750632106114},
    {&corpus_of_numbers, 29.22410279524478},
    {&corpus_with_a_hole, 67.03200460356396},
    {&no_run_of_four, 0.0},
    {&corpus_of_nothing, 0.0},
};

START_TEST(scores_like_sacrebleu)
{
    double counts[BLEU_COUNTS] = {0};

    scored_corpus_check(known[_i].corpus, counts, bleu_add, bleu_score, known[_i].score);
}
END_TEST

/* Papineni et al. 2002, section 2.1.1: of the seven "the" two are in the
 * reference that has most, and no bigram matches. */
START_TEST(clips_matches)
{
    double counts[BLEU_COUNTS] = {0};
    const double expected[BLEU_COUNTS] = {7, 7, 2, 0, 0, 0, 7, 6, 5, 4};

    ck_assert_int_eq(bleu_add(counts, corpus_of_the.output[0], corpus_of_the.reference[0], 2),
                     STATUS_OK);
    for (int i = 0; i < BLEU_COUNTS; i++)
        ck_assert_double_eq(counts[i], expected[i]);
}
END_TEST

START_TEST(scores_nothing_as_zero)
{
    double counts[BLEU_COUNTS] = {0};

    ck_assert_double_eq(bleu_score(counts), 0.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/bleu");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, scores_like_sacrebleu, 0, sizeof(known) / sizeof(*known));
    tcase_add_test(tests, clips_matches);
    tcase_add_test(tests, scores_nothing_as_zero);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
