/* bfloat16.h - the two arithmetics of products in bfloat16.
 *
 * Operands are rounded to bfloat16, to the nearest, ties to even. There are no denormal
 * numbers: each that is read or made is a zero of its sign. Sums are of fused multiply-adds
 * in float32, in one of two orders:
 *
 * tiles, those of AMX (TDPBF16PS): for each 32 of the inner index the products of its even
 * and of its odd numbers are summed apart, from zero and in order; both sums are added, and
 * what they give to the element.
 *
 * pairs, those of AVX512_BF16 (VDPBF16PS): the element is one chain, in which of each two of
 * the inner index the odd one comes before the even one.
 *
 * Zeros fill up the last 32, or 2. Float32 holds all of it exactly, so that any processor can
 * do the same, bit by bit.
 */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_H

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { TILE_GROUP = 32, PAIR = 2 };

/* Denormal numbers become zeros from the first to the second, which is given what the first
 * returned. Both are a thread's own. */
static inline uint64_t denormals_flush(void)
{
#if defined(__SSE__)
    enum { FLUSH_RESULTS = 0x8000, FLUSH_OPERANDS = 0x0040 };
    unsigned before = _mm_getcsr();

    _mm_setcsr(before | FLUSH_RESULTS | FLUSH_OPERANDS);
    return before;
#elif defined(__aarch64__)
    const uint64_t flush = UINT64_C(1) << 24;
    uint64_t before;

    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" ::"r"(before | flush) : "memory");
    return before;
#else
#error "denormal numbers: how does this processor leave them out?"
#endif
}

static inline void denormals_restore(uint64_t before)
{
#if defined(__SSE__)
    _mm_setcsr((unsigned)before);
#else
    __asm__ volatile("msr fpcr, %0" ::"r"(before) : "memory");
#endif
}

/* The nearest bfloat16, in the upper half; the lower one is 0. A NaN stays one. */
static inline uint32_t bfloat16_bits(float x)
{
    union {
        float value;
        uint32_t bits;
    } at = {x};
    uint32_t rounded = at.bits + 0x7fffu + ((at.bits >> 16) & 1u);

    rounded = (at.bits & 0x7fffffffu) > 0x7f800000u ? at.bits | 0x400000u : rounded;
    rounded = (at.bits & 0x7f800000u) == 0 ? at.bits & 0x80000000u : rounded;
    return rounded & 0xffff0000u;
}

#endif
