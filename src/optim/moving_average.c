/* moving_average.c - an exponential moving average of the parameters. */
#include "lockstep/optim/moving_average.h"

#include "lockstep/base/memory.h"

/* Floats that one thread averages at a time. */
enum { PIECE = 4096 };

status moving_average_init(moving_average *a, double decay, size_t count, int threads)
{
    CHECK(decay >= 0.0 && decay < 1.0 && threads > 0);
    *a = (moving_average){.decay = decay, .threads = threads};
    if (decay == 0.0)
        return STATUS_OK;
    a->values = memory_create(count, sizeof(float));
    if (a->values == NULL)
        return fail(STATUS_NOMEM, "no memory for the average of the parameters: %zu floats",
                    count);
    a->count = count;
    return STATUS_OK;
}

void moving_average_free(moving_average *a)
{
    memory_destroy(a->values);
    *a = (moving_average){0};
}

double moving_average_decay(double decay, int64_t step)
{
    double first = (1.0 + (double)step) / (10.0 + (double)step);

    return first < decay ? first : decay;
}

/* d * average + (1 - d) * value in the form that keeps a value that does not change: with d
 * and 1 - d both rounded to floats, the average would end beside it. */
static void add_piece(float *restrict average, const float *restrict values, float rest,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        average[i] += rest * (values[i] - average[i]);
}

void moving_average_add(moving_average *a, int64_t step, const float *values, size_t first,
                        size_t count)
{
    size_t pieces = (count + PIECE - 1) / PIECE;

    if (a->values == NULL)
        return;
    CHECK(step > 0 && first <= a->count && count <= a->count - first);
    float rest = (float)(1.0 - moving_average_decay(a->decay, step));
#pragma omp parallel for num_threads(a->threads) if (a->threads > 1)
    for (size_t piece = 0; piece < pieces; piece++) {
        size_t at = piece * PIECE;

        add_piece(a->values + first + at, values + at, rest,
                  count - at < PIECE ? count - at : PIECE);
    }
}
