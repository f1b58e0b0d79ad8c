/* tiles.h - runs of rows that are worked on together.
 *
 * Each grain is cut into as few tiles of at most TILE_ROWS rows as it can be, of about
 * equal size, so that they, and the bits of every product over them, depend on the grains
 * alone. A tile of the widths in use stays in a core's second-level cache.
 */
#ifndef LOCKSTEP_TENSOR_TILES_H
#define LOCKSTEP_TENSOR_TILES_H

#include "lockstep/base/arena.h"
#include "lockstep/tensor/matrix.h"
#include "lockstep/tensor/packed.h"

enum { TILE_ROWS = 640 };

typedef struct tile {
    int first, rows; /* of the rank's rows */
    int grain;       /* among the rank's grains */
    int offset;      /* of the first row, counted from the start of the grain */
} tile;

/* Of a tile, rows [first, first + rows). */
static inline tile tile_part(const tile *t, int first, int rows)
{
    return (tile){t->first + first, rows, t->grain, t->offset + first};
}

typedef struct tiles {
    int count;
    const tile *list;       /* [count] */
    const int *grain_first; /* [grains + 1] first tile of each grain */
} tiles;

/* A tile's rows of a matrix that has all of the rank's. */
static inline matrix tile_rows(matrix m, const tile *t)
{
    return matrix_rows(m, t->first, t->rows);
}

/* The tiles of a batch, in `arena`. */
tiles tiles_push(arena *arena, const packed *packed);

#endif
