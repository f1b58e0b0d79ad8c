/* ranking.c - the best validations of a run so far. */
#include "lockstep/checkpoint/ranking.h"

#include <math.h>

bool ranking_prefers(const ranking *r, measurement one, measurement other)
{
    if (one.score == other.score)
        return one.loss < other.loss;
    return r->higher ? one.score > other.score : one.score < other.score;
}

static measurement at(const ranking *r, int64_t place)
{
    return (measurement){r->scores[place], r->losses[place]};
}

static int64_t place_of(const ranking *r, measurement of)
{
    int64_t place = r->count;

    while (place > 0 && ranking_prefers(r, of, at(r, place - 1)))
        place--;
    return place;
}

void ranking_add(ranking *r, int64_t step, measurement of)
{
    int64_t place = place_of(r, of);

    if (isnan(of.score) || place == RANKING_MOST)
        return;
    if (r->count < RANKING_MOST)
        r->count++;
    for (int64_t i = r->count - 1; i > place; i--) {
        r->steps[i] = r->steps[i - 1];
        r->scores[i] = r->scores[i - 1];
        r->losses[i] = r->losses[i - 1];
    }
    r->steps[place] = step;
    r->scores[place] = of.score;
    r->losses[place] = of.loss;
}

bool ranking_has(const ranking *r, int64_t step, int places)
{
    for (int64_t i = 0; i < r->count && i < places; i++)
        if (r->steps[i] == step)
            return true;
    return false;
}
