/* packed.c - the sentences of a batch, one after another. */
#include "lockstep/tensor/packed.h"

packed packed_one_grain(arena *arena, const int32_t *ids, const int32_t *offsets, int sequences)
{
    int32_t *bounds = arena_push(arena, 4, sizeof(*bounds));

    bounds[0] = bounds[2] = 0;
    bounds[1] = offsets[sequences];
    bounds[3] = sequences;
    return (packed){.rows = offsets[sequences],
                    .sequences = sequences,
                    .grains = 1,
                    .ids = ids,
                    .offsets = offsets,
                    .grain_rows = bounds,
                    .grain_sequences = bounds + 2};
}
