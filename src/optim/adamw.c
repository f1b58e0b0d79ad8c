/* adamw.c - Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch's.
 *
 *   value -= rate * weight_decay * value, where these floats decay; then Adam's update
 *
 * The decay is a pass of its own, over a piece that Adam then finds in the cache. It is
 * subtracted: a factor 1 - rate * weight_decay, rounded to float, would be off by the same
 * amount at every step.
 */
#include "rules.h"

static void shrink(float share, float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] -= share * values[i];
}

void adamw_update(const optimizer_settings *settings, const optimizer_moment *moment,
                  float *values, const float *gradients, float *const slots[], size_t count)
{
    if (moment->decays)
        shrink((float)(moment->rate * settings->weight_decay), values, count);
    adam_update(settings, moment, values, gradients, slots, count);
}
