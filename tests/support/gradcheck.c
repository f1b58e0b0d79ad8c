/* gradcheck.c - compare an analytic gradient with central differences. */
#include "gradcheck.h"

#include <math.h>

double gradcheck_error(gradcheck_loss loss, void *user, float *x, const float *analytic, int n)
{
    const float h = 1e-2f; /* float32 sweet spot: eps^(1/3), roughly */
    double worst = 0.0;

    for (int i = 0; i < n; i++) {
        float kept = x[i];

        x[i] = kept + h;
        double above = loss(user);
        x[i] = kept - h;
        double below = loss(user);
        x[i] = kept;

        double numeric = (above - below) / (2.0 * h);
        worst = fmax(worst, fabs(analytic[i] - numeric) / (1 + fabs(numeric)));
    }
    return worst;
}
