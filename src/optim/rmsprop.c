/* rmsprop.c - RMSprop (Tieleman and Hinton 2012), with epsilon where PyTorch has it.
 *
 *   v = alpha * v + (1 - alpha) * g^2
 *   value -= rate * g / (sqrt(v) + epsilon)
 */
#include <math.h>

#include "rules.h"

typedef struct factors {
    float rate, alpha, rest, epsilon;
} factors;

static void update(factors f, clipping c, float *restrict values,
                   const float *restrict gradients, float *restrict squares, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float g = clipped(c, gradients[i]);
        float v = f.alpha * squares[i] + f.rest * g * g;

        squares[i] = v;
        values[i] -= f.rate * g / (sqrtf(v) + f.epsilon);
    }
}

void rmsprop_update(const optimizer_settings *settings, const optimizer_moment *moment,
                    float *values, const float *gradients, float *const slots[], size_t count)
{
    factors f = {.rate = (float)moment->rate,
                 .alpha = (float)settings->alpha,
                 .rest = (float)(1.0 - settings->alpha),
                 .epsilon = (float)settings->epsilon};

    update(f, clipping_of(moment), values, gradients, slots[0], count);
}
