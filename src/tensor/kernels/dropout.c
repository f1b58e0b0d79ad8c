/* dropout.c - masks, KERNEL_CHUNK columns at a time. */
#include "kernel.h"

#include "lockstep/base/random.h"

enum { WORDS = KERNEL_CHUNK / 2 };

/* Two keys for each chunk of a row from Philox, then 32 bits for every two columns by an
 * integer hash of their number, with the second key put in between so that no two chunks
 * have shifted copies of one another (lowbias32's constants; Wellons 2018). */
void KERNEL(dropout_mask)(const dropout *d, uint32_t row, uint32_t chunk, float *restrict mask)
{
    uint32_t words[WORDS], key[4], threshold = d->threshold;
    float scale = d->scale;
    uint32_t place[4] = {chunk, d->row + row, (uint32_t)d->site << 16 | d->grain, d->draw};

    random_block(d->seed, RANDOM_DROPOUT, place, key);
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t x = i + key[0];
        x = (x ^ x >> 16) * 0x7FEB352Du;
        x ^= key[1];
        x = (x ^ x >> 15) * 0x846CA68Bu;
        words[i] = x ^ x >> 16;
    }
    for (int i = 0; i < WORDS; i++)
        mask[i] = (words[i] & 0xFFFFu) < threshold ? 0.0f : scale;
    for (int i = 0; i < WORDS; i++)
        mask[WORDS + i] = (words[i] >> 16) < threshold ? 0.0f : scale;
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
