/* kernels.h - the inner loops, those of matrix products of our own too, compiled for several
 * instruction sets.
 *
 * Each works on a run of rows and has the same bits for a row wherever it stands.
 * All matrices of one call have the same rows; `dropout` may be NULL.
 */
#ifndef LOCKSTEP_TENSOR_KERNELS_H
#define LOCKSTEP_TENSOR_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/tensor/dropout.h"
#include "lockstep/tensor/factor.h"
#include "lockstep/tensor/matrix.h"

/* s = x + dropout(branch + branch_bias); xhat = (s - mean) * rstd; y = gain * xhat +
 * bias (Ba et al. 2016), rstd = 1 / sqrt(biased variance + epsilon). */
typedef struct norm_forward_args {
    matrix x;
    matrix branch; /* data NULL: s = x */
    const float *branch_bias;
    const dropout *dropout;
    const float *gain, *bias;
    float epsilon;
    matrix xhat, y; /* outputs */
    float *rstd;    /* [rows] output */
} norm_forward_args;

/* With g = gain * dy:  ds = rstd * (g - mean(g) - xhat * mean(g * xhat)), plus `carry`
 * where given; dbranch = dropout mask * ds. Column sums are set. */
typedef struct norm_backward_args {
    matrix dy, xhat;
    const float *rstd, *gain;
    const dropout *dropout;
    matrix carry;         /* data NULL: none */
    matrix ds;            /* output; may be dy itself, not carry */
    matrix dbranch;       /* output with dropout; without it ds is the branch's gradient */
    float *dgain, *dbias; /* [cols] outputs: sums of dy * xhat and of dy */
    float *dbranch_sum;   /* [cols] output: the branch gradient's column sums; NULL: there
                             is no branch */
} norm_backward_args;

/* By column: xhat = (x - mean) * rstd in place of x, y = gain * xhat + bias. */
typedef struct batch_norm_forward_args {
    matrix x;                               /* xhat afterwards */
    const float *mean, *rstd, *gain, *bias; /* [cols] */
    matrix y;                               /* output */
} batch_norm_forward_args;

/* By column: ds = gain * rstd * (dy - mean_dy - xhat * mean_product), plus `carry` where
 * given; dbranch = dropout mask * ds. */
typedef struct batch_norm_backward_args {
    matrix dy, xhat;
    const float *rstd, *gain, *mean_dy, *mean_product; /* [cols] */
    const dropout *dropout;
    matrix carry;       /* data NULL: none */
    matrix ds;          /* output; may be dy itself, not carry */
    matrix dbranch;     /* output with dropout; without it ds is the branch's gradient */
    float *dbranch_sum; /* [cols] output: the branch gradient's column sums; NULL: there is
                           no branch */
} batch_norm_backward_args;

/* A block of symbols [first, first + cols) of the logits of a run of rows. Forward takes
 * products and leaves exp(logit - largest), largest being that of the row in this block: a
 * row's softmax is put together from its blocks while they are in cache (Milakov &
 * Gimelshein 2018). */
typedef struct softmax_block {
    matrix logits;
    const float *bias;   /* [cols] */
    const int32_t *gold; /* [rows] in the whole vocabulary; NULL: none */
    int first;
    float *largest;    /* [rows] output */
    float *sum;        /* [rows] output: that of the exponentials; NULL: the logits stay */
    float *total;      /* [rows] output: sum of the logits; NULL: not wanted */
    float *gold_logit; /* [rows] output where the row's gold symbol is in this block */
} softmax_block;

/* The gradient of the loss: logits = factor[row] * logits - uniform, and minus `one` at the
 * gold symbol. */
typedef struct softmax_block_gradient {
    matrix logits;
    const int32_t *gold;
    int first;
    const float *factor; /* [rows] */
    float uniform, one;
    float *sum; /* [cols] output: column sums */
} softmax_block_gradient;

enum { LAID_GROUP = 32 };

/* Some columns and inner indices of a product's b, from its first ones on, rounded to bfloat16
 * and laid as instructions for it read them: [cols / LAID_GROUP, depth / 2, LAID_GROUP], two
 * inner indices in the place of a float, `panel` floats from a group of columns to the next. */
