/* half.c - numbers of IEEE 754 binary16.
 *
 * Both ways without branches, so that loops over them become vectors.
 */
#include "lockstep/base/half.h"

#include <string.h>

/* A float has 13 more bits of fraction than a half, and its exponent is 112 higher. */
enum { FRACTION = 13, BIAS = 112 };

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t from_float(float value)
{
    uint32_t bits = bits_of(value), size = bits & 0x7fffffff;
    /* The sum's last bit is worth 2^-24, as that of a subnormal half: the addition rounds. */
    uint32_t subnormal = bits_of(float_of(size) + 0.5F) - bits_of(0.5F);
    uint32_t normal =
        (size + 0xfff + (size >> FRACTION & 1) - ((uint32_t)BIAS << 23)) >> FRACTION;
    uint32_t half = size < 0x38800000 ? subnormal : normal;

    half = size >= 0x477ff000 ? 0x7c00 : half;
    half = size > 0x7f800000 ? 0x7e00 | (size >> FRACTION & 0x1ff) : half;
    return (uint16_t)(half | (bits >> 16 & 0x8000));
}

static inline float to_float(uint16_t half)
{
    uint32_t size = half & 0x7fffU, exponent = size & 0x7c00;
    /* A subnormal half is a whole number of 2^-24. */
    uint32_t subnormal = bits_of((float)(int32_t)size * 0x1p-24F);
    uint32_t normal = (size << FRACTION) + ((uint32_t)BIAS << 23);
    uint32_t bits = exponent == 0 ? subnormal : normal;

    bits = exponent == 0x7c00 ? size << FRACTION | 0x7f800000 : bits;
    return float_of(bits | (uint32_t)(half & 0x8000) << 16);
}

uint16_t half_from_float(float value)
{
    return from_float(value);
}

float half_to_float(uint16_t half)
{
    return to_float(half);
}

void half_from_floats(uint16_t *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from_float(from[i]);
}

void half_to_floats(float *to, const uint16_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = to_float(from[i]);
}
