/* synthetic.c - random sentence pairs for a measurement that needs no data. */
#include "synthetic.h"

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

static int length_of(const synthetic *of, int64_t pair, dataset_side side)
{
    int low = shortest(of->length), high = synthetic_longest(of->length);
    int near = of->length / 8;
    uint32_t bits[4];

    if (side == SIDE_TARGET && of->output == OUTPUT_LABEL)
        return 1;
    draw(of, pair, 0, DRAW_LENGTHS, bits);
    int source = low + scaled(bits[0], high - low + 1);
    int target = source - near + scaled(bits[1], 2 * near + 1);

    target = target < low ? low : (target > high ? high : target);
    return side == SIDE_SOURCE || of->output == OUTPUT_TAGS ? source : target;
}

static status lengths(void *context, dataset_side side, int64_t first, int64_t count,
                      int32_t *out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = length_of(context, first + i, side);
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

static status load(void *context, dataset_side side, int64_t first, int64_t count, void *out)
{
    static const uint32_t what[SIDES] = {DRAW_SOURCE, DRAW_TARGET};
    int32_t *ids = out;

    for (int64_t pair = first; pair < first + count; pair++)
        ids = fill(context, pair, what[side], length_of(context, pair, side), ids);
    return STATUS_OK;
}

pair_source synthetic_source(synthetic *of, int64_t pairs)
{
    return (pair_source){.context = of, .pairs = pairs, .lengths = lengths, .load = load};
}
