/* nearest.c - edit distance. */
#include "lockstep/config/nearest.h"

#include <stddef.h>
#include <string.h>

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int nearest_distance(const char *from, const char *to)
{
    size_t rows = strlen(from), columns = strlen(to);
    if (rows >= NEAREST_LENGTH_MAX || columns >= NEAREST_LENGTH_MAX)
        return NEAREST_LENGTH_MAX;
    int storage[3][NEAREST_LENGTH_MAX];
    int *before = storage[0], *above = storage[1], *row = storage[2];
    for (size_t j = 0; j <= columns; ++j)
        above[j] = (int)j;
    for (size_t i = 1; i <= rows; ++i) {
        row[0] = (int)i;
        for (size_t j = 1; j <= columns; ++j) {
            int change = above[j - 1] + (from[i - 1] != to[j - 1]);
            row[j] = smaller(change, 1 + smaller(above[j], row[j - 1]));
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        int *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[columns];
}

void nearest_init(nearest *n, const char *word)
{
    n->word = word;
    n->best = NULL;
    /* About one slip in five letters; further away is a guess that misleads. */
    n->distance = 2 + (int)(strlen(word) / 5);
}

void nearest_add(nearest *n, const char *candidate)
{
    int distance = nearest_distance(n->word, candidate);
    if (distance < n->distance && distance < NEAREST_LENGTH_MAX) {
        n->best = candidate;
        n->distance = distance;
    }
}
