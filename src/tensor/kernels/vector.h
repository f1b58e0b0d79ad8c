/* vector.h - vectors as wide as the instruction set has them, in the compilers' own terms. */
#ifndef LOCKSTEP_TENSOR_KERNELS_VECTOR_H
#define LOCKSTEP_TENSOR_KERNELS_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__FMA__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_FMA)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

typedef uint32_t lane_bits __attribute__((vector_size(LANES * sizeof(uint32_t))));

/* Columns of a packed matrix that stand together (row_product). */
enum { PANEL = 2 * LANES };

static inline lanes lanes_load(const float *from)
{
    lanes v;

    memcpy(&v, from, sizeof(v));
    return v;
}

static inline void lanes_store(float *to, lanes v)
{
    memcpy(to, &v, sizeof(v));
}

typedef float quad __attribute__((vector_size(4 * sizeof(float))));

/* A vector's lanes by halves, until four are left: each half is added to the one before it. */
static inline quad lanes_halves(lanes v)
{
#if defined(__AVX512F__)
    typedef float half __attribute__((vector_size(LANES / 2 * sizeof(float))));
    half h = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
             __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(__AVX__)
    lanes h = v;
#endif
#if defined(__AVX__)
    return __builtin_shufflevector(h, h, 0, 1, 2, 3) +
           __builtin_shufflevector(h, h, 4, 5, 6, 7);
#else
    return v;
#endif
}

/* The first `count` of a vector's lanes: with lanes_load_some 0 in the others, with
 * lanes_store_some the others' places are not touched. */
#if defined(__AVX512F__)
static inline __mmask16 lanes_first(int count)
{
    return (__mmask16)((1u << count) - 1u);
}
#elif defined(__AVX2__)
static inline __m256i lanes_first(int count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

static inline lanes lanes_load_some(const float *from, int count)
{
    if (count == LANES)
        return lanes_load(from);
#if defined(__AVX512F__)
    return (lanes)_mm512_maskz_loadu_ps(lanes_first(count), from);
#elif defined(__AVX2__)
    return (lanes)_mm256_maskload_ps(from, lanes_first(count));
#else
    lanes v = {0};

    for (int i = 0; i < count; i++)
        v[i] = from[i];
    return v;
#endif
}

static inline void lanes_store_some(float *to, lanes v, int count)
{
    if (count == LANES) {
        lanes_store(to, v);
        return;
    }
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(to, lanes_first(count), (__m512)v);
#elif defined(__AVX2__)
    _mm256_maskstore_ps(to, lanes_first(count), (__m256)v);
#else
    for (int i = 0; i < count; i++)
        to[i] = v[i];
#endif
}

/* The first `count` lanes, and 0 in the others. */
static inline lanes lanes_some(lanes v, int count)
{
    if (count == LANES)
        return v;
#if defined(__AVX512F__)
    return (lanes)_mm512_maskz_mov_ps(lanes_first(count), (__m512)v);
#elif defined(__AVX2__)
    return (lanes)_mm256_and_ps((__m256)v, (__m256)lanes_first(count));
#else
    for (int i = count; i < LANES; i++)
        v[i] = 0.0f;
    return v;
#endif
}

/* The larger of each lane and `least`; NaN stays NaN. */
static inline lanes lanes_at_least(lanes v, float least)
{
#if defined(__AVX512F__)
    return (lanes)_mm512_max_ps(_mm512_set1_ps(least), (__m512)v);
#elif defined(__AVX__)
    return (lanes)_mm256_max_ps(_mm256_set1_ps(least), (__m256)v);
#else
    lane_bits less = (lane_bits)(v < least);
    lane_bits all = (lane_bits)((lanes){0} + least);
    return (lanes)(((lane_bits)v & ~less) | (all & less));
#endif
}

/* a * b + c in one rounding, on any processor: the product is exact in double, the sum is
 * rounded to odd there, which leaves the second rounding right (Boldo & Melquiond 2008). */
static inline float multiply_add_exact(float a, float b, float c)
{
    double product = (double)a * b;
    union {
        double value;
        int64_t bits;
    } sum = {product + c};
    double left = sum.value - product;
    double rest = (product - (sum.value - left)) + (c - left);

    if ((rest > 0.0 || rest < 0.0) && (sum.bits & 1) == 0)
        sum.bits += (rest > 0.0) == (sum.value > 0.0) ? 1 : -1;
    return (float)sum.value;
}

/* factor * b + sum, lane by lane, in one rounding. */
static inline __attribute__((always_inline)) lanes multiply_add_lanes(float factor, lanes b,
                                                                      lanes sum)
{
#if defined(__AVX512F__)
    return (lanes)_mm512_fmadd_ps(_mm512_set1_ps(factor), (__m512)b, (__m512)sum);
#elif defined(__FMA__)
    return (lanes)_mm256_fmadd_ps(_mm256_set1_ps(factor), (__m256)b, (__m256)sum);
#elif defined(__ARM_FEATURE_FMA)
    return (lanes)vfmaq_n_f32((float32x4_t)sum, (float32x4_t)b, factor);
#else
    for (int i = 0; i < LANES; i++)
        sum[i] = multiply_add_exact(factor, b[i], sum[i]);
    return sum;
#endif
}

#if defined(__AVX512BF16__)
/* The same of pairs of numbers in bfloat16 in the place of each float. */
static inline __attribute__((always_inline)) lanes pair_add_lanes(float factor, lanes b,
                                                                  lanes sum)
{
    return (lanes)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(factor), (__m512bh)b);
}
#endif

#endif
