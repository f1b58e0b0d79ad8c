/* multiply_add.c - multiplications and additions in registers alone: the most that the
 * processor can do. */
#include "kernel.h"

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* Sums that do not wait for each other: two units with a latency of four or five each. With
 * the two factors they fill the sixteen registers of AVX2. */
enum { SUMS = 12 };

double KERNEL(multiply_add_rounds)(int rounds, float *out)
{
    lanes sum[SUMS], factor, term;

    for (int i = 0; i < LANES; i++) {
        factor[i] = 0.999f;
        term[i] = 0.001f * (float)i;
    }
    for (int s = 0; s < SUMS; s++)
        sum[s] = term * (float)s;
    for (int round = 0; round < rounds; round++)
        for (int s = 0; s < SUMS; s++)
            sum[s] = sum[s] * factor + term;
    *out = 0.0f;
    for (int s = 0; s < SUMS; s++)
        for (int i = 0; i < LANES; i++)
            *out += sum[s][i];
    return 2.0 * LANES * SUMS * rounds;
}
