/* arithmetic.c - which bits come out: a number that tells two arithmetics apart. */
#include "lockstep/tensor/arithmetic.h"

#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

/* Depths beyond any core's block of k (at most 768), rows and columns that fill none. */
static const struct {
    int m, n, k;
} shapes[] = {{64, 192, 192}, {33, 70, 1100}, {100, 257, 511}, {8, 1000, 64}, {5, 3, 2050}};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]), LARGEST = 1 << 18, ROWS = 7, COLS = 333 };

/* FNV-1a over words: each step is one to one, so one difference alone is never lost. */
uint64_t arithmetic_hash(const float *values, size_t count)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < count; i++) {
        union {
            float value;
            uint32_t bits;
        } at = {values[i]};
        hash = (hash ^ at.bits) * 1099511628211u;
    }
    return hash;
}

/* Fractions without a pattern, from -1 to 1, whose sums round in nearly every step. */
static void fill(float *values, size_t count)
{
    uint32_t state = 1;

    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(int32_t)state * 0x1p-31f;
    }
}

static uint64_t hash_products(float *a, float *b, float *c)
{
    uint64_t sums[SHAPES][3], hash = 0;

    fill(a, LARGEST);
    fill(b, LARGEST);
    for (int i = 0; i < SHAPES; i++) {
        int m = shapes[i].m, n = shapes[i].n, k = shapes[i].k;
        matrix out = matrix_view(c, m, n);
        size_t count = (size_t)m * (size_t)n;

        gemm_nt(1.0f, matrix_view(a, m, k), matrix_view(b, n, k), 0.0f, out);
        sums[i][0] = arithmetic_hash(c, count);
        gemm_nn(0.5f, matrix_view(a, m, k), matrix_view(b, k, n), 0.0f, out);
        sums[i][1] = arithmetic_hash(c, count);
        gemm_tn(1.0f, matrix_view(a, k, m), matrix_view(b, k, n), 1.0f, out);
        sums[i][2] = arithmetic_hash(c, count);
        for (int o = 0; o < 3; o++)
            hash = (hash ^ sums[i][o]) * 1099511628211u;
    }
    return hash;
}

status arithmetic_products(uint64_t *hash)
{
    float *all = memory_create((size_t)3 * LARGEST, sizeof(*all));

    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory to compare products");
    *hash = hash_products(all, all + LARGEST, all + 2 * LARGEST);
    memory_destroy(all);
    return STATUS_OK;
}

/* Rows of x, xhat, y; then gain, bias and rstd. */
static uint64_t hash_kernels(float *all)
{
    enum { MATRIX = ROWS * COLS };
    float *gain = all + (size_t)3 * MATRIX, *bias = gain + COLS, *rstd = bias + COLS;
    norm_forward_args args = {.x = matrix_view(all, ROWS, COLS),
                              .gain = gain,
                              .bias = bias,
                              .epsilon = 1e-5f,
                              .xhat = matrix_view(all + MATRIX, ROWS, COLS),
                              .y = matrix_view(all + (size_t)2 * MATRIX, ROWS, COLS),
                              .rstd = rstd};

    fill(all, MATRIX);
    fill(gain, (size_t)2 * COLS);
    kernels_get()->norm_forward(&args);
    uint64_t reductions = arithmetic_hash(all + MATRIX, (size_t)2 * MATRIX);
    for (int i = 0; i < MATRIX; i++)
        all[i] *= 20.0f;
    kernels_get()->softmax_forward(args.x, 0);
    kernels_get()->softmax_backward(args.y, args.x);
    return (reductions ^ arithmetic_hash(all, (size_t)3 * MATRIX)) * 1099511628211u ^
           arithmetic_hash(rstd, ROWS);
}

status arithmetic_kernels(uint64_t *hash)
{
    float *all = memory_create((size_t)3 * ROWS * COLS + 2 * COLS + ROWS, sizeof(*all));

    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory to compare kernels");
    *hash = hash_kernels(all);
    memory_destroy(all);
    return STATUS_OK;
}
