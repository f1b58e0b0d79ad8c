/* node.c - the one addition of two nodes of the tree, and what a node is rounded to.
 *
 * Without branches, so that the loops become vectors.
 */
#include "lockstep/slab/node.h"

#include <string.h>

/* A bfloat16 is the upper half of a float. */
enum { LOWER_BITS = 16 };

static inline uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float rounded(float value)
{
    uint32_t bits = bits_of(value);
    uint32_t even = bits >> LOWER_BITS & 1;
    /* A carry out of the fraction raises the exponent, from the largest one to infinity. */
    uint32_t nearest = bits + 0x7fff + even;
    uint32_t quiet = bits | 0x00400000;

    nearest = value != value ? quiet : nearest;
    return float_of(nearest & 0xffff0000) + 0.0f; /* -0 + 0 is +0 */
}

void node_add(float *out, const float *left, const float *right, size_t count, bool half)
{
    if (half)
        for (size_t i = 0; i < count; i++)
            out[i] = rounded(left[i] + right[i]);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = left[i] + right[i];
}

void node_round(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = rounded(values[i]);
}

void node_pack(uint16_t *out, const float *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (uint16_t)(bits_of(in[i]) >> LOWER_BITS);
}

void node_unpack(float *out, const uint16_t *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = float_of((uint32_t)in[i] << LOWER_BITS);
}
