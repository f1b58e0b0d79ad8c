/* trace.h - where the time goes: spans in Chrome's trace format.
 *
 * Spans nest and belong to the main thread. The newest TRACE_SPANS are kept;
 * they are allocated by trace_open, so a span costs two clock readings and no
 * allocation. The seconds spent under each name are summed up as well. Until
 * trace_open the calls cost one branch. The file opens in chrome://tracing and in
 * Perfetto; one file for each rank.
 */
#ifndef LOCKSTEP_BASE_TRACE_H
#define LOCKSTEP_BASE_TRACE_H

#include <stdbool.h>

#include "lockstep/base/status.h"

enum { TRACE_SPANS = 1 << 18, TRACE_DEPTH = 32 };

/* What is measured, and its name in the file. */
#define TRACE_NAME_LIST(X)                                                                     \
    X(LOAD, "load")                                                                            \
    X(SAMPLING, "sampling")                                                                    \
    X(LEARNING, "forward and backward")                                                        \
    X(EMBEDDING, "embedding")                                                                  \
    X(ATTENTION, "attention")                                                                  \
    X(FEED_FORWARD, "feed-forward")                                                            \
    X(OUTPUT, "output")                                                                        \
    X(SUM_GRADIENTS, "sum gradients")                                                          \
    X(NORM, "norm")                                                                            \
    X(UPDATE, "update")                                                                        \
    X(GATHER_PARAMETERS, "gather parameters")                                                  \
    X(SWAP_PARAMETERS, "swap parameters")                                                      \
    X(COMPARE_PARAMETERS, "compare parameters")                                                \
    X(SAVE, "save")

typedef enum trace_name {
#define X(name, text) TRACE_##name,
    TRACE_NAME_LIST(X)
#undef X
        TRACE_NAMES
} trace_name;

/* Start recording; trace_close will write `path`, with `rank` as the process
 * number. Copies the path. With `path` NULL only the sums are kept, and nothing is
 * written. */
MUST_CHECK status trace_open(const char *path, int rank);

/* Write the file and stop recording. Nothing to do when none was opened. */
MUST_CHECK status trace_close(void);

/* Seconds in all spans of that name since trace_open, inner ones included; 0 without one.
 * They stay when the trace is closed. */
double trace_seconds(trace_name name);

/* The same, of the spans that an outermost span called `outer` holds, itself included. */
double trace_seconds_within(trace_name outer, trace_name name);

/* Sum up under names, besides seconds, by how much more `read` gives at the end of a span than
 * at its beginning, from the next trace_open on; NULL, as at first: nothing. */
void trace_gauge(double (*read)(void));

/* That sum, as trace_seconds_within has seconds; 0 without a gauge. */
double trace_gauged_within(trace_name outer, trace_name name);

extern bool trace_enabled; /* read only: whether spans are recorded */

void trace_push(trace_name name);
void trace_pop(void);

/* Open a span. */
static inline void trace_begin(trace_name name)
{
    if (trace_enabled)
        trace_push(name);
}

/* Close the span opened last. */
static inline void trace_end(void)
{
    if (trace_enabled)
        trace_pop();
}

#endif
