/* feed.c - what the decoder is fed. */
#include "feed.h"

#include <string.h>

#include "lockstep/base/random.h"
#include "lockstep/base/token.h"

packed feed_truth(arena *arena, const packed *truth, int32_t **ids)
{
    int32_t *made = arena_push(arena, (size_t)truth->rows, sizeof(*made));
    packed fed = *truth;

    for (int s = 0; s < truth->sequences; s++) {
        int first = truth->offsets[s], end = truth->offsets[s + 1];

        made[first] = TOKEN_BEGIN;
        memcpy(made + first + 1, truth->ids + first, (size_t)(end - first - 1) * sizeof(*made));
    }
    fed.ids = made;
    if (ids != NULL)
        *ids = made;
    return fed;
}

/* ---- places of a parallel decoder ---- */

/* The truth's sentences with so many places each. */
static void set_places(packed *fed, arena *arena, int tokens)
{
    int32_t *offsets = arena_push(arena, (size_t)fed->sequences + 1, sizeof(*offsets));
    int32_t *grain_rows = arena_push(arena, (size_t)fed->grains + 1, sizeof(*grain_rows));

    for (int s = 0; s <= fed->sequences; s++)
        offsets[s] = s * tokens;
    for (int g = 0; g <= fed->grains; g++)
        grain_rows[g] = fed->grain_sequences[g] * tokens;
    fed->rows = fed->sequences * tokens;
    fed->offsets = offsets;
    fed->grain_rows = grain_rows;
}

/* Of what the random numbers of a sentence are a function. */
typedef struct drawing {
    const pass *pass;
    uint32_t grain, row; /* of the global batch; of the sentence's first place, in the grain */
} drawing;

/* Below `count`. `which` of a row's numbers: 0 or 1. */
static int below(const drawing *d, int place, int which, int count)
{
    const uint32_t counter[4] = {d->row + (uint32_t)place, d->grain, d->pass->draw, 0};
    uint32_t bits[4];

    random_block(d->pass->seed, RANDOM_MASK, counter, bits);
    return (int)((uint64_t)bits[which] * (uint64_t)count >> 32);
}

/* Of the sentence's `count` places so many that all numbers are equally likely, as all choices
 * of them are (Knuth's algorithm S), stay unknown; the others are told, and not scored. */
static int tell_some(const drawing *d, const int32_t *truth, int count, int32_t *ids,
                     int32_t *gold)
{
    int unknown = 1 + below(d, 0, 1, count), left = unknown;

    for (int i = 0; i < count; i++) {
        if (below(d, i, 0, count - i) < left) {
            left--;
            continue;
        }
        ids[i] = truth[i];
        gold[i] = -1;
    }
    return unknown;
}

/* One sentence of the grain that it is in; returns the rows that are scored. */
static int fill_sentence(const feed_parallel *how, const drawing *d, const packed *truth,
                         const packed *fed, int s, int32_t *ids, int32_t *gold)
{
    int count = truth->offsets[s + 1] - truth->offsets[s], first = fed->offsets[s];
    int places = fed->offsets[s + 1] - first;

    CHECK(count <= places);
    for (int i = 0; i < places; i++) {
        ids[first + i] = how->masked ? TOKEN_MASK : TOKEN_BEGIN;
        gold[first + i] = i < count ? truth->ids[truth->offsets[s] + i] : -1;
    }
    if (d == NULL || count == 0)
        return count;
    return tell_some(d, truth->ids + truth->offsets[s], count, ids + first, gold + first);
}

feed feed_places(const feed_parallel *how, const pass *pass, const packed *truth, bool draws)
{
    feed f = {.fed = *truth};

    if (how->tokens > 0)
        set_places(&f.fed, pass->arena, how->tokens);
    f.ids = arena_push(pass->arena, (size_t)f.fed.rows, sizeof(*f.ids));
    int32_t *gold = arena_push(pass->arena, (size_t)f.fed.rows, sizeof(*gold));

    for (int g = 0; g < truth->grains; g++)
        for (int s = truth->grain_sequences[g]; s < truth->grain_sequences[g + 1]; s++) {
            drawing d = {pass, (uint32_t)(truth->first_grain + g),
                         (uint32_t)(truth->offsets[s] - truth->grain_rows[g])};
            f.scored += fill_sentence(how, draws && how->masked ? &d : NULL, truth, &f.fed, s,
                                      f.ids, gold);
        }
    f.fed.ids = f.ids;
    f.gold = gold;
    return f;
}

/* ---- without a decoder ---- */

feed feed_answers(const pass *pass, const packed *truth, int first)
{
    int32_t *gold = arena_push(pass->arena, (size_t)truth->rows, sizeof(*gold));
    feed f = {.fed = *truth, .gold = gold};

    for (int r = 0; r < truth->rows; r++) {
        int32_t symbol = truth->ids[r];

        gold[r] = symbol < 0 ? GOLD_NONE : symbol < first ? GOLD_UNKNOWN : symbol - first;
        f.scored += gold[r] >= 0;
    }
    return f;
}
