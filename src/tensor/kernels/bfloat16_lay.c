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

/* Columns that b holds as rows: pairs are turned as floats are. */
static void turn_cols(const bfloat16_run *r, int at, int cols, float *to, int step)
{
    float rows[PAIR_LANES * BFLOAT16_RUN / 2];
    int pairs = r->filled / 2;

    for (int i = 0; i < cols; i++)
        KERNEL(bfloat16_lay_row)
    (matrix_row(r->product->b, at + i) + r->from, r->depth, r->filled,
     rows + (size_t)(i * pairs));
    for (int k = 0; cols < PAIR_LANES && k < pairs; k++)
        memset(to + (size_t)(k * step), 0, PAIR_LANES * sizeof(*to));
    KERNEL(block_turn)(matrix_view(rows, cols, pairs), to, step);
}

static void straight_cols(const bfloat16_run *r, int at, int cols, float *to, int step)
{
    matrix b = r->product->b;

    for (int k = 0; k < r->filled; k += 2, to += step) {
        bool none = k >= r->depth, last = k + 1 >= r->depth;
        const float *even = matrix_row(b, r->from + (none ? 0 : k)) + at;
        KERNEL(bfloat16_lay_pairs)(even, last ? NULL : even + b.stride, none ? 0 : cols, to);
    }
}

void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, float *to, int step,
                               size_t half)
{
    for (int done = 0; done < 2 * PAIR_LANES; done += PAIR_LANES, to += half) {
        int some = cols < done ? 0 : at_most(cols - done, PAIR_LANES);
        if (r->product->b_turned)
            turn_cols(r, at + done, some, to, step);
        else
            straight_cols(r, at + done, some, to, step);
    }
}
