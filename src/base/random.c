/* random.c - counter-based random numbers. */
#include "lockstep/base/random.h"

#include "lockstep/base/status.h"

enum { ROUNDS = 10, FEISTEL_ROUNDS = 6 };

static void mix(uint32_t x[4], uint32_t key0, uint32_t key1)
{
    uint64_t a = (uint64_t)0xD2511F53u * x[0];
    uint64_t b = (uint64_t)0xCD9E8D57u * x[2];

    x[0] = (uint32_t)(b >> 32) ^ x[1] ^ key0;
    x[1] = (uint32_t)b;
    x[2] = (uint32_t)(a >> 32) ^ x[3] ^ key1;
    x[3] = (uint32_t)a;
}

void random_block(uint64_t seed, random_stream stream, const uint32_t counter[4],
                  uint32_t out[4])
{
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    uint32_t x[4] = {counter[0], counter[1], counter[2], counter[3] | (uint32_t)stream << 24};

    for (int round = 0; round < ROUNDS; round++) {
        mix(x, key0, key1);
        key0 += 0x9E3779B9u; /* the golden ratio */
        key1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    for (int i = 0; i < 4; i++)
        out[i] = x[i];
}

float random_uniform(uint32_t bits)
{
    return (float)(bits >> 8) * 0x1p-24f;
}

uint64_t random_bits(uint64_t seed, random_stream stream, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t out[4];

    random_block(seed, stream, (uint32_t[4]){a, b, c, 0}, out);
    return (uint64_t)out[1] << 32 | out[0];
}

/* Half the bits of the smallest domain 2^(2*half) that holds `count`. */
static unsigned half_bits(uint64_t count)
{
    unsigned half = 1;

    while (half < 32 && count > (uint64_t)1 << (2 * half))
        half++;
    return half;
}

/* One permutation of [0, 2^(2*half)): a balanced Feistel network. */
static uint64_t feistel(uint64_t seed, random_stream stream, uint32_t a, uint32_t b,
                        uint64_t value, unsigned half)
{
    uint32_t mask = (uint32_t)(((uint64_t)1 << half) - 1);
    uint32_t left = (uint32_t)(value >> half), right = (uint32_t)value & mask;

    for (uint32_t round = 1; round <= FEISTEL_ROUNDS; round++) {
        uint32_t out[4], old = right;

        /* Round 0 belongs to random_bits. */
        random_block(seed, stream, (uint32_t[4]){a, b, right, round}, out);
        right = left ^ (out[0] & mask);
        left = old;
    }
    return (uint64_t)left << half | right;
}

uint64_t random_permuted(uint64_t seed, random_stream stream, uint32_t a, uint32_t b,
                         uint64_t index, uint64_t count)
{
    unsigned half = half_bits(count);

    CHECK(index < count);
    /* Walking the cycle of a permutation of the larger domain until it comes
     * back into [0, count) permutes [0, count). */
    do
        index = feistel(seed, stream, a, b, index, half);
    while (index >= count);
    return index;
}
