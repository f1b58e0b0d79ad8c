/* block.c - some rows times a panel of columns, summed in registers. */
#include "block.h"

/* Rows of a panel that are fetched ahead of the first ones to read it. */
enum { AHEAD = 24 };

/* Lines of memory of a panel's row; those of c are fetched so many inner indices apart. */
enum { LINES = (PANEL + LINE - 1) / LINE, APART = 4 };

#if defined(__AVX512BF16__)
enum { HAS_PAIRS = true };
#else
enum { HAS_PAIRS = false };
#endif

/* A block's sums so far. `rows` (at most BLOCK_ROWS), `vectors` (at most 2), `first` (do they
 * bring the panel?), `turned` (is a?) and `pairs` are constants where the following functions
 * are inlined. */
typedef lanes sums[BLOCK_ROWS][2];

#define INLINED static inline __attribute__((always_inline))

INLINED void sums_begin(const block *p, int rows, int vectors, int last, sums sum)
{
    if (p->start == 0.0f)
        return;
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            const float *from = p->c + (size_t)r * p->c_row + (size_t)v * LANES;
            sum[r][v] = p->start * lanes_load_some(from, v + 1 < vectors ? LANES : last);
        }
}

/* Where an inner index is read: the factors of three rows are reached from one address. */
enum { NEAR_ROWS = 3 };

typedef struct cursor {
    const float *a[BLOCK_ROWS / NEAR_ROWS], *b;
    float *b_kept;
} cursor;

INLINED void cursor_begin(const block *p, int rows, bool turned, cursor *at)
{
    for (int r = 0; r < (turned ? 1 : rows); r += NEAR_ROWS)
        at->a[r / NEAR_ROWS] = p->a + (size_t)r * p->a_stride;
    at->b = p->b;
    at->b_kept = p->b_kept;
}

INLINED float cursor_factor(const block *p, const cursor *at, int row, bool turned)
{
    return turned ? at->a[0][row]
                  : at->a[row / NEAR_ROWS][(size_t)(row % NEAR_ROWS) * p->a_stride];
}

INLINED void cursor_next(const block *p, int rows, bool turned, cursor *at)
{
    for (int r = 0; r < (turned ? 1 : rows); r += NEAR_ROWS)
        at->a[r / NEAR_ROWS] += turned ? p->a_stride : 1;
    at->b += p->b_step;
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

/* The panel's vectors on their way to the first rows. */
INLINED void panel_bring(const block *p, cursor *at, lanes b0, lanes b1)
{
    __builtin_prefetch(at->b + AHEAD * (size_t)p->b_step);
    __builtin_prefetch(at->b + AHEAD * (size_t)p->b_step + LANES);
    if (at->b_kept == NULL)
        return;
    lanes_store(at->b_kept, b0);
    lanes_store(at->b_kept + LANES, b1);
    at->b_kept += PANEL;
}

/* One inner index. */
INLINED void index_add(const block *p, int rows, int vectors, bool first, bool turned,
                       bool pairs, cursor *at, sums sum)
{
    lanes b0 = lanes_load(at->b), b1 = vectors > 1 ? lanes_load(at->b + LANES) : b0;

    if (first)
        panel_bring(p, at, b0, b1);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        float factor = cursor_factor(p, at, r, turned);
        sum[r][0] = add_product(factor, b0, sum[r][0], pairs);
        if (vectors > 1)
            sum[r][1] = add_product(factor, b1, sum[r][1], pairs);
    }
    cursor_next(p, rows, turned, at);
}

/* The lines of c that a whole block writes are fetched one by one while the sums are made, so
 * that they do not hold up those of the panel. */
INLINED void sums_add(const block *p, int rows, int vectors, bool first, bool turned,
                      bool pairs, sums sum)
{
    int lines = rows == BLOCK_ROWS && vectors == 2 ? rows * LINES : 0, k = 0;
    cursor at;

    cursor_begin(p, rows, turned, &at);
    for (int line = 0; line < lines && k + APART <= p->depth; line++, k += APART) {
        __builtin_prefetch(p->c + (size_t)(line / LINES) * p->c_row + line % LINES * LINE, 1);
#pragma GCC unroll 4
        for (int i = 0; i < APART; i++)
            index_add(p, rows, vectors, first, turned, pairs, &at, sum);
    }
    for (; k < p->depth; k++)
        index_add(p, rows, vectors, first, turned, pairs, &at, sum);
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
INLINED void sum_rows(const block *p, int rows, int vectors, int last, bool first, bool turned,
                      bool pairs)
{
    sums sum = {{{0}}};

    sums_begin(p, rows, vectors, last, sum);
    sums_add(p, rows, vectors, first, turned, pairs, sum);
    sums_end(p, rows, vectors, last, sum);
}

INLINED void sum_some_of(const block *p, int rows, int vectors, int last, bool turned,
                         bool pairs)
{
    switch (2 * rows + vectors) {
#define CASE(n)                                                                                \
    case 2 * n + 1:                                                                            \
        sum_rows(p, n, 1, last, false, turned, pairs);                                         \
        break;                                                                                 \
    case 2 * n + 2:                                                                            \
        sum_rows(p, n, 2, last, false, turned, pairs);                                         \
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

static void sum_straight(const block *p, int rows, int vectors, int last)
{
    if (HAS_PAIRS && p->pairs)
        sum_some_of(p, rows, vectors, last, false, true);
    else
        sum_some_of(p, rows, vectors, last, false, false);
}

static void sum_turned(const block *p, int rows, int vectors, int last)
{
    if (HAS_PAIRS && p->pairs)
        sum_some_of(p, rows, vectors, last, true, true);
    else
        sum_some_of(p, rows, vectors, last, true, false);
}

/* A whole block brings the panel. */
static void sum_first(const block *p)
{
    if (p->a_turned)
        sum_rows(p, BLOCK_ROWS, 2, LANES, true, true, false);
    else
        sum_rows(p, BLOCK_ROWS, 2, LANES, true, false, false);
}

static void sum_some(const block *p, int rows, int columns)
{
    int vectors = columns > LANES ? 2 : 1, last = columns - (vectors - 1) * LANES;

    (p->a_turned ? sum_turned : sum_straight)(p, rows, vectors, last);
}

/* The first rows bring the panel into the nearest cache. */
void KERNEL(block_multiply)(const block *p, int rows, int columns)
{
    block at = *p;

    for (int first = 0; first < rows; first += BLOCK_ROWS) {
        if (first == 0 && rows >= BLOCK_ROWS && columns == PANEL && !p->pairs)
            sum_first(&at);
        else
            sum_some(&at, rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS, columns);
        if (first == 0 && p->b_kept != NULL) {
            at.b = p->b_kept;
            at.b_step = PANEL;
        }
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
