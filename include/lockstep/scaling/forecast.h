/* forecast.h - how long a training step takes on hosts that are not there: a recording is
 * replayed against the clock, with the messages of the exchange's own schedule
 * (exchange/schedule.h) on a described network.
 *
 * One rank is followed, one that has most to do; all others are taken to do the same. It
 * computes as it was recorded. Between, where the recorded pass let messages move, it takes in
 * what has come, adds it and sends what follows, as the exchange does. A message takes
 *
 *     processor:  `message` seconds and `byte` for each byte, on both sides
 *     network:    the cable of its host, in order, which it shares with what the host's other
 *                 ranks send; then the latency
 *
 * so what cannot be hidden shows as waiting. Where the exchange has a courier, it does the
 * processor's work, on a core of its own, while the pass goes on. All wait for the slowest rank
 * once a step: with P ranks whose computing varies by `deviation`, the expected largest of P
 * normal numbers. The switches are taken to carry all that comes; what they do not is for a
 * simulation to say.
 */
#ifndef LOCKSTEP_SCALING_FORECAST_H
#define LOCKSTEP_SCALING_FORECAST_H

#include "lockstep/base/status.h"
#include "lockstep/config/network.h"
#include "lockstep/exchange/exchange.h"
#include "lockstep/scaling/recording.h"

typedef struct forecast_settings {
    const network *network;
    int hosts, ranks_a_host;
    exchange_settings exchange; /* grains: of all ranks; half is the recording's */
    double slowdown;            /* of computing against the recording: 1 */
    int split; /* ranks that share the threads and the grains of a recorded one; 0: it is one */
} forecast_settings;

typedef struct forecast {
    double seconds;   /* of a step: of the next six all but `carried` */
    double computing; /* forward, backward, norm, update and all else that was recorded */
    double messages;  /* of the processor, for messages and additions */
    double carried;   /* of a courier for them, beside */
    double waiting;   /* for messages on their way */
    double agreeing;  /* for the small messages of a step by which all ranks agree */
    double slowest;   /* for the slowest rank */
    double bytes;     /* that a rank sends */
    double cable;     /* seconds that its host's cable is busy */
    char route[EXCHANGE_TEXT];
} forecast;

/* STATUS_CONFIG with more ranks than grains. */
MUST_CHECK status forecast_make(forecast *out, const recording *r, const forecast_settings *s);

/* The expected largest of `count` standard normal numbers. */
double expected_largest(int count);

#endif
