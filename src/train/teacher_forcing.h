/* teacher_forcing.h - e(step), the share of the truth in what the decoder is fed while it
 * learns (Bengio et al. 2015, section 2.4).
 *
 *   constant         value
 *   linear           max(floor, value - decay * i)
 *   exponential      max(floor, decay^i)
 *   inverse_sigmoid  max(floor, k / (k + exp(i / k)))
 *
 * Steps are numbered by the steps done before them, so the first has number 0; i counts them
 * from `start`, whose i is 0, and before `start` e is 1.
 */
#ifndef LOCKSTEP_TRAIN_TEACHER_FORCING_H
#define LOCKSTEP_TRAIN_TEACHER_FORCING_H

#include <stdint.h>

typedef struct teacher_forcing {
    int schedule; /* forcing_kind of config/config.h; none is 1 throughout */
    double value, decay, k, floor;
    int64_t start;
} teacher_forcing;

/* e of the step that `done` steps came before; in [0, 1]. */
double teacher_forcing_rate(const teacher_forcing *f, int64_t done);

#endif
