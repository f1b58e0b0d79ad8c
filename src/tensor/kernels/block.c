/* block.c - some rows times a panel of columns, summed in registers. */
#include "block.h"

/* Rows of a panel that are fetched ahead of the first ones to read it. */
enum { AHEAD = 24 };

/* From so many inner indices on a block of c is fetched line by line; 0: whole, at once. */
enum { SPREAD = BLOCK_ROWS * LANES > 128 ? 64 : 0 };

#if defined(__AVX512BF16__)
enum { HAS_PAIRS = true };
#else
enum { HAS_PAIRS = false };
#endif

/* A block's sums so far. `rows` (at most BLOCK_ROWS), `vectors` (at most 2), `first` (do they
 * bring the panel?), `turn` (do they keep a?) and `pairs` are constants where the following
 * functions are inlined. */
typedef lanes sums[BLOCK_ROWS][2];

#define INLINED static inline __attribute__((always_inline))

INLINED void sums_begin(const block *p, int rows, int vectors, int last, sums sum)
{
    if (p->start == 0.0f) {
#pragma GCC unroll 12
        for (int r = 0; r < rows && SPREAD == 0; r++)
            __builtin_prefetch(p->c + (size_t)r * p->c_row, 1);
        return;
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            const float *from = p->c + (size_t)r * p->c_row + (size_t)v * LANES;
            sum[r][v] = p->start * lanes_load_some(from, v + 1 < vectors ? LANES : last);
        }
}

/* c in steps of 1/65536 row from one inner index to the next, such that all its rows go by. */
static inline uint32_t row_step(int rows, int depth)
{
    return SPREAD == 0 || depth < SPREAD ? 0 : ((uint32_t)rows << 16) / (uint32_t)depth;
}

INLINED lanes add_product(float factor, lanes b, lanes sum, bool pairs)
{
#if defined(__AVX512BF16__)
    if (pairs)
        return pair_add_lanes(factor, b, sum);
#else
    (void)pairs;
#endif
    return multiply_add_lanes(factor, b, sum);
}

/* Where a block of c has many lines, they are fetched one after another while the sums are
 * made, so that they do not hold up those of the panel. */
INLINED void sums_add(const block *p, int rows, int vectors, bool first, bool turn, bool pairs,
                      sums sum)
{
    const float *a = p->a, *b = p->b;
    float *b_kept = p->b_kept, *a_kept = p->a_kept;
    uint32_t row = 0, step = row_step(rows, p->depth);

    for (int k = 0; k < p->depth; k++, a += p->a_step, b += p->b_step, row += step) {
        lanes b0 = lanes_load(b), b1 = vectors > 1 ? lanes_load(b + LANES) : b0;
        if (SPREAD > 0)
            __builtin_prefetch(
                p->c + (size_t)(row >> 16) * p->c_row + (vectors > 1 ? (k & 1) * LANES : 0), 1);
        if (first) {
            __builtin_prefetch(b + AHEAD * (size_t)p->b_step);
            __builtin_prefetch(b + AHEAD * (size_t)p->b_step + LANES);
            if (b_kept != NULL) {
                lanes_store(b_kept, b0);
                lanes_store(b_kept + LANES, b1);
                b_kept += PANEL;
            }
        }
        if (turn) {
            __builtin_prefetch(a + AHEAD * p->a_step);
            memcpy(a_kept, a, BLOCK_ROWS * sizeof(*a));
            a_kept += BLOCK_ROWS;
        }
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            float factor = a[(size_t)r * p->a_row];
            sum[r][0] = add_product(factor, b0, sum[r][0], pairs);
            if (vectors > 1)
                sum[r][1] = add_product(factor, b1, sum[r][1], pairs);
        }
    }
}

INLINED void sums_end(const block *p, int rows, int vectors, int last, sums sum)
{
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            float *to = p->c + (size_t)r * p->c_row + (size_t)v * LANES;
            lanes_store_some(to, p->scale * sum[r][v], v + 1 < vectors ? LANES : last);
        }
}

/* The last vector has `last` columns. */
INLINED void sum_rows(const block *p, int rows, int vectors, int last, bool first, bool turn,
                      bool pairs)
{
    sums sum = {{{0}}};

    sums_begin(p, rows, vectors, last, sum);
    sums_add(p, rows, vectors, first, turn, pairs, sum);
    sums_end(p, rows, vectors, last, sum);
}

