/* generator_predict.c - predictions of the output layer at some of the rows. */
#include <math.h>

#include "lockstep/nn/generator.h"
#include "lockstep/tensor/kernels.h"
#include "symbol_blocks.h"

/* At most SYMBOL_BLOCK_ROWS rows at a time: everything the phases share. */
typedef struct prediction {
    const generator_query *query;
    matrix x;
    symbol_blocks blocks; /* of the output layer with the biases of `output_of` */
    const pass *pass;     /* whose threads share the blocks */
    float *gathered;      /* [SYMBOL_BLOCK_ROWS, width] */
} prediction;

/* Logits come out divided by the temperature, since inputs and biases are. */
static float input_scale(const generator_query *query)
{
    return query->uniform == NULL ? 1.0f : (float)(1.0 / query->temperature);
}

/* A bias that no logit outweighs keeps a symbol from being predicted. It is finite, because
 * the difference of two infinities is not a number. */
static linear output_of(const generator *g, const generator_query *query, arena *arena)
{
    linear output = g->output;
    float *bias = arena_push(arena, (size_t)output.out, sizeof(*bias));

    for (int c = 0; c < output.out; c++)
        bias[c] = output.bias[c] * input_scale(query);
    if (query->never >= 0)
        bias[query->never] = -1e30f;
    output.bias = bias;
    return output;
}

static void gather(const prediction *p, int first, matrix to)
{
    float scale = input_scale(p->query);

    for (int r = 0; r < to.rows; r++) {
        const float *from = matrix_row(p->x, p->query->rows[first + r]);
        float *row = matrix_row(to, r);
        for (int c = 0; c < to.cols; c++)
            row[c] = from[c] * scale;
    }
}

static void set_block(const prediction *p, matrix x, int block)
{
    linear part = symbol_blocks_linear(&p->blocks, block);
    size_t at = symbol_blocks_at(block, 0);
    softmax_block args = {.logits = symbol_blocks_logits(&p->blocks, block, x.rows),
                          .bias = part.bias,
                          .largest = p->blocks.largest + at,
                          .sum = p->query->uniform == NULL ? NULL : p->blocks.sum + at};

    linear_product(&part, factor_of(x), args.logits);
    kernels_get()->softmax_block_forward(&args);
}

/* The block with the largest logit of a row, the first one of equals. */
static int best_block(const prediction *p, int row)
{
    int best = 0;

    for (int b = 1; b < p->blocks.count; b++)
        if (p->blocks.largest[symbol_blocks_at(b, row)] >
            p->blocks.largest[symbol_blocks_at(best, row)])
            best = b;
    return best;
}

/* Of equals the one of the lowest number. */
static int32_t likeliest(const prediction *p, int rows, int row)
{
    int block = best_block(p, row), c = 0;
    float largest = p->blocks.largest[symbol_blocks_at(block, row)];
    matrix logits = symbol_blocks_logits(&p->blocks, block, rows);

    while (c < logits.cols - 1 && matrix_row(logits, row)[c] != largest)
        c++;
    return block * SYMBOL_BLOCK_COLS + c;
}

/* The first symbol of a block at which the sum of the exponentials passes `target`. */
static int32_t find_symbol(const prediction *p, int rows, int row, int block, double target)
{
    matrix exponentials = symbol_blocks_logits(&p->blocks, block, rows);
    const float *x = matrix_row(exponentials, row);
    int32_t first = block * SYMBOL_BLOCK_COLS, found = first;
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
    double largest = p->blocks.largest[symbol_blocks_at(best_block(p, row), row)], all = 0.0,
           before = 0.0;
    int block = 0;

    for (int b = 0; b < p->blocks.count; b++)
        all += p->blocks.sum[symbol_blocks_at(b, row)] *
               exp(p->blocks.largest[symbol_blocks_at(b, row)] - largest);
    for (;; block++) {
        double factor = exp(p->blocks.largest[symbol_blocks_at(block, row)] - largest);
        double part = p->blocks.sum[symbol_blocks_at(block, row)] * factor;
        if (before + part > uniform * all || block == p->blocks.count - 1)
            return find_symbol(p, rows, row, block, (uniform * all - before) / factor);
        before += part;
    }
}

static void predict_tile(const prediction *p, int first, int rows, int32_t *symbols)
{
    const double *uniform = p->query->uniform;
    matrix x = matrix_view(p->gathered, rows, p->x.cols);

    gather(p, first, x);
#pragma omp parallel for num_threads(p->pass->threads) schedule(dynamic)
    for (int b = 0; b < p->blocks.count; b++) {
        set_block(p, x, b);
        pass_move(p->pass);
    }
#pragma omp parallel for num_threads(p->pass->threads) schedule(static)
    for (int row = 0; row < rows; row++)
        symbols[first + row] = uniform == NULL ? likeliest(p, rows, row)
                                               : drawn(p, rows, row, uniform[first + row]);
}

/* In parts of about equal size, each of which reads the whole weight; the threads share the
 * blocks of symbols. */
static void predict_grain(const prediction *p, int grain, int32_t *symbols)
{
    int first = p->query->grain_first[grain];
    int64_t rows = p->query->grain_first[grain + 1] - first;
    int64_t parts = (rows + SYMBOL_BLOCK_ROWS - 1) / SYMBOL_BLOCK_ROWS;

    for (int64_t k = 0; k < parts; k++) {
        int from = (int)(rows * k / parts), to = (int)(rows * (k + 1) / parts);
        predict_tile(p, first + from, to - from, symbols);
    }
}

void generator_predict(const generator *g, pass *pass, matrix x, const generator_query *query,
                       int32_t *symbols)
{
    size_t mark = arena_mark(pass->arena),
           gathered = (size_t)SYMBOL_BLOCK_ROWS * (size_t)x.cols;
    prediction p = {.query = query,
                    .x = x,
                    .blocks = symbol_blocks_push(pass->arena, output_of(g, query, pass->arena)),
                    .pass = pass,
                    .gathered = arena_push(pass->arena, gathered, sizeof(float))};

    for (int grain = 0; grain < query->grains; grain++)
        predict_grain(&p, grain, symbols);
    arena_release(pass->arena, mark);
}
