/* synthetic.c - random sentence pairs for a measurement that needs no data. */
#include "lockstep/train/synthetic.h"

#include <stddef.h>

#include "lockstep/base/random.h"
#include "lockstep/base/token.h"

/* What the numbers of a pair are for: the last word of the counter. */
enum { DRAW_LENGTHS, DRAW_SOURCE, DRAW_TARGET };

int synthetic_longest(int length)
{
    return length + length / 2;
}

static int shortest(int length)
{
    return length - length / 2;
}

static void draw(const synthetic *of, int64_t pair, uint32_t number, uint32_t what,
                 uint32_t out[4])
{
    const uint32_t counter[4] = {(uint32_t)pair, (uint32_t)((uint64_t)pair >> 32), number,
                                 what};

    random_block(of->seed, RANDOM_BENCH, counter, out);
}

/* 0 .. count-1. */
static int scaled(uint32_t bits, int count)
{
    return (int)((uint64_t)bits * (uint64_t)count >> 32);
}

static void set_lengths(const synthetic *of, int64_t pair, int *source, int *target)
{
    int low = shortest(of->length), high = synthetic_longest(of->length);
    int near = of->length / 8;
    uint32_t bits[4];

    draw(of, pair, 0, DRAW_LENGTHS, bits);
    *source = low + scaled(bits[0], high - low + 1);
    *target = *source - near + scaled(bits[1], 2 * near + 1);
    *target = *target < low ? low : (*target > high ? high : *target);
}

static status lengths(void *context, int64_t first, int64_t count, int32_t *source,
                      int32_t *target)
{
    const synthetic *of = context;

    for (int64_t i = 0; i < count; i++) {
        int x, y;
        set_lengths(of, first + i, &x, &y);
        if (source != NULL)
            source[i] = x;
        if (target != NULL)
            target[i] = y;
    }
    return STATUS_OK;
}

/* One sentence; returns where the next one goes. */
static int32_t *fill(const synthetic *of, int64_t pair, uint32_t what, int length, int32_t *ids)
{
    uint32_t bits[4];

    for (int i = 0; i < length; i++) {
        if (i % 4 == 0)
            draw(of, pair, (uint32_t)i / 4, what, bits);
        ids[i] = TOKEN_SPECIALS + scaled(bits[i % 4], of->vocabulary - TOKEN_SPECIALS);
    }
    return ids + length;
}

static status load(void *context, int64_t first, int64_t count, int32_t *source_ids,
                   int32_t *target_ids)
{
    const synthetic *of = context;

    for (int64_t pair = first; pair < first + count; pair++) {
        int x, y;
        set_lengths(of, pair, &x, &y);
        if (source_ids != NULL)
            source_ids = fill(of, pair, DRAW_SOURCE, x, source_ids);
        if (target_ids != NULL)
            target_ids = fill(of, pair, DRAW_TARGET, y, target_ids);
    }
    return STATUS_OK;
}

pair_source synthetic_source(synthetic *of, int64_t pairs)
{
    return (pair_source){.context = of, .pairs = pairs, .lengths = lengths, .load = load};
}
