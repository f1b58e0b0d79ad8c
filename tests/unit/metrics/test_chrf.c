/* test_chrf.c - against scores of sacreBLEU 2.6.0. */
#include "chrf.h"

#include "unit_check.h"

typedef struct corpus {
    double score;
    int lines, references;
    const char *output[3];
    const char *reference[3][2];
} corpus;

static const corpus corpora[] = {
    {14.232426848159646,
     1,
     2,
     {"the the the the the the the"},
     {{"the cat is on the mat", "there is a cat on the mat"}}},
    {59.72751782684763,
     3,
     2,
     {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
     {{"The dog bit the man.", "The dog had bit the man."},
      {"It was not unexpected.", "No one was surprised."},
      {"The man bit him first.", "The man had bitten the dog."}}},
    {60.83973760690395,
     3,
     1,
     {"Ein Mann mit orangefarbenem Hut starrt etwas an.",
      "Zwei Hunde spielen im hohen Gras; es kostet 3,50 \u20ac.",
      "Gr\u00f6\u00dfe: ca. 1.5-2 m"},
     {{"Ein Mann mit einem orangefarbenen Hut, der etwas anstarrt."},
      {"Zwei braune Hunde spielen im Gras, es kostet 3,50 \u20ac."},
      {"Gr\u00f6\u00dfe ca. 1,5-2 m"}}},
    {45.45454545454545, 2, 1, {"ab", "x"}, {{"a"}, {"y"}}},
    {92.07459207459206, 2, 1, {"", "a b c d e"}, {{"z z"}, {"a b c d e"}}},
    {87.49999999999999, 1, 2, {"abc"}, {{"abcdefg", "ab"}}},
    /* by hand: orders 1, 2, 3 match 2/3, 1/2, 0 on both sides */
    {100.0 * (2.0 / 3 + 1.0 / 2) / 3, 1, 1, {"abc"}, {{"a b d"}}},
    {0.0, 1, 1, {"abc"}, {{""}}},
};

START_TEST(scores_like_sacrebleu)
{
    const corpus *c = &corpora[_i];
    double counts[CHRF_COUNTS] = {0};

    for (int i = 0; i < c->lines; i++) {
        ck_assert_int_eq(chrf_add(counts, c->output[i], c->reference[i], c->references),
                         STATUS_OK);
    }
    ck_assert_double_eq_tol(chrf_score(counts), c->score, 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/chrf");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, scores_like_sacrebleu, 0, sizeof(corpora) / sizeof(*corpora));
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
