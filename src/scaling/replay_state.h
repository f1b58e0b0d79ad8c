/* replay_state.h - a replay that goes on: the clock, and what is under way. */
#ifndef LOCKSTEP_SCALING_REPLAY_STATE_H
#define LOCKSTEP_SCALING_REPLAY_STATE_H

#include "replay.h"

/* A piece, or a bucket of values, on its way. */
typedef struct flight {
    bool busy;
    int number;     /* the piece, or the bucket */
    int stage;      /* whose messages it waits for */
    double arrives; /* when they are there */
} flight;

typedef struct replay {
    const recording *recording;
    const forecast_settings *settings;
    const schedule *schedule;
    int stages, pieces, buckets;

    double now;          /* of whoever carries messages, or computes */
    double cable_free;   /* from when on */
    double courier_free; /* likewise the courier, if there is one */
    forecast sum;        /* of this step */

    flight *reduced; /* [schedule_window] */
    bool *said;      /* [pieces] */
    int *queue;      /* [pieces] */
    int queued, begun, landed, announced;
    double landed_at; /* the last of them */

    flight *gathered; /* [schedule_gather_window] */
    int gather_ready, gather_begun, gather_arrived;
    double *arrived_at; /* [buckets] */
} replay;

/* Take what has come and send on what follows; with a courier, what came before meanwhile. */
void replay_advance(replay *r);

/* With a courier: it takes what comes until now. Before new orders, which it must not see. */
void replay_catch_up(replay *r);

/* Until the next of what is under way is there, and taken. */
void replay_wait(replay *r);

/* The thread that computes stands still until then. */
void replay_wait_until(replay *r, double then);

#endif
