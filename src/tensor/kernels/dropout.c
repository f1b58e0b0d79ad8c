/* dropout.c - masks by Philox 4x32-10, sixteen counters at a time. */
#include "kernel.h"

#include "lockstep/base/random.h"

enum { LANES = 16 };

/* The same numbers as random_block(seed, RANDOM_DROPOUT, {lane, row, site and grain,
 * draw}); each 32-bit number gives two columns their 16 bits. */
void KERNEL(dropout_mask)(const dropout *d, uint32_t row, uint32_t chunk, float *mask)
{
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t k0 = (uint32_t)d->seed, k1 = (uint32_t)(d->seed >> 32);

    for (uint32_t i = 0; i < LANES; i++) {
        c0[i] = chunk * LANES + i;
        c1[i] = d->row + row;
        c2[i] = (uint32_t)d->site << 16 | d->grain;
        c3[i] = d->draw | (uint32_t)RANDOM_DROPOUT << 24;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < LANES; i++) {
            uint64_t a = (uint64_t)c0[i] * 0xD2511F53u;
            uint64_t b = (uint64_t)c2[i] * 0xCD9E8D57u;
            c0[i] = (uint32_t)(b >> 32) ^ c1[i] ^ k0;
            c2[i] = (uint32_t)(a >> 32) ^ c3[i] ^ k1;
            c1[i] = (uint32_t)b;
            c3[i] = (uint32_t)a;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    const uint32_t *words[4] = {c0, c1, c2, c3};
    for (int w = 0; w < 4; w++)
        for (int i = 0; i < LANES; i++) {
            uint32_t bits = words[w][i];
            mask[w * LANES + i] = (bits & 0xFFFFu) < d->threshold ? 0.0f : d->scale;
            mask[(w + 4) * LANES + i] = (bits >> 16) < d->threshold ? 0.0f : d->scale;
        }
}

void KERNEL(dropout_apply)(matrix x, const dropout *d)
{
    float mask[KERNEL_CHUNK];

    for (int r = 0; r < x.rows; r++) {
        float *row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c += KERNEL_CHUNK) {
            int n = x.cols - c < KERNEL_CHUNK ? x.cols - c : KERNEL_CHUNK;
            KERNEL(dropout_mask)(d, (uint32_t)r, (uint32_t)(c / KERNEL_CHUNK), mask);
            for (int i = 0; i < n; i++)
                row[c + i] *= mask[i];
        }
    }
}
