/* pass.h - what every layer needs to know of the pass it takes part in.
 *
 * Layers work on tiles (tensor/tiles.h): functions that take plain matrices handle any
 * run of rows and are called from parallel loops over tiles; functions that take a
 * `pass` contain such loops, and push what they keep for backward on its arena.
 */
#ifndef LOCKSTEP_NN_PASS_H
#define LOCKSTEP_NN_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/arena.h"
#include "lockstep/slab/hooks.h"
#include "lockstep/slab/tree.h"
#include "lockstep/tensor/dropout.h"
#include "lockstep/tensor/factor.h"
#include "lockstep/tensor/packed.h"
#include "lockstep/tensor/tiles.h"

typedef struct pass {
    arena *arena;         /* lives until the step ends */
    const tree_run *tree; /* of this rank's grains; NULL without backward */
    int threads;
    bool dropout; /* off in validation and decoding */
    /* NULL: batch norm takes its running values, and moves none. */
    const batch_sums *batch;
    double running_share; /* of the batch in the new running values; 0: as PyTorch's 0.1 */
    const parameter_hooks *parameters; /* NULL: nobody wants to know */
    const packing_hook *packing;       /* NULL: products read what is there */
    uint64_t seed;
    uint32_t draw; /* number of the batch since the run's beginning, below 2^24 */
} pass;

/* The rows of one side of the batch. */
typedef struct stream {
    packed packed;
    tiles tiles;
    const int32_t *places; /* [rows] place of each token in its sentence, from 0 */
} stream;

stream stream_push(pass *pass, const packed *packed);

/* Layers go through a stream band by band, so that a band's rows are in cache from one of
 * their products to the next: grains [first, end), one for each thread. */
typedef struct band {
    int first, end;
} band;

/* The band that begins with grain `first`; the next begins with its end. */
band pass_band(const pass *pass, const stream *stream, int first);

/* A contiguous [rows, cols] matrix in the pass's arena, not initialised. */
matrix pass_matrix(pass *pass, int rows, int cols);

/* Likewise for what products alone read: rounded where they read it so (gemm.h) and `cols` is
 * even, its rows then not always end to end. */
factor pass_factor(pass *pass, int rows, int cols);

/* What is rounded is made in float32 first, so many rows at a time that products of them run
 * at their full rate and what they make stays in the second cache, in room for [ROUND_ROWS,
 * columns] of each thread's own: pass_rounding is that of all threads, and holds no row where
 * f is not rounded. */
enum { ROUND_ROWS = 128 };

matrix pass_rounding(pass *pass, factor f);
matrix pass_rounding_own(matrix all);

/* To be said by whoever reads values or sets gradients, as slab/hooks.h has it. */
void pass_need(const pass *pass, int last);
void pass_ready(const pass *pass, int first);
void pass_ready_use(const pass *pass, int index, int use);

/* Between products, by all threads of a loop (one alone does something): let messages move.
 * Wherever no call comes for some milliseconds they stand still. */
void pass_move(const pass *pass);

/* The dropout of `site` at `rate` for a tile, written to `*d`; NULL where nothing is
 * dropped. */
const dropout *pass_dropout(const pass *pass, double rate, int site, const stream *stream,
                            const tile *tile, dropout *d);

#endif
