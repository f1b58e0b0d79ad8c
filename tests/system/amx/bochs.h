/* bochs.h - included before everything else: what Bochs 3.0 has wrong of AVX512_BF16. Of
 * VCVTNE2PS2BF16 it reads the upper half from beyond the register: two instructions that round
 * a vector each stand in. VDPBF16PS counts a factor's place in memory by 4 bytes, not by 64:
 * the compiler is told to have it in a register. */
#if defined(__AVX512BF16__)
#include <immintrin.h>

static inline __m512bh round_apart(__m512 high, __m512 low)
{
    return (__m512bh)_mm512_inserti64x4(
        _mm512_castsi256_si512((__m256i)_mm512_cvtneps_pbh(low)),
        (__m256i)_mm512_cvtneps_pbh(high), 1);
}

static inline __m512 add_from_registers(__m512 sum, __m512bh a, __m512bh b)
{
    __asm__("" : "+v"(a), "+v"(b));
    return _mm512_dpbf16_ps(sum, a, b);
}

#define _mm512_cvtne2ps_pbh round_apart
#define _mm512_dpbf16_ps    add_from_registers
#endif