typedef struct laid_factor {
    const float *pairs;
    int cols, depth; /* multiples of LAID_GROUP, or 0: nothing is laid */
    size_t panel;
} laid_factor;

/* c = alpha * (beta / alpha * c + a b), [m,n] = [m,k] [k,n]: every element is one chain of
 * multiply-adds in the order of the inner index, each rounded once, from what it begins with.
 * With beta 0 c is only written. alpha is not 0. */
typedef struct product {
    factor a, b;             /* rounded: for products in bfloat16 by a set that has lay_both */
    bool a_turned, b_turned; /* stored as [k,m], as [n,k] */
    float alpha, beta;
    matrix c;
    laid_factor b_laid; /* for products in bfloat16 by a set that has lay_both; its columns may
                           go on behind b's */
} product;

/* y = x B for any rows x [rows, depth] and columns [first, first + cols) of a packed matrix B
 * [depth, columns]: its columns stand in panels, kernels' `panel` of them each and the last
 * one with what is left, and a panel row by row. As many floats as a panel has columns may be
 * read behind the last one. Every element is summed from 0 as a product's is: its bits depend
 * on its own row and column alone. */
typedef struct row_product {
    const float *x;
    size_t x_stride;
    int rows, depth;
    const float *b; /* the first panel */
    int columns;
    int first, cols; /* 0 <= first < panel: columns before the first panel are none of ours */
    float *y;
    size_t y_stride;
} row_product;

/* Of y = x B + bias, B as row_product has it and the symbols its columns, the largest element
 * of each row and its symbol, the first of equals. What is in `best` must be surpassed. */
typedef struct best_product {
    const float *x;
    size_t x_stride;
    int rows, depth;
    const float *b;
    int columns;
    const float *bias;    /* [columns] */
    float *best;          /* [rows] */
    int32_t *symbols;     /* [rows] set where something is better */
    const int32_t *never; /* [nevers] symbols that are passed over */
    int nevers;
} best_product;

/* Places of keys that stand together. */
enum { ATTEND_PLACES = 16 };

/* softmax(scale * q K^T) V of one query, head by head (Vaswani et al. 2017), `width` being
 * heads * head_width: context [width] is set. */
typedef struct attend {
    int heads, head_width, width;
    int places; /* at least 1 */
    float scale;
    const float *query; /* [width] */
    /* Blocks of ATTEND_PLACES places, `stride` floats apart. */
    const float *keys;   /* [width][ATTEND_PLACES] each */
    const float *values; /* [ATTEND_PLACES][width] each */
    size_t stride;
    float *weights; /* scratch: [heads, room] */
    int room;       /* at least as many places as whole blocks of keys have */
    float *context; /* output */
} attend;

enum { TOP_BLOCK_COLS = 512 }; /* of a top_block, at most */

/* A block of symbols [first, first + cols) of the products of a run of rows: their logits'
 * largest, the sum of the exponentials of their difference from it, and the list of the
 * `count` largest so far, which is added to. What the logits are afterwards is x + bias. */
typedef struct top_block {
    matrix logits;
    const float *bias; /* [cols] */
    int first;
    float *largest, *sum; /* [rows] outputs */
    int count;
    float *best;          /* [rows, count] falling; -infinity where there is none yet */
    int32_t *symbols;     /* [rows, count] theirs; of equals the one that was found first */
    const int32_t *never; /* [nevers] symbols that get into no list */
    int nevers;
} top_block;

