/* word_codes.c - fixed vectors by which words are known again. */
#include "lockstep/nn/word_codes.h"

#include "lockstep/base/random.h"

enum { BITS = 128 }; /* of a block of random numbers */

/* The same in every run, for a checkpoint is used without what it was trained with. */
static void add_code(uint32_t word, float *x, int count)
{
    uint32_t bits[4];

    for (int i = 0; i < count; i++) {
        if (i % BITS == 0)
            random_block(0, RANDOM_WORD, (uint32_t[]){word, (uint32_t)(i / BITS), 0, 0}, bits);
        x[i] += bits[i % BITS / 32] >> (i % 32) & 1 ? 1.0f : -1.0f;
    }
}

void word_codes_add(const pass *pass, const int32_t *words, matrix x)
{
#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int r = 0; r < x.rows; r++)
        add_code((uint32_t)words[r], matrix_row(x, r), x.cols);
}
