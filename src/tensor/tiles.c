/* tiles.c - runs of rows that are worked on together. */
#include "lockstep/tensor/tiles.h"

static int tiles_of(int rows)
{
    return (rows + TILE_ROWS - 1) / TILE_ROWS;
}

tiles tiles_push(arena *arena, const packed *packed)
{
    int *first = arena_push(arena, (size_t)packed->grains + 1, sizeof(*first));
    const int32_t *start = packed->grain_rows;

    first[0] = 0;
    for (int g = 0; g < packed->grains; g++)
        first[g + 1] = first[g] + tiles_of(start[g + 1] - start[g]);
    int count = first[packed->grains];
    tile *list = arena_push(arena, (size_t)count, sizeof(*list));

    for (int g = 0; g < packed->grains; g++)
        for (int t = first[g]; t < first[g + 1]; t++) {
            int offset = (t - first[g]) * TILE_ROWS;
            int left = start[g + 1] - start[g] - offset;
            list[t] = (tile){.first = start[g] + offset,
                             .rows = left < TILE_ROWS ? left : TILE_ROWS,
                             .grain = g,
                             .offset = offset};
        }
    return (tiles){.count = count, .list = list, .grain_first = first};
}
