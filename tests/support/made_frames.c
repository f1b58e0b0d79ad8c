/* made_frames.c - pairs of frames and symbols that are made up. */
#include "made_frames.h"

#include "lockstep/base/half.h"
#include "lockstep/base/token.h"

int made_frames_length(int64_t pair, dataset_side side)
{
    return (int)(side == SIDE_SOURCE ? pair * 7 % (MADE_FRAMES_LONGEST + 1) : pair * 3 % 5);
}

float made_frames_number(int64_t pair, int frame, int column)
{
    return (float)(pair % 8) + 0.125f * (float)frame + 0.015625f * (float)column;
}

int32_t made_frames_symbol(int64_t pair, int i)
{
    return (int32_t)(TOKEN_SPECIALS + pair + i);
}

uint16_t *made_frames_write(int64_t pair, uint16_t *out)
{
    for (int f = 0; f < made_frames_length(pair, SIDE_SOURCE); f++)
        for (int c = 0; c < MADE_FRAMES_WIDTH; c++)
            *out++ = half_from_float(made_frames_number(pair, f, c));
    return out;
}

int32_t *made_frames_write_symbols(int64_t pair, int32_t *out)
{
    for (int i = 0; i < made_frames_length(pair, SIDE_TARGET); i++)
        *out++ = made_frames_symbol(pair, i);
    return out;
}

status made_frames_lengths(void *context, dataset_side side, int64_t first, int64_t count,
                           int32_t *out)
{
    (void)context;
    for (int64_t pair = first; pair < first + count; pair++)
        *out++ = made_frames_length(pair, side);
    return STATUS_OK;
}

status made_frames_load(void *context, dataset_side side, int64_t first, int64_t count,
                        void *out)
{
    (void)context;
    for (int64_t pair = first; pair < first + count; pair++)
        out = side == SIDE_SOURCE ? (void *)made_frames_write(pair, out)
                                  : (void *)made_frames_write_symbols(pair, out);
    return STATUS_OK;
}

pair_source made_frames_source(void)
{
    return (pair_source){.pairs = MADE_FRAMES_PAIRS,
                         .elements = {{ELEMENT_FRAME, MADE_FRAMES_WIDTH}, {ELEMENT_SYMBOL, 0}},
                         .lengths = made_frames_lengths,
                         .load = made_frames_load};
}
