/* sgd.c - gradient descent with momentum, as PyTorch's (no dampening).
 *
 *   b = momentum * b + g
 *   value -= rate * b, or rate * (g + momentum * b) with Nesterov's momentum
 *                      (Sutskever et al. 2013)
 *
 * Without momentum the slot holds the last gradient.
 */
#include "rules.h"

typedef struct factors {
    float rate, momentum;
    bool nesterov;
} factors;

static void update(factors f, clipping c, float *restrict values,
                   const float *restrict gradients, float *restrict buffer, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float g = clipped(c, gradients[i]);
        float b = f.momentum * buffer[i] + g;

        buffer[i] = b;
        values[i] -= f.rate * (f.nesterov ? f.momentum * b + g : b);
    }
}

void sgd_update(const optimizer_settings *settings, const optimizer_moment *moment,
                float *values, const float *gradients, float *const slots[], size_t count)
{
    factors f = {.rate = (float)moment->rate,
                 .momentum = (float)settings->momentum,
                 .nesterov = settings->nesterov};

    update(f, clipping_of(moment), values, gradients, slots[0], count);
}
