/* bfloat16_lay.c - factors in bfloat16, rounded where they are not yet, and laid in pairs. */
#include "bfloat16_lay.h"

#if defined(__AVX512BF16__)

static inline __m512i round_two(lanes low, lanes high)
{
    return (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
}

static inline lanes load_rest(const float *from, int count)
{
    return count > 0 ? lanes_load_some(from, at_most(count, LANES)) : (lanes){0};
}

/* The [depth] numbers of a row, as filled / 2 pairs with zeros behind them; from one group of
 * them to the next `step` floats. */
static inline void round_row(const float *from, int depth, int filled, float *to, size_t step)
{
    enum { GROUP = 2 * LANES };
    int k = 0;

    for (; k + GROUP <= depth; k += GROUP, to += step)
        _mm512_storeu_si512(to, round_two(lanes_load(from + k), lanes_load(from + k + LANES)));
    if (k < filled)
        lanes_store_some(to,
                         (lanes)round_two(load_rest(from + k, depth - k),
                                          load_rest(from + k + LANES, depth - k - LANES)),
                         (filled - k) / 2);
}

/* The first sixteen numbers side by side with the last sixteen. */
static inline __m512i turn_pairs(__m512i both)
{
    const __m512i turn =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7,
                         22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);

    return _mm512_permutexvar_epi16(turn, both);
}

/* `count` numbers of an even inner index, PAIR_LANES at most, next to those of the odd one
 * behind it, which NULL has none of; zeros up to PAIR_LANES pairs. */
static inline void lay_pairs(const float *even, const float *odd, bool rounded, int count,
                             float *to)
{
    if (rounded) {
        __mmask8 some = (__mmask8)((1u << count / 2) - 1u);
        __m256i low = _mm256_maskz_loadu_epi32(some, even);
        __m256i high =
            odd != NULL ? _mm256_maskz_loadu_epi32(some, odd) : _mm256_setzero_si256();
        __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
        _mm512_storeu_si512(to, turn_pairs(both));
        return;
    }
    __m512i both = round_two(lanes_load_some(even, count),
                             odd != NULL ? lanes_load_some(odd, count) : (lanes){0});
    _mm512_storeu_si512(to, turn_pairs(both));
}

#else

static inline uint32_t pair_of(float even, float odd)
{
    return bfloat16_bits(even) >> 16 | bfloat16_bits(odd);
}

static void round_row(const float *from, int depth, int filled, float *to, size_t step)
{
    for (int k = 0; k < filled; k += 2) {
        uint32_t pair = pair_of(k < depth ? from[k] : 0.0f, k + 1 < depth ? from[k + 1] : 0.0f);
        memcpy(to + (size_t)(k / TILE_GROUP) * step + k % TILE_GROUP / 2, &pair, sizeof(pair));
    }
}

static inline uint32_t rounded_at(const float *pairs, int at)
{
    uint16_t number = 0;

    if (pairs != NULL)
        memcpy(&number, (const unsigned char *)pairs + (size_t)at * sizeof(number),
               sizeof(number));
    return number;
}

static inline void lay_pairs(const float *even, const float *odd, bool rounded, int count,
                             float *to)
{
    for (int c = 0; c < PAIR_LANES; c++) {
        uint32_t pair = 0;
        if (c < count && rounded)
            pair = rounded_at(even, c) | rounded_at(odd, c) << 16;
        else if (c < count)
            pair = pair_of(even[c], odd != NULL ? odd[c] : 0.0f);
        memcpy(to + c, &pair, sizeof(pair));
    }
}

#endif

static inline void copy_row(const float *from, int pairs, int filled, float *to, size_t step)
{
    enum { GROUP = TILE_GROUP / 2 };

    for (int k = 0; k < filled; k += GROUP, to += step)
        for (int i = k; i < k + GROUP && i < filled; i += LANES) {
            int some = pairs < i ? 0 : at_most(pairs - i, LANES);
            lanes_store_some(to + (i - k), lanes_load_some(from + i, some),
                             at_most(filled - i, LANES));
        }
}

void KERNEL(bfloat16_lay_rows)(const bfloat16_run *r, factor f, int at, int rows, float *to,
                               size_t row, size_t group)
{
    for (int i = at; i < at + rows; i++, to += row) {
        const float *from = matrix_row(f.floats, i);
        if (f.rounded)
            copy_row(from + r->from / 2, r->depth / 2, r->filled / 2, to, group);
        else
            round_row(from + r->from, r->depth, r->filled, to, group);
    }
}

static void add_bias(const float *restrict x, const float *restrict bias, float *restrict sum,
                     int count)
{
    for (int i = 0; i < count; i++)
        sum[i] = x[i] + bias[i];
}

static void round_sums(const float *x, const float *bias, float *pairs, int cols)
{
    float sum[KERNEL_CHUNK];

    for (int c = 0; c < cols; c += KERNEL_CHUNK) {
        int n = at_most(cols - c, KERNEL_CHUNK);
        add_bias(x + c, bias + c, sum, n);
        round_row(sum, n, n, pairs + c / 2, SIDE_BY_SIDE);
    }
}

