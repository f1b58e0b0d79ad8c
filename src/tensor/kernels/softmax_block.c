/* softmax_block.c - the softmax over a vocabulary, a block of symbols at a time. */
#include <string.h>

#include "kernel.h"
#include "row_sum.h"

static void add_bias(float *restrict x, const float *restrict bias, int cols)
{
    for (int c = 0; c < cols; c++)
        x[c] += bias[c];
}

static void exponentiate(float *restrict x, int cols, float largest)
{
    for (int c = 0; c < cols; c++)
        x[c] = exp_fast(x[c] - largest);
}

void KERNEL(softmax_block_forward)(const softmax_block *b)
{
    int cols = b->logits.cols;

    for (int r = 0; r < b->logits.rows; r++) {
        float *x = matrix_row(b->logits, r);
        int gold = b->gold == NULL ? -1 : b->gold[r] - b->first;
        add_bias(x, b->bias, cols);
        if (gold >= 0 && gold < cols)
            b->gold_logit[r] = x[gold];
        if (b->total != NULL)
            b->total[r] = row_sum(x, cols);
        b->largest[r] = largest_of(x, cols);
        if (b->sum == NULL)
            continue;
        exponentiate(x, cols, b->largest[r]);
        b->sum[r] = row_sum(x, cols);
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
