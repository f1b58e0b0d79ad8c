/* kernel.h - what the kernels share. Every file here is compiled once for each
 * instruction set, with KERNEL_SET defined to its name, which ends every symbol.
 *
 * Bits are the same with every set: each operation is rounded as it is written, a product and
 * a sum become one multiply-add only where vector.h's is called, and a sum over a row has the
 * order of row_sum.h. */
#ifndef LOCKSTEP_TENSOR_KERNELS_KERNEL_H
#define LOCKSTEP_TENSOR_KERNELS_KERNEL_H

#include "lockstep/tensor/kernels.h"

#define KERNEL_JOIN2(name, set) name##_##set
#define KERNEL_JOIN(name, set)  KERNEL_JOIN2(name, set)
#define KERNEL(name)            KERNEL_JOIN(name, KERNEL_SET)
#define KERNEL_TEXT2(set)       #set
#define KERNEL_TEXT(set)        KERNEL_TEXT2(set)

enum { KERNEL_CHUNK = 128 }; /* columns whose dropout mask is made at a time */

/* mask[0..KERNEL_CHUNK) for the columns from chunk * KERNEL_CHUNK of row `row` of the
 * run: 0 or the scale. */
void KERNEL(dropout_mask)(const dropout *d, uint32_t row, uint32_t chunk, float *mask);

/* A row of a norm's branch: dbranch = mask * ds, and sum += it; without dropout only the
 * sum. */
void KERNEL(branch_gradient)(const dropout *d, int row, const float *ds, float *dbranch,
                             float *sum, int cols);

void KERNEL(bias_add)(matrix x, const float *bias);
void KERNEL(bias_relu)(matrix x, const float *bias, const dropout *d);
void KERNEL(relu_backward)(matrix dy, factor y, float scale, float *sum);
void KERNEL(bias_gelu)(matrix x, const float *bias, matrix y, const dropout *d);
void KERNEL(gelu_backward)(matrix dy, factor x, bool rounds, const dropout *d, float *sum);
void KERNEL(residual_add)(matrix x, matrix branch, const float *bias, const dropout *d,
                          matrix y);
void KERNEL(residual_backward)(matrix dy, const dropout *d, matrix dbranch, float *sum);
void KERNEL(norm_forward)(const norm_forward_args *args);
void KERNEL(norm_backward)(const norm_backward_args *args);
void KERNEL(square_sums)(matrix x, double *sum, double *squares);
void KERNEL(product_sums)(matrix x, matrix y, double *sum, double *products);
void KERNEL(batch_norm_forward)(const batch_norm_forward_args *args);
void KERNEL(batch_norm_backward)(const batch_norm_backward_args *args);
void KERNEL(softmax_forward)(matrix x, int causal);
void KERNEL(softmax_backward)(matrix dy, matrix p);
void KERNEL(softmax_block_forward)(const softmax_block *block);
void KERNEL(softmax_block_backward)(const softmax_block_gradient *block);
void KERNEL(product)(const product *product);
void KERNEL(tiles_product)(const product *product);
void KERNEL(pairs_product)(const product *product);
void KERNEL(lay_both)(matrix w, float *laid);
void KERNEL(round)(matrix x, const float *bias, matrix pairs);
void KERNEL(row_product)(const row_product *product);
void KERNEL(best_product)(const best_product *product);
void KERNEL(panel_pack)(matrix w, float *packed);
void KERNEL(attend)(const attend *attend);
void KERNEL(top_block)(const top_block *block);
void KERNEL(embed)(const float *table, const int32_t *ids, float scale, const float *positions,
                   const int32_t *places, const dropout *d, matrix y);
void KERNEL(place_add)(matrix x, const float *bias, const float *positions,
                       const int32_t *places, const dropout *d);
void KERNEL(dropout_apply)(matrix x, const dropout *d);
void KERNEL(column_sums)(matrix x, float *sum);
void KERNEL(add)(float *x, const float *y, size_t count);
void KERNEL(add_scaled)(float *x, const float *y, float scale, size_t count);
double KERNEL(multiply_add_rounds)(int rounds, float *out);

/* Before a loop whose turns touch nothing of each other, which the compiler cannot see. */
#if defined(__clang__)
#define KERNEL_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define KERNEL_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* The largest of x[0..cols), NaN where there is one. Bits of floats, negative ones turned
 * around, compare as integers: that becomes vector code, comparing floats does not. */
static inline float largest_of(const float *restrict x, int cols)
{
    union {
        float value;
        int32_t bits;
    } at;
    int32_t largest = INT32_MIN;

    for (int c = 0; c < cols; c++) {
        at.value = x[c];
        int32_t key = at.bits ^ ((at.bits >> 31) & INT32_MAX);
        largest = key > largest ? key : largest;
    }
    at.bits = largest ^ ((largest >> 31) & INT32_MAX);
    return at.value;
}

#endif
