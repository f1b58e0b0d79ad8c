/* dot.h - the product of two vectors, in an order of its own. */
#ifndef LOCKSTEP_SRC_NN_DOT_H
#define LOCKSTEP_SRC_NN_DOT_H

/* The sum of a[i] * b[i]: the same bits wherever the vectors stand. */
static inline double dot(const float *a, const float *b, int count)
{
    enum { SUMS = 8 };
    float sums[SUMS] = {0};
    double all = 0.0;
    int i = 0;

    for (; i + SUMS <= count; i += SUMS)
        for (int k = 0; k < SUMS; k++)
            sums[k] += a[i + k] * b[i + k];
    for (int k = 0; k < SUMS; k++)
        all += (double)sums[k];
    for (; i < count; i++)
        all += (double)a[i] * (double)b[i];
    return all;
}

#endif
