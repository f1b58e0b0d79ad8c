/* clip.c - keep a gradient from being too long. */
#include "lockstep/optim/clip.h"

double clip_factor(double norm, double limit)
{
    double factor = limit / (norm + 1e-6);

    return limit > 0 && factor < 1.0 ? factor : 1.0;
}
