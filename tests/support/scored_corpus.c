/* scored_corpus.c - outputs and references whose scores are known. */
#include "scored_corpus.h"

#include <check.h>

const scored_corpus corpus_of_the = {1,
                                     2,
                                     {"the the the the the the the"},
                                     {{"the cat is on the mat", "there is a cat on the mat"}}};

const scored_corpus corpus_of_a_dog = {
    3,
    2,
    {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
    {{"The dog bit the man.", "The dog had bit the man."},
     {"It was not unexpected.", "No one was surprised."},
     {"The man bit him first.", "The man had bitten the dog."}}};

const scored_corpus corpus_of_numbers = {
    3,
    1,
    {"Ein Mann mit orangefarbenem Hut starrt etwas an.",
     "Zwei Hunde spielen im hohen Gras; es kostet 3,50 \u20ac.",
     "Gr\u00f6\u00dfe: ca. 1.5-2 m"},
    {{"Ein Mann mit einem orangefarbenen Hut, der etwas anstarrt."},
     {"Zwei braune Hunde spielen im Gras, es kostet 3,50 \u20ac."},
     {"Gr\u00f6\u00dfe ca. 1,5-2 m"}}};

const scored_corpus corpus_of_nothing = {2, 1, {"ab", "x"}, {{"a"}, {"y"}}};

const scored_corpus corpus_with_a_hole = {2, 1, {"", "a b c d e"}, {{"z z"}, {"a b c d e"}}};

void scored_corpus_check(const scored_corpus *corpus, double *counts, scored_corpus_adder *add,
                         double (*score)(const double *counts), double expected)
{
    for (int i = 0; i < corpus->lines; i++)
        ck_assert_int_eq(
            add(counts, corpus->output[i], corpus->reference[i], corpus->references),
            STATUS_OK);
    ck_assert_double_eq_tol(score(counts), expected, 1e-9);
}