void KERNEL(round)(matrix x, const float *bias, matrix pairs)
{
    for (int r = 0; r < x.rows; r++)
        if (bias == NULL)
            round_row(matrix_row(x, r), x.cols, x.cols, matrix_row(pairs, r), SIDE_BY_SIDE);
        else
            round_sums(matrix_row(x, r), bias, matrix_row(pairs, r), x.cols);
}

void KERNEL(bfloat16_lay_pairs)(const bfloat16_run *r, factor f, int k, int at, int count,
                                float *to)
{
    const float *even = matrix_row(f.floats, r->from + k) + (f.rounded ? at / 2 : at);

    lay_pairs(even, k + 1 < r->depth ? even + f.floats.stride : NULL, f.rounded, count, to);
}

/* Two inner indices of BFLOAT16_COLS columns, of which there are `cols`. */
static inline void lay_line(const float *even, const float *odd, bool rounded, int cols,
                            float *to)
{
    for (int at = 0; at < BFLOAT16_COLS; at += PAIR_LANES) {
        int some = cols < at ? 0 : at_most(cols - at, PAIR_LANES);
        int from = some == 0 ? 0 : rounded ? at / 2 : at;
        lay_pairs(even + from, odd != NULL ? odd + from : NULL, rounded, some, to + at);
    }
}

static inline __attribute__((always_inline)) void
lay_lines(const bfloat16_run *r, matrix floats, bool rounded, int at, int cols, float *to)
{
    const float *row = matrix_row(floats, r->from) + (rounded ? at / 2 : at);
    size_t stride = (size_t)floats.stride;
    int k = 0;

    for (; k + 1 < r->depth; k += 2, row += 2 * stride, to += BFLOAT16_COLS)
        lay_line(row, row + stride, rounded, cols, to);
    if (k < r->depth) {
        lay_line(row, NULL, rounded, cols, to);
        k += 2;
        to += BFLOAT16_COLS;
    }
    if (k < r->filled)
        memset(to, 0, (size_t)(r->filled - k) / 2 * BFLOAT16_COLS * sizeof(*to));
}

void KERNEL(bfloat16_lay_straight)(const bfloat16_run *r, factor f, int at, int cols, float *to)
{
    if (f.rounded)
        lay_lines(r, f.floats, true, at, cols, to);
    else
        lay_lines(r, f.floats, false, at, cols, to);
}

/* ---- columns of b ---- */

/* Columns that b holds as rows: pairs are turned as floats are. */
static void turn_cols(const bfloat16_run *r, int at, int cols, float *to)
{
    float rows[BFLOAT16_COLS * BFLOAT16_RUN / 2];
    factor b = factor_rows(r->product->b, at, cols);
    int pairs = r->filled / 2;
    matrix turned = matrix_view(rows, cols, pairs);

    if (b.rounded && r->filled == r->depth)
        turned = matrix_cols(b.floats, r->from / 2, pairs);
    else
        KERNEL(bfloat16_lay_rows)(r, b, 0, cols, rows, (size_t)pairs, SIDE_BY_SIDE);
    if (cols < BFLOAT16_COLS)
        memset(to, 0, (size_t)pairs * BFLOAT16_COLS * sizeof(*to));
    KERNEL(block_turn)(turned, to, BFLOAT16_COLS);
}

void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, void *to)
{
    if (r->product->b_turned)
        turn_cols(r, at, cols, to);
    else
        KERNEL(bfloat16_lay_straight)(r, r->product->b, at, cols, to);
}

_Static_assert((int)LAID_GROUP == (int)BFLOAT16_COLS && (int)LAID_GROUP == (int)TILE_GROUP,
               "a laid factor has whole blocks of columns, and whole groups of inner indices");

/* The first columns and inner indices of b, as a laid_factor. Where that ends. */
static float *lay_factor(const product *p, int cols, int depth, float *to)
{
    for (int at = 0; at < cols; at += BFLOAT16_COLS)
        for (int from = 0; from < depth; from += BFLOAT16_RUN) {
            int some = at_most(depth - from, BFLOAT16_RUN);
            bfloat16_run run = {.product = p, .from = from, .depth = some, .filled = some};
            KERNEL(bfloat16_lay_cols)(&run, at, BFLOAT16_COLS, to);
            to += (size_t)some / 2 * BFLOAT16_COLS;
        }
    return to;
}

void KERNEL(lay_both)(matrix w, float *laid)
{
    int rows = w.rows / LAID_GROUP * LAID_GROUP, cols = w.cols / LAID_GROUP * LAID_GROUP;
    product p = {.b = factor_of(w), .b_turned = true};

    laid = lay_factor(&p, rows, cols, laid);
    p.b_turned = false;
    lay_factor(&p, cols, rows, laid);
}
