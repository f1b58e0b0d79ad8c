/* rules.h - the update functions in optimizer.c's table, one file each. */
#ifndef LOCKSTEP_OPTIM_RULES_H
#define LOCKSTEP_OPTIM_RULES_H

#include "lockstep/optim/optimizer.h"

void adam_update(const optimizer_settings *settings, const optimizer_moment *moment,
                 float *values, const float *gradients, float *const slots[], size_t count);

#endif
