/* peak_rate.c - how fast this processor could multiply matrices at most. */
#include "lockstep/tensor/peak_rate.h"

#include <omp.h>

#include "lockstep/base/clock.h"
#include "lockstep/tensor/kernels.h"

enum { ROUNDS = 100000, LEAST_TURNS = 5 };
static const double least_seconds = 0.1;

/* GFLOP/s of one turn, which takes about a millisecond. */
static double rate_of_turn(const kernels *k, int threads)
{
    double done = 0.0, begin = clock_seconds();

#pragma omp parallel num_threads(threads) reduction(+ : done)
    {
        float out;
        done += k->multiply_add_rounds(ROUNDS, &out);
    }
    return 1e-9 * done / (clock_seconds() - begin);
}

double peak_rate(int threads)
{
    const kernels *k = kernels_best();
    double best = 0.0, begin = clock_seconds();

    for (int turn = 0; turn < LEAST_TURNS || clock_seconds() < begin + least_seconds; turn++) {
        double rate = rate_of_turn(k, threads);
        best = rate > best ? rate : best;
    }
    return best;
}
