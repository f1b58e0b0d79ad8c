/* block.h - some rows times a panel of columns, summed in registers: what products are made of.
 *
 * Every element is one chain of multiply-adds in the order of the inner index, each rounded
 * once, so that its bits depend on its own row and column alone and are the same with every
 * instruction set.
 */
#ifndef LOCKSTEP_TENSOR_KERNELS_BLOCK_H
#define LOCKSTEP_TENSOR_KERNELS_BLOCK_H

#include "kernel.h"
#include "vector.h"

/* As many sums as the registers hold beside two vectors of the panel and one factor. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define BLOCK_ROWS 12
#else
#define BLOCK_ROWS 6
#endif

enum { LINE = 16 }; /* floats of a line of memory, which a prefetch brings */

/* The inner index goes so far at a time that a panel stays in a near cache, and the rows
 * beside it: in the second one where the registers hold more sums, for each of which less of
 * the panel is read. */
enum { BLOCK_DEPTH = (LANES == 16 ? 16384 : 5120) / PANEL };

/* How far it goes next, `left` being left: runs are of about the same length. */
static inline int block_depth(int left)
{
    int runs = (left + BLOCK_DEPTH - 1) / BLOCK_DEPTH;

    return runs == 0 ? 0 : (left + runs - 1) / runs;
}

/* Floats of rows that stay in the second cache while the panels go by. */
enum { STRIP_ROOM = 98304 };

/* How many rows there is room for, of a run of so many inner indices. */
static inline int block_strip(int depth)
{
    return STRIP_ROOM / (depth > 0 ? depth : 1) / BLOCK_ROWS * BLOCK_ROWS;
}

/* c = scale * (start * c + a b), [rows, columns]. With start 0 c is only written. */
typedef struct block {
    const float *a;
    bool a_turned;   /* stored [depth, rows], else [rows, depth] */
    size_t a_stride; /* floats from one row of what is stored to the next */
    size_t a_next;   /* floats from the first BLOCK_ROWS rows to the next ones */
    const float *b;  /* [depth, columns], its rows b_step floats apart: whole vectors are read,
                        so that as many floats as a panel has may be behind it */
    int b_step;
    float *b_kept; /* [depth, PANEL] the panel is written here as it is read, by the first rows,
                      and read here by the others; NULL: it is not */
    int depth;
    bool pairs; /* each float of a and b holds two numbers in bfloat16, of two inner indices,
                   which are summed as bfloat16.h says; where the set has AVX512_BF16 */
    float start, scale;
    float *c;
    size_t c_row;
} block;

/* Any number of rows, and of columns up to PANEL. */
void KERNEL(block_multiply)(const block *p, int rows, int columns);

/* The transpose of `from`, a row `step` floats behind the other. */
void KERNEL(block_turn)(matrix from, float *to, int step);

#endif
