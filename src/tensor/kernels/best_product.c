/* best_product.c - rows times a packed matrix, of which the largest products alone are kept.
 *
 * The sums are those of row_product.c, bit for bit, and are compared while they are in
 * registers: most panels have nothing better than what was found before.
 */
#include <math.h>

#include "block.h"

/* A panel with what its columns are called. */
typedef struct panel {
    const float *b, *next; /* the panel behind it is fetched while this one is multiplied */
    int stride;            /* from row to row */
    const float *bias;     /* [PANEL] -infinity where there is no column */
    int32_t symbol;        /* of the first column */
} panel;

typedef int32_t masks __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef int64_t wide_masks __attribute__((vector_size(LANES * sizeof(int32_t))));

static inline bool is_any(masks m)
{
    wide_masks wide = (wide_masks)m;
    int64_t all = 0;

    for (int i = 0; i < LANES / 2; i++)
        all |= wide[i];
    return all != 0;
}

static bool is_never(const best_product *p, int32_t symbol)
{
    for (int i = 0; i < p->nevers; i++)
        if (p->never[i] == symbol)
            return true;
    return false;
}

static void take(const best_product *p, int row, const lanes logits[2], int32_t symbol)
{
    float x[PANEL];

    lanes_store(x, logits[0]);
    lanes_store(x + LANES, logits[1]);
    for (int c = 0; c < PANEL; c++)
        if (x[c] > p->best[row] && !is_never(p, symbol + c)) {
            p->best[row] = x[c];
            p->symbols[row] = symbol + c;
        }
}

/* `rows` is at most BLOCK_ROWS, and a constant where this is inlined. */
static inline __attribute__((always_inline)) void panel_rows(const best_product *p, int first,
                                                             int rows, const panel *at)
{
    const float *x = p->x + (size_t)first * p->x_stride, *b = at->b, *next = at->next;
    lanes sum[BLOCK_ROWS][2] = {{{0}}},
          bias[2] = {lanes_load(at->bias), lanes_load(at->bias + LANES)};
    masks better[BLOCK_ROWS], any = {0};

    for (int k = 0; k < p->depth; k++, b += at->stride, next += PANEL) {
        lanes b0 = lanes_load(b), b1 = lanes_load(b + LANES);
        for (int line = 0; line < PANEL; line += LINE)
            __builtin_prefetch(next + line);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            float factor = x[(size_t)r * p->x_stride + (size_t)k];
            sum[r][0] = multiply_add_lanes(factor, b0, sum[r][0]);
            sum[r][1] = multiply_add_lanes(factor, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        float best = p->best[first + r];
        sum[r][0] += bias[0];
        sum[r][1] += bias[1];
        better[r] = (masks)(sum[r][0] > best) | (masks)(sum[r][1] > best);
        any |= better[r];
    }
    if (!is_any(any))
        return;
    for (int r = 0; r < rows; r++)
        if (is_any(better[r]))
            take(p, first + r, sum[r], at->symbol);
}

static void panel_some(const best_product *p, int first, int rows, const panel *at)
{
    switch (rows) {
#define CASE(n)                                                                                \
    case n:                                                                                    \
        panel_rows(p, first, n, at);                                                           \
        break;
#if BLOCK_ROWS == 12
        CASE(12)
        CASE(11)
        CASE(10)
        CASE(9)
        CASE(8)
        CASE(7)
#endif
        CASE(6)
        CASE(5)
        CASE(4)
        CASE(3)
        CASE(2)
        CASE(1)
#undef CASE
    default:
        break;
    }
}

static void panel_whole(const best_product *p, const panel *at)
{
    for (int first = 0; first < p->rows; first += BLOCK_ROWS)
        panel_some(p, first, p->rows - first < BLOCK_ROWS ? p->rows - first : BLOCK_ROWS, at);
}

/* Of a single row the panel behind too: the sums of one alone would wait for each other. */
static void panel_pair(const best_product *p, const panel *at)
{
    const float *b = at->b, *c = at->next;
    lanes sum[4] = {{0}};
    masks better = {0};

    for (int k = 0; k < p->depth; k++, b += PANEL, c += PANEL)
        for (int i = 0; i < 2; i++) {
            sum[i] = multiply_add_lanes(p->x[k], lanes_load(b + i * LANES), sum[i]);
            sum[2 + i] = multiply_add_lanes(p->x[k], lanes_load(c + i * LANES), sum[2 + i]);
        }
    for (int i = 0; i < 4; i++) {
        sum[i] += lanes_load(at->bias + i * LANES);
        better |= (masks)(sum[i] > *p->best);
    }
    if (is_any(better)) {
        take(p, 0, sum, at->symbol);
        take(p, 0, sum + 2, at->symbol + PANEL);
    }
}

void KERNEL(best_product)(const best_product *p)
{
    size_t step = (size_t)p->depth * PANEL;
    const float *b = p->b;
    float bias[PANEL];
    int at = 0;

    for (; p->rows == 1 && at + 2 * PANEL <= p->columns; at += 2 * PANEL, b += 2 * step)
        panel_pair(p, &(panel){b, b + step, PANEL, p->bias + at, at});
    for (; at + PANEL <= p->columns; at += PANEL, b += step)
        panel_whole(p, &(panel){b, b + step, PANEL, p->bias + at, at});
    if (at == p->columns)
        return;
    for (int c = 0; c < PANEL; c++)
        bias[c] = at + c < p->columns ? p->bias[at + c] : -INFINITY;
    panel_whole(p, &(panel){b, b, p->columns - at, bias, at});
}
