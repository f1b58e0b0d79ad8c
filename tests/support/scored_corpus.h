/* scored_corpus.h - outputs and references whose scores are known. */
#ifndef LOCKSTEP_TESTS_SCORED_CORPUS_H
#define LOCKSTEP_TESTS_SCORED_CORPUS_H

#include "lockstep/base/status.h"

typedef struct scored_corpus {
    int lines, references;
    const char *output[3];       /* [lines] */
    const char *reference[3][2]; /* [lines][references] */
} scored_corpus;

extern const scored_corpus corpus_of_the;     /* Papineni's example: one word, two references */
extern const scored_corpus corpus_of_a_dog;   /* three lines, two references */
extern const scored_corpus corpus_of_numbers; /* UTF-8, numbers, punctuation */
extern const scored_corpus corpus_of_nothing; /* no match */
extern const scored_corpus corpus_with_a_hole; /* an empty output, and a perfect one */

/* How a metric adds a line to its counts (bleu.h, chrf.h). */
typedef status scored_corpus_adder(double *counts, const char *output,
                                   const char *const *references, int count);

/* Add every line, and compare what `score` makes of the counts. */
void scored_corpus_check(const scored_corpus *corpus, double *counts, scored_corpus_adder *add,
                         double (*score)(const double *counts), double expected);

#endif
