/* copy_mix.h - what is generated and what is copied, put together. */
#ifndef LOCKSTEP_SRC_NN_COPY_MIX_H
#define LOCKSTEP_SRC_NN_COPY_MIX_H

#include <math.h>

/* log(exp(a) + exp(b)); either may be -infinity. */
static inline double log_add(double a, double b)
{
    double most = a > b ? a : b, least = a > b ? b : a;

    return least == -INFINITY ? most : most + log1p(exp(least - most));
}

/* Logarithms of a gate and of what it leaves, finite wherever its logit is. */
static inline double log_gate(double logit)
{
    return logit < 0.0 ? logit - log1p(exp(logit)) : -log1p(exp(-logit));
}

static inline double log_rest(double logit)
{
    return log_gate(-logit);
}

static inline double gate_of(double logit)
{
    return exp(log_gate(logit));
}

#endif
