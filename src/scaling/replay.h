/* replay.h - a recorded step against the clock, with the messages of a schedule. */
#ifndef LOCKSTEP_SCALING_REPLAY_H
#define LOCKSTEP_SCALING_REPLAY_H

#include "lockstep/exchange/schedule.h"
#include "lockstep/scaling/forecast.h"

/* Computing, messages, waiting, bytes and the cable's seconds of a step among many. */
MUST_CHECK status replay_run(forecast *out, const recording *recording,
                             const forecast_settings *s, const schedule *schedule);

#endif
