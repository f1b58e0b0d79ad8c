/* adam.c - Adam (Kingma and Ba 2015), with epsilon where PyTorch has it.
 *
 *   m = beta1 * m + (1 - beta1) * g        m / (1 - beta1^step) has no bias
 *   v = beta2 * v + (1 - beta2) * g^2      nor has v / (1 - beta2^step)
 *   value -= rate * unbiased m / (sqrt(unbiased v) + epsilon)
 *
 * What is the same for all floats is computed once in double.
 */
#include <math.h>

#include "rules.h"

typedef struct factors {
    float beta1, rest1, beta2, rest2, root, epsilon, rate;
} factors;

static factors of_step(const optimizer_settings *settings, const optimizer_moment *moment)
{
    double step = (double)moment->step;
    double unbias1 = 1.0 - pow(settings->beta1, step);
    double unbias2 = 1.0 - pow(settings->beta2, step);

    return (factors){.beta1 = (float)settings->beta1,
                     .rest1 = (float)(1.0 - settings->beta1),
                     .beta2 = (float)settings->beta2,
                     .rest2 = (float)(1.0 - settings->beta2),
                     .root = (float)(1.0 / sqrt(unbias2)),
                     .epsilon = (float)settings->epsilon,
                     .rate = (float)(moment->rate / unbias1)};
}

static void update(factors f, clipping c, float *restrict values,
                   const float *restrict gradients, float *restrict means,
                   float *restrict squares, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float g = clipped(c, gradients[i]);
        float m = f.beta1 * means[i] + f.rest1 * g;
        float v = f.beta2 * squares[i] + f.rest2 * g * g;

        means[i] = m;
        squares[i] = v;
        values[i] -= f.rate * m / (sqrtf(v) * f.root + f.epsilon);
    }
}

void adam_update(const optimizer_settings *settings, const optimizer_moment *moment,
                 float *values, const float *gradients, float *const slots[], size_t count)
{
    update(of_step(settings, moment), clipping_of(moment), values, gradients, slots[0],
           slots[1], count);
}
