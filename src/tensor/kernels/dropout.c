/* dropout.c - masks by Philox 4x32-10, sixteen counters at a time. */
#include "kernel.h"

#include "lockstep/base/random.h"

enum { LANES = 8, WORDS = 64 };

/* Eight 32-bit numbers in 64-bit lanes, so that their products fit. */
typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));
typedef uint32_t packed_lanes __attribute__((vector_size(4 * LANES)));

typedef struct counters {
    lanes word[4];
} counters;

static inline lanes low(lanes product)
{
    return product & 0xFFFFFFFFu;
}

static inline counters philox_round(counters c, uint64_t k0, uint64_t k1)
{
    lanes a = c.word[0] * 0xD2511F53u, b = c.word[2] * 0xCD9E8D57u;

    return (counters){{(b >> 32) ^ c.word[1] ^ k0, low(b), (a >> 32) ^ c.word[3] ^ k1, low(a)}};
}

static inline counters start(const dropout *d, uint32_t row, uint32_t first)
{
    const lanes zero = {0}, number = {0, 1, 2, 3, 4, 5, 6, 7};

    return (counters){{number + first, zero + (d->row + row),
                       zero + ((uint32_t)d->site << 16 | d->grain),
                       zero + (d->draw | (uint32_t)RANDOM_DROPOUT << 24)}};
}

static inline void store(counters c, uint32_t *words)
{
    for (int w = 0; w < 4; w++) {
        packed_lanes narrow = __builtin_convertvector(c.word[w], packed_lanes);
        __builtin_memcpy(words + w * 2 * LANES, &narrow, sizeof(narrow));
    }
}

/* The same numbers as random_block(seed, RANDOM_DROPOUT, {lane, row, site and grain,
 * draw}); each 32-bit number gives two columns their 16 bits. */
void KERNEL(dropout_mask)(const dropout *d, uint32_t row, uint32_t chunk, float *restrict mask)
{
    uint32_t words[WORDS];
    uint32_t k0 = (uint32_t)d->seed, k1 = (uint32_t)(d->seed >> 32);
    counters a = start(d, row, chunk * 2 * LANES), b = start(d, row, chunk * 2 * LANES + LANES);

    for (int round = 0; round < 10; round++) {
        a = philox_round(a, k0, k1);
        b = philox_round(b, k0, k1);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    store(a, words);
    store(b, words + LANES);
    for (int i = 0; i < WORDS; i++)
        mask[i] = (words[i] & 0xFFFFu) < d->threshold ? 0.0f : d->scale;
    for (int i = 0; i < WORDS; i++)
        mask[WORDS + i] = (words[i] >> 16) < d->threshold ? 0.0f : d->scale;
}

void KERNEL(dropout_apply)(matrix x, const dropout *d)
{
    float mask[KERNEL_CHUNK];

    for (int r = 0; r < x.rows; r++) {
        float *restrict row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c += KERNEL_CHUNK) {
            int n = x.cols - c < KERNEL_CHUNK ? x.cols - c : KERNEL_CHUNK;
            KERNEL(dropout_mask)(d, (uint32_t)r, (uint32_t)(c / KERNEL_CHUNK), mask);
            for (int i = 0; i < n; i++)
                row[c + i] *= mask[i];
        }
    }
}
