/* top_block.c - the likeliest symbols of rows of logits, a block of symbols at a time. */
#include <string.h>

#include "exponential.h"
#include "kernel.h"

enum { STRIDE = 64 }; /* symbols that are passed over together where none is good enough */

static bool is_never(const top_block *b, int32_t symbol)
{
    for (int i = 0; i < b->nevers; i++)
        if (b->never[i] == symbol)
            return true;
    return false;
}

/* Behind those that are as good, so that of equals the first one stays in front. */
static void insert(float *restrict logits, int32_t *restrict symbols, int count, float logit,
                   int32_t symbol)
{
    int at = count - 1;

    for (; at > 0 && logits[at - 1] < logit; at--) {
        logits[at] = logits[at - 1];
        symbols[at] = symbols[at - 1];
    }
    logits[at] = logit;
    symbols[at] = symbol;
}

static void scan(const top_block *b, int row, const float *x, int first, int end)
{
    float *logits = b->best + (size_t)row * (size_t)b->count;
    int32_t *symbols = b->symbols + (size_t)row * (size_t)b->count;

    for (int c = first; c < end; c++)
        if (x[c] > logits[b->count - 1] && !is_never(b, b->first + c))
            insert(logits, symbols, b->count, x[c], b->first + c);
}

static float sum_of_exponentials(const float *x, int cols, float largest)
{
    float sum = 0.0f, part[STRIDE];

    for (int first = 0; first < cols; first += STRIDE) {
        int n = cols - first < STRIDE ? cols - first : STRIDE;
        memcpy(part, x + first, (size_t)n * sizeof(float));
        sum += row_exponentials(part, (size_t)n, largest);
    }
    return sum;
}

/* x += bias; the largest as largest_of orders them, for `cols` at most STRIDE. */
static float add_bias(float *restrict x, const float *restrict bias, int cols)
{
    for (int c = 0; c < cols; c++)
        x[c] += bias[c];
    return largest_of(x, cols);
}

static void row_of_block(const top_block *b, int row)
{
    int cols = b->logits.cols, strides = (cols + STRIDE - 1) / STRIDE;
    float *x = matrix_row(b->logits, row), largest[TOP_BLOCK_COLS / STRIDE];

    for (int i = 0; i < strides; i++)
        largest[i] = add_bias(x + i * STRIDE, b->bias + i * STRIDE,
                              cols - i * STRIDE < STRIDE ? cols - i * STRIDE : STRIDE);
    b->largest[row] = largest_of(largest, strides);
    b->sum[row] = sum_of_exponentials(x, cols, b->largest[row]);
    for (int i = 0; i < strides; i++) {
        float last = b->best[(size_t)(row + 1) * (size_t)b->count - 1];
        /* A NaN is the largest, and there may be good ones beside it. */
        if (!(largest[i] <= last))
            scan(b, row, x, i * STRIDE, cols - i * STRIDE < STRIDE ? cols : (i + 1) * STRIDE);
    }
}

void KERNEL(top_block)(const top_block *b)
{
    CHECK(b->logits.cols <= TOP_BLOCK_COLS);
    for (int row = 0; row < b->logits.rows; row++)
        row_of_block(b, row);
}
