/* tiles.c - runs of rows that are worked on together. */
#include "lockstep/tensor/tiles.h"

static int tiles_of(int rows)
{
    return (rows + TILE_ROWS - 1) / TILE_ROWS;
}

/* Row number `tile` begins with, of so many that a grain is cut into. */
static int cut(int rows, int tile, int tiles)
{
    return (int)((int64_t)rows * tile / tiles);
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

    for (int g = 0; g < packed->grains; g++) {
        int rows = start[g + 1] - start[g], tiles = first[g + 1] - first[g];
        for (int t = 0; t < tiles; t++) {
            int offset = cut(rows, t, tiles);
            list[first[g] + t] = (tile){.first = start[g] + offset,
                                        .rows = cut(rows, t + 1, tiles) - offset,
                                        .grain = g,
                                        .offset = offset};
        }
    }
    return (tiles){.count = count, .list = list, .grain_first = first};
}
