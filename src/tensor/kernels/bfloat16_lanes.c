/* bfloat16_lanes.c - blocks of products in bfloat16, by float32's multiply-adds. */
#include "bfloat16_strips.h"

#define INLINED static inline __attribute__((always_inline))

static void round_all(float *values, size_t count)
{
    union {
        uint32_t bits;
        float value;
    } rounded;

    for (size_t i = 0; i < count; i++) {
        rounded.bits = bfloat16_bits(values[i]);
        values[i] = rounded.value;
    }
}

/* Some rows, or columns, that stand in `from` as its rows or, `by_index`, as its columns: as
 * [filled, step]. */
static void lay(const bfloat16_run *r, matrix from, bool by_index, int at, int some, float *to,
                int step)
{
    size_t count = (size_t)r->filled * (size_t)step;

    if (some < step || r->depth < r->filled)
        memset(to, 0, count * sizeof(*to));
    if (by_index)
        for (int k = 0; k < r->depth; k++)
            memcpy(to + (size_t)k * (size_t)step, matrix_row(from, r->from + k) + at,
                   (size_t)some * sizeof(*to));
    else
        KERNEL(block_turn)
    (matrix_cols(matrix_rows(from, at, some), r->from, r->depth), to, step);
    round_all(to, count);
}

static void lay_rows(const bfloat16_run *r, int at, int rows, void *to)
{
    float *block = to;

    for (int i = 0; i < rows; i += BLOCK_ROWS, block += r->filled * BLOCK_ROWS)
        lay(r, r->product->a.floats, r->product->a_turned, at + i,
            at_most(rows - i, BLOCK_ROWS), block, BLOCK_ROWS);
}

static void lay_cols(const bfloat16_run *r, int at, int cols, void *to)
{
    lay(r, r->product->b.floats, !r->product->b_turned, at, cols, to, PANEL);
}

typedef lanes sums[BLOCK_ROWS][2];

INLINED void index_add(const float *a, const float *b, sums sum)
{
    lanes b0 = lanes_load(b), b1 = lanes_load(b + LANES);

#pragma GCC unroll 12
    for (int r = 0; r < BLOCK_ROWS; r++) {
        sum[r][0] = multiply_add_lanes(a[r], b0, sum[r][0]);
        sum[r][1] = multiply_add_lanes(a[r], b1, sum[r][1]);
    }
}

/* Every second inner index of a group. */
INLINED void half_add(const float *a, const float *b, sums sum)
{
    for (int k = 0; k < TILE_GROUP; k += 2)
        index_add(a + (size_t)k * BLOCK_ROWS, b + (size_t)k * PANEL, sum);
}

INLINED void group_add(const float *a, const float *b, sums sum)
{
    sums even = {{{0}}}, odd = {{{0}}};

    half_add(a, b, even);
    half_add(a + BLOCK_ROWS, b + PANEL, odd);
#pragma GCC unroll 12
    for (int r = 0; r < BLOCK_ROWS; r++) {
        sum[r][0] += even[r][0] + odd[r][0];
        sum[r][1] += even[r][1] + odd[r][1];
    }
}

INLINED void pair_add(const float *a, const float *b, sums sum)
{
    index_add(a + BLOCK_ROWS, b + PANEL, sum);
    index_add(a, b, sum);
}

/* How many of the columns a vector has. */
static inline int in_vector(int cols, int vector)
{
    int left = cols - vector * LANES;

    return left < 0 ? 0 : left < LANES ? left : LANES;
}

INLINED void multiply_block(const bfloat16_run *r, const float *a, const float *b, float *c,
                            int rows, int cols, int group)
{
    size_t stride = (size_t)r->product->c.stride;
    sums sum = {{{0}}};

    for (int i = 0; r->start != 0.0f && i < rows; i++)
        for (int v = 0; v < 2; v++)
            sum[i][v] = r->start *
                        lanes_load_some(c + (size_t)i * stride + v * LANES, in_vector(cols, v));
    for (int k = 0; k < r->filled; k += group, a += group * BLOCK_ROWS, b += group * PANEL)
        if (group == PAIR)
            pair_add(a, b, sum);
        else
            group_add(a, b, sum);
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++)
            lanes_store_some(c + (size_t)i * stride + v * LANES, r->scale * sum[i][v],
                             in_vector(cols, v));
}

INLINED void multiply_blocks(const bfloat16_run *r, const float *a, const float *b, float *c,
                             int rows, int cols, int group)
{
    size_t stride = (size_t)r->product->c.stride;

    for (int i = 0; i < rows; i += BLOCK_ROWS, a += r->filled * BLOCK_ROWS)
        multiply_block(r, a, b, c + (size_t)i * stride, at_most(rows - i, BLOCK_ROWS), cols,
                       group);
}

static void multiply_groups(const bfloat16_run *r, const void *a, const void *b, float *c,
                            int rows, int cols)
{
    multiply_blocks(r, a, b, c, rows, cols, TILE_GROUP);
}

static void run_groups(const bfloat16_run *r)
{
    static const bfloat16_blocks blocks = {BLOCK_ROWS, PANEL,    sizeof(float),
                                           lay_rows,   lay_cols, multiply_groups};

    KERNEL(bfloat16_strips)(r, &blocks);
}

/* That of tiles; pairs are laid alike. */
void KERNEL(tiles_product)(const product *p)
{
    static const bfloat16_order order = {.group = TILE_GROUP,
                                         .most = BFLOAT16_RUN,
                                         .most_laid = BFLOAT16_RUN,
                                         .run = run_groups};

    KERNEL(bfloat16_product)(&order, p);
}

#if !defined(__AVX512BF16__)

static void multiply_pairs(const bfloat16_run *r, const void *a, const void *b, float *c,
                           int rows, int cols)
{
    multiply_blocks(r, a, b, c, rows, cols, PAIR);
}

static void run_pairs(const bfloat16_run *r)
{
    static const bfloat16_blocks blocks = {BLOCK_ROWS, PANEL,    sizeof(float),
                                           lay_rows,   lay_cols, multiply_pairs};

    KERNEL(bfloat16_strips)(r, &blocks);
}

void KERNEL(pairs_product)(const product *p)
{
    static const bfloat16_order order = {
        .group = PAIR, .most = BFLOAT16_RUN, .most_laid = BFLOAT16_RUN, .run = run_pairs};

    KERNEL(bfloat16_product)(&order, p);
}

#endif
