/* recording.h - a training step as one rank went through it: how long it computed between
 * the moments at which the exchange was called. With it a step can be replayed without a
 * model, for any number of ranks (replay of a forecast, or of a simulation).
 *
 * A file has one recording a line, a JSON object; `lockstep plan --record` adds some.
 * Seconds are medians over the recorded steps, of norm and update means, and leave out what
 * the exchange itself took.
 */
#ifndef LOCKSTEP_SCALING_RECORDING_H
#define LOCKSTEP_SCALING_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/slab/parameters.h"

/* What a pass said of the parameters (slab/hooks.h), and the end of its batch. */
typedef enum recorded_kind {
    RECORDED_NEED,
    RECORDED_READY_USE,
    RECORDED_READY,
    RECORDED_END /* exchange_end */
} recorded_kind;

typedef struct recorded_event {
    recorded_kind kind;
    int tensor;     /* `last`, `index`, `first` of the hook; of an end 0 */
    int use;        /* of RECORDED_READY_USE; else 0 */
    double seconds; /* of computing since the event before, or since the step began */
    double moves;   /* calls of the hook `move` in them */
} recorded_event;

typedef struct recorded_tensor {
    char name[PARAMETER_NAME];
    int rows, cols, dimensions, uses;
    double filled[PARAMETER_USES]; /* of each use's gradient, the share that is sent */
} recorded_tensor;

typedef struct recording {
    int ranks;                /* that computed side by side on the host */
    int threads;              /* of each */
    int grains;               /* of this rank */
    bool half;                /* gradients are bfloat16 */
    int steps;                /* recorded */
    double tokens;            /* target tokens of this rank's grains */
    double rest;              /* s after the last event and before the next step, but for: */
    double norm;              /* s, had it all gradients to itself */
    double update;            /* s, for all parameters */
    double deviation;         /* standard deviation of a step's computing over its median */
    recorded_tensor *tensors; /* [tensor_count] in order of registration, owned */
    int tensor_count;
    recorded_event *events; /* [event_count] in order, owned */
    int event_count;
} recording;

/* Afterwards `*r` is empty; an empty one is fine. */
void recording_free(recording *r);

/* Append a line to the file, which may not be there yet. STATUS_IO. */
MUST_CHECK status recording_add(const recording *r, const char *path);

/* All recordings of a file. `*out` [*count] is owned: recording_free for each, memory_destroy.
 * STATUS_INPUT when it cannot be read, has none, or what is in one makes no sense; a line that
 * is no JSON object is passed over. */
MUST_CHECK status recording_load(recording **out, int *count, const char *path);

/* Of those with so many ranks and threads (0: as the first with so many ranks) the one whose
 * share of grains is nearest; NULL when there is none. */
const recording *recording_nearest(const recording *list, int count, int ranks, int threads,
                                   int grains);

/* Register its tensors in empty parameters. */
MUST_CHECK status recording_register(const recording *r, parameters *out);

#endif
