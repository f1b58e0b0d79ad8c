/* generator_predict.c - predictions of the output layer at some of the rows. */
#include <math.h>
#include <string.h>

#include "lockstep/nn/generator.h"
#include "lockstep/tensor/kernels.h"

/* At most GENERATOR_ROWS rows at a time, as in generator.c: everything the phases share.
 * Statistics of a row stand block by block. */
typedef struct prediction {
    const generator *g;
    const generator_query *query;
    matrix x;
    linear output; /* the generator's, its biases as `push_bias` leaves them */
    int threads, blocks;
    float *gathered;      /* [GENERATOR_ROWS, width] */
    float *logits;        /* [blocks][GENERATOR_ROWS * GENERATOR_SYMBOLS] */
    float *largest, *sum; /* [blocks][GENERATOR_ROWS]; without draws there is no sum */
} prediction;

static size_t statistic(int block, int row)
{
    return (size_t)block * GENERATOR_ROWS + (size_t)row;
}

static int block_cols(const prediction *p, int block)
{
    int left = p->output.out - block * GENERATOR_SYMBOLS;

    return left < GENERATOR_SYMBOLS ? left : GENERATOR_SYMBOLS;
}

static matrix block_logits(const prediction *p, int block, int rows)
{
    return matrix_view(p->logits + statistic(block, 0) * GENERATOR_SYMBOLS, rows,
                       block_cols(p, block));
}

/* Logits come out divided by the temperature, since inputs and biases are. */
static float input_scale(const prediction *p)
{
    return p->sum == NULL ? 1.0f : (float)(1.0 / p->query->temperature);
}

/* A bias that no logit outweighs keeps a symbol from being predicted. It is finite, because
 * the difference of two infinities is not a number. */
static void push_bias(prediction *p, arena *arena)
{
    const linear *output = &p->g->output;
    float *bias = arena_push(arena, (size_t)output->out, sizeof(*bias));

    for (int c = 0; c < output->out; c++)
        bias[c] = output->bias[c] * input_scale(p);
    if (p->query->never >= 0)
        bias[p->query->never] = -1e30f;
    p->output = *output;
    p->output.bias = bias;
}

static void push_tile(prediction *p, arena *arena)
{
    size_t rows;

    p->blocks = (p->g->output.out + GENERATOR_SYMBOLS - 1) / GENERATOR_SYMBOLS;
    rows = statistic(p->blocks, 0);
    p->gathered = arena_push(arena, (size_t)GENERATOR_ROWS * (size_t)p->x.cols, sizeof(float));
    p->logits = arena_push(arena, rows * GENERATOR_SYMBOLS, sizeof(float));
    p->largest = arena_push(arena, rows, sizeof(float));
    if (p->query->uniform != NULL)
        p->sum = arena_push(arena, rows, sizeof(float));
    push_bias(p, arena);
}

static void gather(const prediction *p, int first, matrix to)
{
    float scale = input_scale(p);

    for (int r = 0; r < to.rows; r++) {
        const float *from = matrix_row(p->x, p->query->rows[first + r]);
        float *row = matrix_row(to, r);
        for (int c = 0; c < to.cols; c++)
            row[c] = from[c] * scale;
    }
}

static void set_block(const prediction *p, matrix x, int block)
{
    linear part = linear_rows(p->output, block * GENERATOR_SYMBOLS, block_cols(p, block));
    size_t at = statistic(block, 0);
    softmax_block args = {.logits = block_logits(p, block, x.rows),
                          .bias = part.bias,
                          .largest = p->largest + at,
                          .sum = p->sum == NULL ? NULL : p->sum + at};

    linear_product(&part, x, args.logits);
    kernels_get()->softmax_block_forward(&args);
}

/* The block with the largest logit of a row, the first one of equals. */
static int best_block(const prediction *p, int row)
{
    int best = 0;

    for (int b = 1; b < p->blocks; b++)
        if (p->largest[statistic(b, row)] > p->largest[statistic(best, row)])
            best = b;
    return best;
}

static int32_t likeliest(const prediction *p, int rows, int row)
{
    int block = best_block(p, row);
    matrix logits = block_logits(p, block, rows);
    const float *x = matrix_row(logits, row);
    int c = 0;

    while (c < logits.cols - 1 && x[c] != p->largest[statistic(block, row)])
        c++;
    return block * GENERATOR_SYMBOLS + c;
}

/* The first symbol of a block at which the sum of the exponentials passes `target`. */
static int32_t find_symbol(const prediction *p, int rows, int row, int block, double target)
{
    matrix exponentials = block_logits(p, block, rows);
    const float *x = matrix_row(exponentials, row);
    int32_t first = block * GENERATOR_SYMBOLS, found = first;
    double sum = 0.0;

    for (int c = 0; c < exponentials.cols && !(sum > target); c++) {
        if (first + c == p->query->never)
            continue;
        sum += (double)x[c];
        found = first + c;
    }
    return found;
}

static int32_t drawn(const prediction *p, int rows, int row, double uniform)
{
    double largest = p->largest[statistic(best_block(p, row), row)], all = 0.0, before = 0.0;
    int block = 0;

    for (int b = 0; b < p->blocks; b++)
        all += p->sum[statistic(b, row)] * exp(p->largest[statistic(b, row)] - largest);
    for (;; block++) {
        double factor = exp(p->largest[statistic(block, row)] - largest);
        double part = p->sum[statistic(block, row)] * factor;
        if (before + part > uniform * all || block == p->blocks - 1)
            return find_symbol(p, rows, row, block, (uniform * all - before) / factor);
        before += part;
    }
}

static void predict_tile(const prediction *p, int first, int rows, int32_t *symbols)
{
    const double *uniform = p->query->uniform;
    matrix x = matrix_view(p->gathered, rows, p->x.cols);

    gather(p, first, x);
#pragma omp parallel for num_threads(p->threads) schedule(dynamic)
    for (int b = 0; b < p->blocks; b++)
        set_block(p, x, b);
#pragma omp parallel for num_threads(p->threads) schedule(static)
    for (int row = 0; row < rows; row++)
        symbols[first + row] = uniform == NULL ? likeliest(p, rows, row)
                                               : drawn(p, rows, row, uniform[first + row]);
}

/* In parts of about equal size, as tiles are: each reads the whole weight. */
static void predict_grain(const prediction *p, int first, int end, int32_t *symbols)
{
    int64_t rows = end - first, parts = (rows + GENERATOR_ROWS - 1) / GENERATOR_ROWS;

    for (int64_t k = 0; k < parts; k++) {
        int from = (int)(rows * k / parts), to = (int)(rows * (k + 1) / parts);
        predict_tile(p, first + from, to - from, symbols);
    }
}

void generator_predict(const generator *g, pass *pass, matrix x, const generator_query *query,
                       int32_t *symbols)
{
    size_t mark = arena_mark(pass->arena);
    prediction p = {.g = g, .query = query, .x = x, .threads = pass->threads};

    push_tile(&p, pass->arena);
    for (int grain = 0; grain < query->grains; grain++)
        predict_grain(&p, query->grain_first[grain], query->grain_first[grain + 1], symbols);
    arena_release(pass->arena, mark);
}
