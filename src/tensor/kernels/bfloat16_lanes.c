/* bfloat16_lanes.c - blocks of products in bfloat16, by float32's multiply-adds. */
#include "bfloat16_block.h"

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

/* As [depth, BLOCK_ROWS]. */
void KERNEL(bfloat16_lay_rows)(const bfloat16_run *r, int at, int rows, bfloat16_number *to)
{
    matrix a = r->product->a;
    size_t count = bfloat16_rows_size(r);

    if (rows < BLOCK_ROWS || r->depth < r->groups * GROUP)
        memset(to, 0, count * sizeof(*to));
    if (r->product->a_turned)
        for (int k = 0; k < r->depth; k++)
            memcpy(to + (size_t)k * BLOCK_ROWS, matrix_row(a, r->from + k) + at,
                   (size_t)rows * sizeof(*to));
    else
        KERNEL(block_turn)
    (matrix_cols(matrix_rows(a, at, rows), r->from, r->depth), to, BLOCK_ROWS);
    round_all(to, count);
}

/* As [depth, PANEL]. */
void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, bfloat16_number *to)
{
    matrix b = r->product->b;
    size_t count = bfloat16_cols_size(r);

    if (cols < PANEL || r->depth < r->groups * GROUP)
        memset(to, 0, count * sizeof(*to));
    if (r->product->b_turned)
        KERNEL(block_turn)
    (matrix_cols(matrix_rows(b, at, cols), r->from, r->depth), to, PANEL);
    else for (int k = 0; k < r->depth; k++) memcpy(
        to + (size_t)k * PANEL, matrix_row(b, r->from + k) + at, (size_t)cols * sizeof(*to));
    round_all(to, count);
}

typedef lanes sums[BLOCK_ROWS][2];

/* Every second inner index of a group. */
INLINED void half_add(const float *a, const float *b, sums sum)
{
    for (int k = 0; k < GROUP; k += 2, a += 2 * BLOCK_ROWS, b += 2 * PANEL) {
        lanes b0 = lanes_load(b), b1 = lanes_load(b + LANES);
#pragma GCC unroll 12
        for (int r = 0; r < BLOCK_ROWS; r++) {
            sum[r][0] = multiply_add_lanes(a[r], b0, sum[r][0]);
            sum[r][1] = multiply_add_lanes(a[r], b1, sum[r][1]);
        }
    }
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

/* How many of the columns a vector has. */
static inline int in_vector(int cols, int vector)
{
    int left = cols - vector * LANES;

    return left < 0 ? 0 : left < LANES ? left : LANES;
}

void KERNEL(bfloat16_multiply)(const bfloat16_run *r, const bfloat16_number *a,
                               const bfloat16_number *b, float *c, int rows, int cols)
{
    size_t stride = (size_t)r->product->c.stride;
    sums sum = {{{0}}};

    for (int i = 0; r->start != 0.0f && i < rows; i++)
        for (int v = 0; v < 2; v++)
            sum[i][v] = r->start *
                        lanes_load_some(c + (size_t)i * stride + v * LANES, in_vector(cols, v));
    for (int g = 0; g < r->groups; g++)
        group_add(a + (size_t)g * GROUP * BLOCK_ROWS, b + (size_t)g * GROUP * PANEL, sum);
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++)
            lanes_store_some(c + (size_t)i * stride + v * LANES, r->scale * sum[i][v],
                             in_vector(cols, v));
}

uint64_t KERNEL(bfloat16_begin)(void)
{
    return denormals_flush();
}

void KERNEL(bfloat16_end)(uint64_t before)
{
    denormals_restore(before);
}
