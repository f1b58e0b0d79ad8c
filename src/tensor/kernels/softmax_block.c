/* softmax_block.c - the softmax over a vocabulary, a block of symbols at a time. */
#include <string.h>

#include "exponential.h"
#include "kernel.h"

/* x += bias, and its sum. */
static float add_bias(float *restrict x, const float *restrict bias, int cols)
{
    row_sums sum = {{{0}}};
    int c = 0;

    for (; c + SUMS <= cols; c += SUMS)
        for (int v = 0; v < SUM_VECTORS; v++) {
            float *at = x + c + v * LANES;
            lanes biased = lanes_load(at) + lanes_load(bias + c + v * LANES);
            lanes_store(at, biased);
            sum.of[v] += biased;
        }
    for (int v = 0; v < SUM_VECTORS && c < cols; v++) {
        int count = row_sum_lanes(cols - c, v);
        float *at = x + c + v * LANES;
        lanes biased =
            lanes_load_some(at, count) + lanes_load_some(bias + c + v * LANES, count);
        lanes_store_some(at, biased, count);
        sum.of[v] += biased;
    }
    return row_sum_halves(sum);
}

void KERNEL(softmax_block_forward)(const softmax_block *b)
{
    int cols = b->logits.cols;

    for (int r = 0; r < b->logits.rows; r++) {
        float *x = matrix_row(b->logits, r);
        int gold = b->gold == NULL ? -1 : b->gold[r] - b->first;
        float total = add_bias(x, b->bias, cols);
        if (gold >= 0 && gold < cols)
            b->gold_logit[r] = x[gold];
        if (b->total != NULL)
            b->total[r] = total;
        b->largest[r] = largest_of(x, cols);
        if (b->sum != NULL)
            b->sum[r] = row_exponentials(x, (size_t)cols, b->largest[r]);
    }
}

static void differentiate_row(float *restrict x, float factor, float uniform,
                              float *restrict sum, int cols)
{
    for (int c = 0; c < cols; c++) {
        x[c] = x[c] * factor - uniform;
        sum[c] += x[c];
    }
}

void KERNEL(softmax_block_backward)(const softmax_block_gradient *b)
{
    int cols = b->logits.cols;

    memset(b->sum, 0, (size_t)cols * sizeof(float));
    for (int r = 0; r < b->logits.rows; r++) {
        float *x = matrix_row(b->logits, r);
        int gold = b->gold[r] - b->first;
        differentiate_row(x, b->factor[r], b->uniform, b->sum, cols);
        if (gold < 0 || gold >= cols)
            continue;
        x[gold] -= b->one;
        b->sum[gold] -= b->one;
    }
}
