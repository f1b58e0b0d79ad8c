/* cross_entropy.c - softmax, label-smoothed loss and its gradient, row by row. */
#include <math.h>
#include <string.h>

#include "kernel.h"

static float sum_row(const float *restrict x, int cols)
{
    float sum = 0.0f;

    for (int c = 0; c < cols; c++)
        sum += x[c];
    return sum;
}

static float exponentiate_row(float *restrict x, int cols, float largest)
{
    float sum = 0.0f;

    for (int c = 0; c < cols; c++) {
        x[c] = exp_fast(x[c] - largest);
        sum += x[c];
    }
    return sum;
}

static float sum_exponentials(const float *restrict x, int cols, float largest)
{
    float sum = 0.0f;

    for (int c = 0; c < cols; c++)
        sum += exp_fast(x[c] - largest);
    return sum;
}

/* Exponentials to gradients, summed up by column. */
static void differentiate_row(const cross_entropy_args *a, float *restrict x, int gold,
                              float exponentials)
{
    int cols = a->logits.cols;
    float *restrict sum = a->sum;
    float factor = a->scale / exponentials;
    float uniform = a->scale * a->smoothing / (float)cols;
    float one = a->scale * (1.0f - a->smoothing);

    for (int c = 0; c < cols; c++) {
        x[c] = x[c] * factor - uniform;
        sum[c] += x[c];
    }
    x[gold] -= one;
    sum[gold] -= one;
}

void KERNEL(cross_entropy)(const cross_entropy_args *a)
{
    int cols = a->logits.cols;
    float e = a->smoothing;

    if (a->scale != 0.0f)
        memset(a->sum, 0, (size_t)cols * sizeof(float));
    for (int r = 0; r < a->logits.rows; r++) {
        float *restrict x = matrix_row(a->logits, r);
        int gold = a->gold[r];
        float gold_logit = x[gold], largest = largest_of(x, cols);
        float sum_logits = e > 0.0f ? sum_row(x, cols) : 0.0f;
        float sum = a->scale == 0.0f ? sum_exponentials(x, cols, largest)
                                     : exponentiate_row(x, cols, largest);
        float log_sum = largest + logf(sum);
        a->nll[r] = log_sum - gold_logit;
        a->loss[r] = (1.0f - e) * a->nll[r] + e * (log_sum - sum_logits / (float)cols);
        a->correct[r] = gold_logit >= largest;
        if (a->scale != 0.0f)
            differentiate_row(a, x, gold, sum);
    }
}
