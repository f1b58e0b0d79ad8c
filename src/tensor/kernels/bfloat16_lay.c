/* bfloat16_lay.c - factors rounded to bfloat16 and laid in pairs. */
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

void KERNEL(bfloat16_lay_row)(const float *from, int depth, int filled, float *to)
{
    enum { STEP = 2 * LANES };
    int k = 0;

    for (; k + STEP <= depth; k += STEP)
        _mm512_storeu_si512(to + k / 2,
                            round_two(lanes_load(from + k), lanes_load(from + k + LANES)));
    if (k < filled)
        lanes_store_some(to + k / 2,
                         (lanes)round_two(load_rest(from + k, depth - k),
                                          load_rest(from + k + LANES, depth - k - LANES)),
                         (filled - k) / 2);
}

void KERNEL(bfloat16_lay_pairs)(const float *even, const float *odd, int count, float *to)
{
    const __m512i turn =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7,
                         22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    __m512i both = round_two(lanes_load_some(even, count),
                             odd != NULL ? lanes_load_some(odd, count) : (lanes){0});

    _mm512_storeu_si512(to, _mm512_permutexvar_epi16(turn, both));
}

#else

static inline uint32_t pair_of(float even, float odd)
{
    return bfloat16_bits(even) >> 16 | bfloat16_bits(odd);
}

void KERNEL(bfloat16_lay_row)(const float *from, int depth, int filled, float *to)
{
    for (int k = 0; k < filled; k += 2) {
        uint32_t pair = pair_of(k < depth ? from[k] : 0.0f, k + 1 < depth ? from[k + 1] : 0.0f);
        memcpy(to + k / 2, &pair, sizeof(pair));
    }
}

void KERNEL(bfloat16_lay_pairs)(const float *even, const float *odd, int count, float *to)
{
    for (int c = 0; c < PAIR_LANES; c++) {
        uint32_t pair = c < count ? pair_of(even[c], odd != NULL ? odd[c] : 0.0f) : 0;
        memcpy(to + c, &pair, sizeof(pair));
    }
}

#endif

/* Two inner indices of BFLOAT16_COLS columns, of which there are `cols`. */
static void lay_line(const float *even, const float *odd, int cols, float *to)
{
    for (int at = 0; at < BFLOAT16_COLS; at += PAIR_LANES) {
        int some = cols < at ? 0 : at_most(cols - at, PAIR_LANES), from = some > 0 ? at : 0;
        KERNEL(bfloat16_lay_pairs)(even + from, odd != NULL ? odd + from : NULL, some, to + at);
    }
}

void KERNEL(bfloat16_lay_straight)(const bfloat16_run *r, matrix m, int at, int cols, float *to)
{
    const float *row = matrix_row(m, r->from) + at;
    size_t stride = (size_t)m.stride;
    int k = 0;

    for (; k + 1 < r->depth; k += 2, row += 2 * stride, to += BFLOAT16_COLS)
        lay_line(row, row + stride, cols, to);
    if (k < r->depth) {
        lay_line(row, NULL, cols, to);
        k += 2;
        to += BFLOAT16_COLS;
    }
    if (k < r->filled)
        memset(to, 0, (size_t)(r->filled - k) / 2 * BFLOAT16_COLS * sizeof(*to));
}

/* Columns that b holds as rows: pairs are turned as floats are. */
static void turn_cols(const bfloat16_run *r, int at, int cols, float *to)
{
    float rows[BFLOAT16_COLS * BFLOAT16_RUN / 2];
    int pairs = r->filled / 2;

    for (int i = 0; i < cols; i++)
        KERNEL(bfloat16_lay_row)
    (matrix_row(r->product->b, at + i) + r->from, r->depth, r->filled,
     rows + (size_t)(i * pairs));
    if (cols < BFLOAT16_COLS)
        memset(to, 0, (size_t)pairs * BFLOAT16_COLS * sizeof(*to));
    KERNEL(block_turn)(matrix_view(rows, cols, pairs), to, BFLOAT16_COLS);
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

    laid = lay_factor(&(product){.b = w, .b_turned = true}, rows, cols, laid);
    lay_factor(&(product){.b = w}, cols, rows, laid);
}
