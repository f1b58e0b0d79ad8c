/* row_product.c - rows times a packed matrix, each sum in the order of its index.
 *
 * A block of rows and a panel of columns are summed in registers, so every element is one
 * chain of multiply-adds from 0, whatever stands beside it. Compiled without
 * -fassociative-math, which would let the compiler break the chain.
 */
#include "kernel.h"
#include "vector.h"

/* As many sums as the registers hold beside two vectors of the matrix and one factor. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 12
#else
#define ROWS 6
#endif

/* One panel, its rows `stride` floats apart. `rows` is at most ROWS, and a constant where this
 * is inlined. */
static inline __attribute__((always_inline)) void panel_rows(const row_product *p, int first,
                                                             int rows, const float *b,
                                                             int stride, float *y,
                                                             size_t y_stride)
{
    const float *x = p->x + (size_t)first * p->x_stride;
    lanes sum[ROWS][2] = {{{0}}};

    for (int k = 0; k < p->depth; k++, b += stride) {
        lanes b0 = lanes_load(b), b1 = lanes_load(b + LANES);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            float factor = x[(size_t)r * p->x_stride + (size_t)k];
            sum[r][0] += factor * b0;
            sum[r][1] += factor * b1;
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        lanes_store(y + (size_t)r * y_stride, sum[r][0]);
        lanes_store(y + (size_t)r * y_stride + LANES, sum[r][1]);
    }
}

/* Any number of rows up to ROWS. */
static void panel_some(const row_product *p, int first, int rows, const float *b, int stride,
                       float *y, size_t y_stride)
{
    switch (rows) {
#define CASE(n)                                                                                \
    case n:                                                                                    \
        panel_rows(p, first, n, b, stride, y, y_stride);                                       \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#if ROWS == 12
        CASE(7)
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
        CASE(12)
#endif
#undef CASE
    default:
        break;
    }
}

static int rows_at(const row_product *p, int first)
{
    return p->rows - first < ROWS ? p->rows - first : ROWS;
}

/* Two panels of a single row: the sums of one alone would wait for each other. */
static void panel_pair(const row_product *p, const float *b, const float *c, float *y)
{
    lanes sum[4] = {{0}};

    for (int k = 0; k < p->depth; k++, b += PANEL, c += PANEL) {
        float factor = p->x[k];
        sum[0] += factor * lanes_load(b);
        sum[1] += factor * lanes_load(b + LANES);
        sum[2] += factor * lanes_load(c);
        sum[3] += factor * lanes_load(c + LANES);
    }
    for (int i = 0; i < 4; i++)
        lanes_store(y + (size_t)i * LANES, sum[i]);
}

/* Columns [from, to) of a panel alone, through a copy. */
static void panel_part(const row_product *p, const float *b, int stride, int from, int to,
                       float *y)
{
    float whole[ROWS * PANEL];

    for (int first = 0; first < p->rows; first += ROWS) {
        int rows = rows_at(p, first);
        panel_some(p, first, rows, b, stride, whole, PANEL);
        for (int r = 0; r < rows; r++)
            memcpy(y + (size_t)(first + r) * p->y_stride, whole + r * PANEL + from,
                   (size_t)(to - from) * sizeof(float));
    }
}

static void panel_whole(const row_product *p, const float *b, float *y)
{
    for (int first = 0; first < p->rows; first += ROWS)
        panel_some(p, first, rows_at(p, first), b, PANEL, y + (size_t)first * p->y_stride,
                   p->y_stride);
}

void KERNEL(row_product)(const row_product *p)
{
    size_t step = (size_t)p->depth * PANEL;
    int end = p->first + p->cols;
    const float *b = p->b;

    for (int at = 0; at < end; at += PANEL, b += step) {
        int width = p->columns - at < PANEL ? p->columns - at : PANEL;
        int from = p->first > at ? p->first - at : 0, to = end - at < width ? end - at : width;
        float *y = p->y + (at + from - p->first);
        if (to - from < PANEL) {
            panel_part(p, b, width, from, to, y);
        } else if (p->rows == 1 && end - at >= 2 * PANEL) {
            panel_pair(p, b, b + step, y);
            at += PANEL;
            b += step;
        } else {
            panel_whole(p, b, y);
        }
    }
}

void KERNEL(panel_pack)(matrix w, float *packed)
{
    for (int at = 0; at < w.rows; at += PANEL) {
        int width = w.rows - at < PANEL ? w.rows - at : PANEL;
        float *to = packed + (size_t)at * (size_t)w.cols;
        for (int k = 0; k < w.cols; k++)
            for (int c = 0; c < width; c++)
                *to++ = matrix_row(w, at + c)[k];
    }
}
