/* synthetic.c - random sentence pairs for a measurement that needs no data. */
#include "synthetic.h"

#include <stddef.h>

#include "lockstep/base/half.h"
#include "lockstep/base/random.h"
#include "lockstep/base/token.h"

/* What the numbers of a pair are for: the last word of the counter. */
enum { DRAW_LENGTHS, DRAW_SOURCE, DRAW_TARGET, DRAW_FRAMES };

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

/* Uniform with mean 0 and variance 1, as normalised features have. */
static uint16_t *fill_frames(const synthetic *of, int64_t pair, int length, uint16_t *to)
{
    int count = length * of->width;
    uint32_t bits[4];

    for (int i = 0; i < count; i++) {
        if (i % 4 == 0)
            draw(of, pair, (uint32_t)i / 4, DRAW_FRAMES, bits);
        to[i] = half_from_float((random_uniform(bits[i % 4]) - 0.5f) * 3.4641016f);
    }
    return to + count;
}

static void load_frames(const synthetic *of, int64_t first, int64_t count, uint16_t *to)
{
    for (int64_t pair = first; pair < first + count; pair++)
        to = fill_frames(of, pair, length_of(of, pair, SIDE_SOURCE), to);
}

static status load(void *context, dataset_side side, int64_t first, int64_t count, void *out)
{
    static const uint32_t what[SIDES] = {DRAW_SOURCE, DRAW_TARGET};
    const synthetic *of = context;
    int32_t *ids = out;

    if (side == SIDE_SOURCE && of->width > 0) {
        load_frames(of, first, count, out);
        return STATUS_OK;
    }
    for (int64_t pair = first; pair < first + count; pair++)
        ids = fill(of, pair, what[side], length_of(of, pair, side), ids);
    return STATUS_OK;
}

pair_source synthetic_source(synthetic *of, int64_t pairs)
{
    pair_source from = {.context = of, .pairs = pairs, .lengths = lengths, .load = load};

    if (of->width > 0)
        from.elements[SIDE_SOURCE] = (element){ELEMENT_FRAME, of->width};
    return from;
}
