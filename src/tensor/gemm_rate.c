/* gemm_rate.c - how fast this process multiplies matrices. */
#include "lockstep/tensor/gemm_rate.h"

#include <omp.h>

#include "engines.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"

enum { LARGEST = 1024, LEAST_ROUNDS = 3 };
static const double least_seconds = 0.25;

static size_t size_of_one(void)
{
    return (size_t)LARGEST * LARGEST;
}

static matrix square(float *all, int thread, int number, int side)
{
    size_t at = ((size_t)thread * 3 + (size_t)number) * size_of_one();

    return matrix_view(all + at, side, side);
}

/* Seconds of one product of that size on every thread. */
static double time_products(float *all, int threads, int side)
{
    double begin = clock_seconds();

#pragma omp parallel num_threads(threads)
    {
        int thread = omp_get_thread_num();
        engine_openblas.multiply(&(product){.a = factor_of(square(all, thread, 0, side)),
                                            .b = factor_of(square(all, thread, 1, side)),
                                            .b_turned = true,
                                            .alpha = 1.0f,
                                            .c = square(all, thread, 2, side)});
    }
    return clock_seconds() - begin;
}

static double best_rate(float *all, int threads)
{
    static const int sides[] = {LARGEST / 2, LARGEST};
    double best = 0.0, begin = clock_seconds();

    for (int round = 0; round < LEAST_ROUNDS || clock_seconds() < begin + least_seconds;
         round++) {
        for (int i = 0; i < 2; i++) {
            double side = sides[i];
            double rate =
                2e-9 * side * side * side * threads / time_products(all, threads, sides[i]);
            best = rate > best ? rate : best;
        }
    }
    return best;
}

status gemm_rate(int threads, double *out)
{
    size_t floats = (size_t)threads * 3 * size_of_one();
    float *all = memory_create(floats, sizeof(*all));

    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory for the matrices of %d threads", threads);
    for (size_t i = 0; i < floats; i++)
        all[i] = (float)(i % 7) - 3.0f;
    *out = best_rate(all, threads);
    memory_destroy(all);
    return STATUS_OK;
}
