/* generator_best.c - the likeliest symbols, found while their logits are in cache. */
#include "lockstep/nn/generator_best.h"

#include <math.h>

#include "lockstep/tensor/kernels.h"

enum { BLOCK_COLS = TOP_BLOCK_COLS, BLOCK_ROWS = 64 };

/* The logarithm of a row's sum of exponentials, so far. */
typedef struct log_sum {
    double largest, sum;
} log_sum;

static void log_sum_add(log_sum *l, double largest, double sum)
{
    if (largest > l->largest) {
        l->sum = l->sum * exp(l->largest - largest) + sum;
        l->largest = largest;
    } else {
        l->sum += sum * exp(largest - l->largest);
    }
}

static double log_sum_value(const log_sum *l)
{
    return l->largest + log(l->sum);
}

static float logit_of(const generator *g, const float *x, int32_t symbol)
{
    linear one = linear_rows(g->output, symbol, 1);
    float logit;

    /* A matrix is a view for reading and writing alike; the product only reads this one. */
    linear_product(&one, matrix_view((float *)(uintptr_t)x, 1, one.in),
                   matrix_view(&logit, 1, 1));
    return logit + *one.bias;
}

/* The favoured symbol stands in every list before the others come. */
static void begin_lists(const generator *g, matrix x, const generator_best_query *query,
                        int32_t *symbols, float *logits)
{
    for (int i = 0; i < x.rows * query->count; i++) {
        symbols[i] = -1;
        logits[i] = -INFINITY;
    }
    for (int r = 0; r < x.rows && query->favoured >= 0; r++) {
        symbols[r * query->count] = query->favoured;
        logits[r * query->count] = logit_of(g, matrix_row(x, r), query->favoured);
    }
}

/* What is kept for a run of rows. */
typedef struct best_run {
    top_block block;
    float *logits; /* [BLOCK_ROWS, BLOCK_COLS] */
    log_sum sums[BLOCK_ROWS];
} best_run;

static void add_block(const generator *g, matrix x, int first, best_run *run)
{
    int left = g->output.out - first, cols = left < BLOCK_COLS ? left : BLOCK_COLS;
    linear part = linear_rows(g->output, first, cols);
    top_block *block = &run->block;

    block->logits = matrix_view(run->logits, x.rows, cols);
    block->bias = part.bias;
    block->first = first;
    linear_product(&part, x, block->logits);
    kernels_get()->top_block(block);
    for (int r = 0; r < x.rows; r++)
        log_sum_add(&run->sums[r], (double)block->largest[r], (double)block->sum[r]);
}

static void best_of_run(const generator *g, matrix x, const generator_best_query *query,
                        best_run *run)
{
    begin_lists(g, x, query, run->block.symbols, run->block.best);
    for (int r = 0; r < x.rows; r++)
        run->sums[r] = (log_sum){-INFINITY, 0.0};
    for (int first = 0; first < g->output.out; first += BLOCK_COLS)
        add_block(g, x, first, run);
    for (int r = 0; r < x.rows; r++) {
        size_t first = (size_t)r * (size_t)query->count;
        float *best = run->block.best + first;
        for (int i = 0; i < query->count && run->block.symbols[first + (size_t)i] >= 0; i++)
            best[i] = (float)((double)best[i] - log_sum_value(&run->sums[r]));
    }
}

void generator_best(const generator *g, pass *pass, matrix x, const generator_best_query *query,
                    int32_t *symbols, float *log_p)
{
    size_t mark = arena_mark(pass->arena), count = (size_t)query->count;
    int32_t *never = arena_push(pass->arena, (size_t)query->nevers + 1, sizeof(*never));
    best_run run = {.logits = arena_push(pass->arena, BLOCK_ROWS * BLOCK_COLS, sizeof(float))};

    /* In its place already, the favoured symbol is not looked for. */
    for (int i = 0; i < query->nevers; i++)
        never[i] = query->never[i];
    never[query->nevers] = query->favoured;
    run.block = (top_block){.count = query->count,
                            .never = never,
                            .nevers = query->nevers + 1,
                            .largest = arena_push(pass->arena, BLOCK_ROWS, sizeof(float)),
                            .sum = arena_push(pass->arena, BLOCK_ROWS, sizeof(float))};
    for (int first = 0; first < x.rows; first += BLOCK_ROWS) {
        int left = x.rows - first, rows = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        run.block.symbols = symbols + (size_t)first * count;
        run.block.best = log_p + (size_t)first * count;
        best_of_run(g, matrix_rows(x, first, rows), query, &run);
    }
    arena_release(pass->arena, mark);
}

/* From the products of a row with the output layer's weight. */
static void set_log_p(const generator *g, float *row)
{
    float none = INFINITY, largest, sum; /* no logit gets into this list */
    log_sum all = {-INFINITY, 0.0};
    top_block block = {.count = 1, .best = &none, .largest = &largest, .sum = &sum};

    for (int first = 0; first < g->output.out; first += BLOCK_COLS) {
        int left = g->output.out - first, cols = left < BLOCK_COLS ? left : BLOCK_COLS;
        block.logits = matrix_view(row + first, 1, cols);
        block.bias = g->output.bias + first;
        kernels_get()->top_block(&block);
        log_sum_add(&all, (double)largest, (double)sum);
    }
    double logarithm = log_sum_value(&all);
    for (int c = 0; c < g->output.out; c++)
        row[c] = (float)((double)row[c] - logarithm);
}

void generator_log_p(const generator *g, matrix x, matrix log_p)
{
    linear_product(&g->output, x, log_p);
    for (int r = 0; r < x.rows; r++)
        set_log_p(g, matrix_row(log_p, r));
}
