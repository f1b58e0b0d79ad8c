/* test_bleu.c - the counts of Papineni's example, and scores of sacreBLEU 2.6.0. */
#include "bleu.h"

#include "unit_check.h"

enum { MOST_REFERENCES = 2, MOST_LINES = 3 };

typedef struct corpus {
    double score;
    int lines, references;
    const char *output[MOST_LINES];
    const char *reference[MOST_LINES][MOST_REFERENCES];
} corpus;

static const corpus corpora[] = {
    {7.809849842300637, /* every order but the first smoothed */
     1,
     2,
     {"the the the the the the the"},
     {{"the cat is on the mat", "there is a cat on the mat"}}},
    {63.58420474065946, /* brevity penalty */
     1,
     1,
     {"Ein Mann in einem blauen Hemd steht auf einer Leiter."},
     {{"Ein Mann in einem blauen Hemd steht auf einer Leiter und putzt ein "
       "Fenster."}}},
    {48.530827009929865, /* two references, the shorter length on a tie */
     3,
     2,
     {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
     {{"The dog bit the man.", "The dog had bit the man."},
      {"It was not unexpected.", "No one was surprised."},
      {"The man bit him first.", "The man had bitten the dog."}}},
    {45.06750632106114,
     3,
     1,
     {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
     {{"The dog bit the man."}, {"It was not unexpected."}, {"The man bit him first."}}},
    {29.22410279524478, /* UTF-8, numbers, punctuation */
     3,
     1,
     {"Ein Mann mit orangefarbenem Hut starrt etwas an.",
      "Zwei Hunde spielen im hohen Gras; es kostet 3,50 \u20ac.",
      "Gr\u00f6\u00dfe: ca. 1.5-2 m"},
     {{"Ein Mann mit einem orangefarbenen Hut, der etwas anstarrt."},
      {"Zwei braune Hunde spielen im Gras, es kostet 3,50 \u20ac."},
      {"Gr\u00f6\u00dfe ca. 1,5-2 m"}}},
    {67.03200460356396, /* an empty output */
     2,
     1,
     {"", "a b c d e"},
     {{"z z"}, {"a b c d e"}}},
    {0.0, 2, 1, {"a b c", "d e"}, {{"a b c"}, {"d f"}}}, /* no 4-gram */
    {0.0, 2, 1, {"ab", "x"}, {{"a"}, {"y"}}},            /* no match */
};

START_TEST(scores_like_sacrebleu)
{
    const corpus *c = &corpora[_i];
    double counts[BLEU_COUNTS] = {0};

    for (int i = 0; i < c->lines; i++) {
        ck_assert_int_eq(bleu_add(counts, c->output[i], c->reference[i], c->references),
                         STATUS_OK);
    }
    ck_assert_double_eq_tol(bleu_score(counts), c->score, 1e-9);
}
END_TEST

/* Papineni et al. 2002, section 2.1.1: of the seven "the" two are in the
 * reference that has most, and no bigram matches. */
START_TEST(clips_matches)
{
    double counts[BLEU_COUNTS] = {0};
    const double expected[BLEU_COUNTS] = {7, 7, 2, 0, 0, 0, 7, 6, 5, 4};

    ck_assert_int_eq(bleu_add(counts, corpora[0].output[0], corpora[0].reference[0], 2),
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

    tcase_add_loop_test(tests, scores_like_sacrebleu, 0, sizeof(corpora) / sizeof(*corpora));
    tcase_add_test(tests, clips_matches);
    tcase_add_test(tests, scores_nothing_as_zero);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
