/* nearest.h - "did you mean": the candidate a mistyped word is closest to. */
#ifndef LOCKSTEP_CONFIG_NEAREST_H
#define LOCKSTEP_CONFIG_NEAREST_H

enum { NEAREST_LENGTH_MAX = 96 }; /* longer words are near to nothing */

typedef struct nearest {
    const char *word, *best; /* borrowed; best NULL: nothing is near yet */
    int distance;            /* of best */
} nearest;

void nearest_init(nearest *nearest, const char *word);
void nearest_add(nearest *nearest, const char *candidate);

/* Insertions, deletions, substitutions and swaps of neighbours that lead from one
 * word to the other (optimal string alignment); NEAREST_LENGTH_MAX for a long one. */
int nearest_distance(const char *from, const char *to);

#endif
