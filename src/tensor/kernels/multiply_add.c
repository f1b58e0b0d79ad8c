/* multiply_add.c - multiplications and additions in registers alone: the most that the
 * processor can do. */
#include "kernel.h"
#include "vector.h"

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
