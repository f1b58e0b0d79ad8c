/* recorder.h - hooks that note how long a pass computes between what it says of its parameters,
 * before they hand it on to the exchange.
 *
 * The first step shows what is said and in which order; all others have to say the same. What
 * stays in the recording are medians over the steps, so that a step which something else
 * disturbed does not count. Nothing is allocated but in the first step.
 */
#ifndef LOCKSTEP_TRAIN_RECORDER_H
#define LOCKSTEP_TRAIN_RECORDER_H

#include "lockstep/exchange/exchange.h"
#include "lockstep/scaling/recording.h"

typedef struct recorder {
    exchange *exchange; /* borrowed */
    parameter_hooks hooks;
    recording *out;    /* borrowed: its tensors and events are made here */
    int room;          /* for events */
    int at;            /* events of this step so far */
    int counted;       /* from this tensor on all uses' filled shares are known */
    double since;      /* clock_seconds at which computing began again */
    double moves;      /* since then */
    double inside;     /* seconds of this step in the exchange */
    double began;      /* this step */
    int steps;         /* to be recorded */
    double *computing; /* [steps] seconds */
    double *seconds;   /* [events][steps] */
    status failure;
} recorder;

/* Empties `out` and registers the tensors in it. At most `steps` will be recorded. Owned:
 * recorder_free, also after a failure. */
MUST_CHECK status recorder_init(recorder *r, exchange *x, const parameters *p, int steps,
                                recording *out);
void recorder_free(recorder *r);

void recorder_begin_step(recorder *r);
/* Around exchange_end. */
void recorder_begin_end(recorder *r);
void recorder_end_end(recorder *r);
/* STATUS_CONFIG when it did not say what the first step said. */
MUST_CHECK status recorder_end_step(recorder *r);

/* What was noted becomes the recording; `norm` and `update`: seconds of all steps. */
void recorder_finish(recorder *r, double norm, double update);

#endif
