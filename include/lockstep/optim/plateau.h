/* plateau.h - when validations no longer get better, the learning rate is cut
 * (schedule.h). PyTorch's ReduceLROnPlateau with threshold 0, cooldown 0 and a patience
 * that is smaller by one: it cuts after more than `patience` validations. */
#ifndef LOCKSTEP_OPTIM_PLATEAU_H
#define LOCKSTEP_OPTIM_PLATEAU_H

#include <stdbool.h>
#include <stdint.h>

/* Start from {0}. */
typedef struct plateau {
    int64_t cuts;
    int64_t without_better; /* validations in a row, since the last cut */
} plateau;

/* Count a validation, `better` than all before it or not; true: one more cut, which
 * `patience` (at least 1) in a row without a better one make. */
bool plateau_add(plateau *p, bool better, int64_t patience);

#endif
