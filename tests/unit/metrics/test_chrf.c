/* test_chrf.c - against scores of sacreBLEU 2.6.0. */
#include "chrf.h"

#include "scored_corpus.h"
#include "unit_check.h"

static const scored_corpus shorter_is_nearer = {1, 2, {"abc"}, {{"abcdefg", "ab"}}};
static const scored_corpus by_hand = {1, 1, {"abc"}, {{"a b d"}}};
static const scored_corpus no_reference = {1, 1, {"abc"}, {{""}}};

static const struct {
    const scored_corpus *corpus;
    double score;
} known[] = {
    {&corpus_of_the, 14.232426848159646},
    {&corpus_of_a_dog, 59.72751782684763},
    {&corpus_of_numbers, 60.83973760690395},
    {&corpus_of_nothing, 45.45454545454545},
    {&corpus_with_a_hole, 92.07459207459206},
    {&shorter_is_nearer, 87.49999999999999},
    /* orders 1, 2, 3 match 2/3, 1/2, 0 on both sides */
    {&by_hand, 100.0 * (2.0 / 3 + 1.0 / 2) / 3},
    {&no_reference, 0.0},
};

START_TEST(scores_like_sacrebleu)
{
    double counts[CHRF_COUNTS] = {0};

    scored_corpus_check(known[_i].corpus, counts, chrf_add, chrf_score, known[_i].score);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/chrf");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, scores_like_sacrebleu, 0, sizeof(known) / sizeof(*known));
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
