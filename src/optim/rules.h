/* rules.h - the update functions in optimizer.c's table, one file each, and how all of
 * them read a gradient. */
#ifndef LOCKSTEP_OPTIM_RULES_H
#define LOCKSTEP_OPTIM_RULES_H

#include <math.h>

#include "lockstep/optim/optimizer.h"

void adam_update(const optimizer_settings *settings, const optimizer_moment *moment,
                 float *values, const float *gradients, float *const slots[], size_t count);
void adamw_update(const optimizer_settings *settings, const optimizer_moment *moment,
                  float *values, const float *gradients, float *const slots[], size_t count);
void sgd_update(const optimizer_settings *settings, const optimizer_moment *moment,
                float *values, const float *gradients, float *const slots[], size_t count);
void rmsprop_update(const optimizer_settings *settings, const optimizer_moment *moment,
                    float *values, const float *gradients, float *const slots[], size_t count);

typedef struct clipping {
    float scale, limit;
} clipping;

static inline clipping clipping_of(const optimizer_moment *moment)
{
    return (clipping){.scale = (float)moment->scale,
                      .limit = moment->limit > 0.0 ? (float)moment->limit : INFINITY};
}

/* The comparisons stand as the vector instructions for minimum and maximum have them; not
 * a number comes through. */
static inline float clipped(clipping c, float gradient)
{
    float g = gradient * c.scale;

    g = c.limit < g ? c.limit : g;
    return -c.limit > g ? -c.limit : g;
}

#endif
