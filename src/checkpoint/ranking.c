/* ranking.c - the best validations of a run so far. */
#include "lockstep/checkpoint/ranking.h"

#include <math.h>

bool ranking_prefers(const ranking *r, double score, double other)
{
    return r->higher ? score > other : score < other;
}

static int64_t place_of(const ranking *r, double score)
{
    int64_t place = r->count;

    while (place > 0 && ranking_prefers(r, score, r->scores[place - 1]))
        place--;
    return place;
}

void ranking_add(ranking *r, int64_t step, double score)
{
    int64_t place = place_of(r, score);

    if (isnan(score) || place == RANKING_MOST)
        return;
    if (r->count < RANKING_MOST)
        r->count++;
    for (int64_t i = r->count - 1; i > place; i--) {
        r->steps[i] = r->steps[i - 1];
        r->scores[i] = r->scores[i - 1];
    }
    r->steps[place] = step;
    r->scores[place] = score;
}

bool ranking_has(const ranking *r, int64_t step, int places)
{
    for (int64_t i = 0; i < r->count && i < places; i++)
        if (r->steps[i] == step)
            return true;
    return false;
}
