/* generator_best.c - the likeliest symbols, found while their logits are in cache. */
#include "lockstep/nn/generator_best.h"

#include <math.h>

#include "lockstep/tensor/kernels.h"
#include "lockstep/tensor/weight_best.h"

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
    linear_product(&one, factor_of(matrix_view((float *)(uintptr_t)x, 1, one.in)),
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

/* All rows, and what is kept while blocks of symbols go by. */
typedef struct best_rows {
    matrix x;
    int count;
    int32_t *symbols; /* [x.rows, count] */
    float *best;
    log_sum *sums; /* [x.rows] */
    float *logits; /* [BLOCK_ROWS, BLOCK_COLS] */
    top_block block;
} best_rows;

/* A run of rows of a block of symbols. */
static void add_run(const linear *part, int first, int rows, best_rows *b)
{
    top_block *block = &b->block;
    size_t before = (size_t)first * (size_t)b->count;

    block->logits = matrix_view(b->logits, rows, part->out);
    block->best = b->best + before;
    block->symbols = b->symbols + before;
    linear_product(part, factor_of(matrix_rows(b->x, first, rows)), block->logits);
    kernels_get()->top_block(block);
    for (int r = 0; r < rows; r++)
        log_sum_add(&b->sums[first + r], (double)block->largest[r], (double)block->sum[r]);
}

/* A block's weights stay in cache for all rows. */
static void add_block(const generator *g, int first, best_rows *b)
{
    int left = g->output.out - first;
    linear part = linear_rows(g->output, first, left < BLOCK_COLS ? left : BLOCK_COLS);

    b->block.bias = part.bias;
    b->block.first = first;
    for (int row = 0; row < b->x.rows; row += BLOCK_ROWS)
        add_run(&part, row, b->x.rows - row < BLOCK_ROWS ? b->x.rows - row : BLOCK_ROWS, b);
}

static void find_lists(const generator *g, pass *pass, const generator_best_query *query,
                       best_rows *b)
{
    b->sums = arena_push(pass->arena, (size_t)b->x.rows, sizeof(*b->sums));
    b->logits = arena_push(pass->arena, BLOCK_ROWS * BLOCK_COLS, sizeof(*b->logits));
    b->block.largest = arena_push(pass->arena, BLOCK_ROWS, sizeof(float));
    b->block.sum = arena_push(pass->arena, BLOCK_ROWS, sizeof(float));
    for (int r = 0; r < b->x.rows; r++)
        b->sums[r] = (log_sum){-INFINITY, 0.0};
    for (int first = 0; first < g->output.out; first += BLOCK_COLS)
        add_block(g, first, b);
    for (int r = 0; r < b->x.rows; r++) {
        size_t first = (size_t)r * (size_t)b->count;
        float *best = b->best + first;
        double logarithm = log_sum_value(&b->sums[r]);
        for (int i = 0; i < query->count && b->symbols[first + (size_t)i] >= 0; i++)
            best[i] = (float)((double)best[i] - logarithm);
    }
}

/* Without probabilities nothing need be known of the symbols but which one is in front. */
static void find_first(const generator *g, const best_rows *b)
{
    weight_best_find(&g->output.weight, b->x,
                     &(weight_best){.bias = g->output.bias,
                                    .best = b->best,
                                    .symbols = b->symbols,
                                    .never = b->block.never,
                                    .nevers = b->block.nevers});
}

void generator_best(const generator *g, pass *pass, matrix x, const generator_best_query *query,
                    int32_t *symbols, float *log_p)
{
    size_t mark = arena_mark(pass->arena), lists = (size_t)x.rows * (size_t)query->count;
    int32_t *never = arena_push(pass->arena, (size_t)query->nevers + 1, sizeof(*never));
    float *best = log_p != NULL ? log_p : arena_push(pass->arena, lists, sizeof(*best));
    best_rows b = {.x = x, .count = query->count, .symbols = symbols, .best = best};

    /* In its place already, the favoured symbol is not looked for. */
    for (int i = 0; i < query->nevers; i++)
        never[i] = query->never[i];
    never[query->nevers] = query->favoured;
    b.block = (top_block){.count = query->count, .never = never, .nevers = query->nevers + 1};
    begin_lists(g, x, query, symbols, best);
    if (log_p == NULL && query->count == 1 && weight_best_applies(&g->output.weight))
        find_first(g, &b);
    else
        find_lists(g, pass, query, &b);
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
    linear_product(&g->output, factor_of(x), log_p);
    for (int r = 0; r < x.rows; r++)
        set_log_p(g, matrix_row(log_p, r));
}