typedef struct kernels {
    const char *name; /* "v2", "v3", "v4", "bf16", "amx" of x86-64, or "native" */

    void (*bias_add)(matrix x, const float *bias);
    /* x = dropout(max(0, x + bias)), denormal numbers being 0, as they are in bfloat16 */
    void (*bias_relu)(matrix x, const float *bias, const dropout *dropout);
    /* dx = y > 0 ? scale * dy : 0 in place of dy, y being bias_relu's result and scale
     * the dropout's (1 without); sum[cols] += its column sums. */
    void (*relu_backward)(matrix dy, factor y, float scale, float *sum);
    /* x += bias; y = dropout(gelu(x)), gelu(x) = x * Phi(x) (Hendrycks & Gimpel 2016) */
    void (*bias_gelu)(matrix x, const float *bias, matrix y, const dropout *dropout);
    /* In place of dy, from the x that bias_gelu left, rounded to bfloat16 or, with `rounds`,
     * taken as if it were; sum as above. */
    void (*gelu_backward)(matrix dy, factor x, bool rounds, const dropout *dropout, float *sum);

    /* y = x + dropout(branch + bias); y may be x */
    void (*residual_add)(matrix x, matrix branch, const float *bias, const dropout *dropout,
                         matrix y);
    /* dbranch = mask * dy, sum = its column sums; without dropout dbranch may be dy. */
    void (*residual_backward)(matrix dy, const dropout *dropout, matrix dbranch, float *sum);

    void (*norm_forward)(const norm_forward_args *args);
    void (*norm_backward)(const norm_backward_args *args);

    /* Column sums in double, set: of x and x * x; of x and x * y. */
    void (*square_sums)(matrix x, double *sum, double *squares);
    void (*product_sums)(matrix x, matrix y, double *sum, double *products);
    void (*batch_norm_forward)(const batch_norm_forward_args *args);
    void (*batch_norm_backward)(const batch_norm_backward_args *args);

    /* Rows of `x` become their softmax. causal: row r sees columns 0..r only and has 0 in
     * the others. x is contiguous. */
    void (*softmax_forward)(matrix x, int causal);
    /* In place of dy: p * (dy - sum(p * dy)), row by row. Both contiguous. */
    void (*softmax_backward)(matrix dy, matrix p);

    void (*softmax_block_forward)(const softmax_block *block);
    void (*softmax_block_backward)(const softmax_block_gradient *block);

    void (*product)(const product *product);
    /* The same in bfloat16, in either of the orders that kernels/bfloat16.h writes down:
     * operands are rounded, what is summed and c are float32. */
    void (*tiles_product)(const product *product);
    void (*pairs_product)(const product *product);
    bool has_tiles; /* is tiles_product by the processor's own tiles? */
    /* pairs = x + bias, rounded to bfloat16 as a factor's floats; x has an even number of
     * columns, bias may be NULL. NULL where lay_both is. */
    void (*round)(matrix x, const float *bias, matrix pairs);
    /* w [rows, cols] as a laid_factor of x w^T and, behind it, one of x w, without what is
     * left beyond multiples of LAID_GROUP: rows * cols floats at most. NULL where
     * pairs_product is not by the processor's own pairs. */
    void (*lay_both)(matrix w, float *laid);
    int panel; /* columns of a panel of row_product */
    void (*row_product)(const row_product *product);
    void (*best_product)(const best_product *product);
    /* The transpose of w [columns, depth] as row_product wants it, columns * depth floats. */
    void (*panel_pack)(matrix w, float *packed);
    void (*attend)(const attend *attend);
    void (*top_block)(const top_block *block);

    /* y[r] = dropout(scale * table[ids[r]] + positions[places[r]]) */
    void (*embed)(const float *table, const int32_t *ids, float scale, const float *positions,
                  const int32_t *places, const dropout *dropout, matrix y);
    /* x[r] = dropout(x[r] + bias + positions[places[r]]) */
    void (*place_add)(matrix x, const float *bias, const float *positions,
                      const int32_t *places, const dropout *dropout);
    /* x = mask * x */
    void (*dropout_apply)(matrix x, const dropout *dropout);

    void (*column_sums)(matrix x, float *sum);           /* sum[cols] is set */
    void (*add)(float *x, const float *y, size_t count); /* x += y */
    void (*add_scaled)(float *x, const float *y, float scale, size_t count);

    /* Multiply and add in registers alone, as fast as the processor can, and leave in `out`
     * what keeps it from being left out. The number of operations done. */
    double (*multiply_add_rounds)(int rounds, float *out);
} kernels;

/* The table in use; before kernels_open the plainest that runs everywhere. */
const kernels *kernels_get(void);

/* The best that this processor has, chosen or not. */
const kernels *kernels_best(void);

/* Choose the best set for this processor, or the one called `name` (NULL or "": the best;
 * the environment variable LOCKSTEP_KERNELS is what users set). STATUS_USAGE when there
 * is none of that name or the processor lacks it. Call before any thread starts. */
MUST_CHECK status kernels_open(const char *name);

/* The names of all sets of this build, the best first, NULL after the last. */
const char *const *kernels_list(void);

#endif