INLINED void sum_some_of(const block *p, int rows, int vectors, int last, bool pairs)
{
    switch (2 * rows + vectors) {
#define CASE(n)                                                                                \
    case 2 * n + 1:                                                                            \
        sum_rows(p, n, 1, last, false, false, pairs);                                          \
        break;                                                                                 \
    case 2 * n + 2:                                                                            \
        sum_rows(p, n, 2, last, false, false, pairs);                                          \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#if BLOCK_ROWS == 12
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

static void sum_some(const block *p, int rows, int vectors, int last)
{
    if (HAS_PAIRS && p->pairs)
        sum_some_of(p, rows, vectors, last, true);
    else
        sum_some_of(p, rows, vectors, last, false);
}

static void sum_whole(const block *p, bool first, bool turn)
{
    if (p->pairs)
        sum_some(p, BLOCK_ROWS, 2, LANES);
    else if (first && turn)
        sum_rows(p, BLOCK_ROWS, 2, LANES, true, true, false);
    else if (first)
        sum_rows(p, BLOCK_ROWS, 2, LANES, true, false, false);
    else if (turn)
        sum_rows(p, BLOCK_ROWS, 2, LANES, false, true, false);
    else
        sum_some(p, BLOCK_ROWS, 2, LANES);
}

static void keep_rows(const block *p, int rows)
{
    for (int k = 0; k < p->depth; k++)
        memcpy(p->a_kept + (size_t)k * BLOCK_ROWS, p->a + (size_t)k * p->a_step,
               (size_t)rows * sizeof(*p->a));
}

/* Rows that do not fill a block, or a panel's columns. */
static void sum_rest(const block *p, int rows, int columns)
{
    int vectors = columns > LANES ? 2 : 1;

    sum_some(p, rows, vectors, columns - (vectors - 1) * LANES);
    if (p->a_kept != NULL)
        keep_rows(p, rows);
}

/* The first rows bring the panel into the nearest cache. */
void KERNEL(block_multiply)(const block *p, int rows, int columns)
{
    block at = *p;

    for (int first = 0; first < rows; first += BLOCK_ROWS) {
        if (rows - first >= BLOCK_ROWS && columns == PANEL)
            sum_whole(&at, first == 0, p->a_kept != NULL);
        else
            sum_rest(&at, rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS, columns);
        if (first == 0 && p->b_kept != NULL) {
            at.b = p->b_kept;
            at.b_step = PANEL;
        }
        if (p->a_kept != NULL)
            at.a_kept += (size_t)p->depth * BLOCK_ROWS;
        at.a += at.a_next;
        at.c += (size_t)BLOCK_ROWS * at.c_row;
    }
}

enum { QUAD = sizeof(quad) / sizeof(float), QUADS = LANES / QUAD };

/* The lanes a, b, c and d of every quad; those of a second vector have LANES more. */
#if defined(__AVX512F__)
#define OF_QUADS(a, b, c, d)                                                                   \
    a, b, c, d, (a) + 4, (b) + 4, (c) + 4, (d) + 4, (a) + 8, (b) + 8, (c) + 8, (d) + 8,        \
        (a) + 12, (b) + 12, (c) + 12, (d) + 12
#elif defined(__AVX__)
#define OF_QUADS(a, b, c, d) a, b, c, d, (a) + 4, (b) + 4, (c) + 4, (d) + 4
#else
#define OF_QUADS(a, b, c, d) a, b, c, d
#endif

/* Four rows of `count` columns, a vector's at most. */
static inline void turn_rows(const float *from, size_t row, int count, float *to, size_t step)
{
    enum { N = LANES };
    lanes a = lanes_load_some(from, count), b = lanes_load_some(from + row, count);
    lanes c = lanes_load_some(from + 2 * row, count),
          d = lanes_load_some(from + 3 * row, count);
    lanes ab = __builtin_shufflevector(a, b, OF_QUADS(0, N, 1, N + 1));
    lanes cd = __builtin_shufflevector(c, d, OF_QUADS(0, N, 1, N + 1));
    lanes ab_end = __builtin_shufflevector(a, b, OF_QUADS(2, N + 2, 3, N + 3));
    lanes cd_end = __builtin_shufflevector(c, d, OF_QUADS(2, N + 2, 3, N + 3));
    union {
        lanes whole[QUAD];
        quad part[QUAD][QUADS];
    } turned = {{__builtin_shufflevector(ab, cd, OF_QUADS(0, 1, N, N + 1)),
                 __builtin_shufflevector(ab, cd, OF_QUADS(2, 3, N + 2, N + 3)),
                 __builtin_shufflevector(ab_end, cd_end, OF_QUADS(0, 1, N, N + 1)),
                 __builtin_shufflevector(ab_end, cd_end, OF_QUADS(2, 3, N + 2, N + 3))}};

#pragma GCC unroll 4
    for (int q = 0; q < QUADS; q++)
#pragma GCC unroll 4
        for (int i = 0; i < QUAD; i++, to += step)
            if (q * QUAD + i < count)
                memcpy(to, &turned.part[i][q], sizeof(quad));
}

void KERNEL(block_turn)(matrix from, float *to, int step)
{
    int rows = from.rows / QUAD * QUAD, cols = from.cols / LANES * LANES;
    size_t row = (size_t)from.stride, next = (size_t)step;

    for (int r = 0; r < rows; r += QUAD) {
        const float *four = matrix_row(from, r);
        for (int c = 0; c < cols; c += LANES)
            turn_rows(four + c, row, LANES, to + (size_t)c * next + (size_t)r, next);
        if (cols < from.cols)
            turn_rows(four + cols, row, from.cols - cols, to + (size_t)cols * next + (size_t)r,
                      next);
    }
    for (int r = rows; r < from.rows; r++)
        for (int c = 0; c < from.cols; c++)
            to[(size_t)c * next + (size_t)r] = matrix_row(from, r)[c];
}
