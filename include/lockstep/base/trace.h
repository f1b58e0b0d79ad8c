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

enum { TRACE_SPANS = 1 << 18, TRACE_DEPTH = 32, TRACE_NAMES = 64 };

/* Start recording; trace_close will write `path`, with `rank` as the process
 * number. Copies the path. With `path` NULL only the sums are kept, and nothing is
 * written. */
MUST_CHECK status trace_open(const char *path, int rank);

/* Write the file and stop recording. Nothing to do when none was opened. */
MUST_CHECK status trace_close(void);

/* Seconds in all spans of that name since trace_open, inner ones included; 0 without one.
 * They stay when the trace is closed. */
double trace_seconds(const char *name);

/* The same, of the spans that an outermost span called `outer` holds. */
double trace_seconds_within(const char *outer, const char *name);

extern bool trace_enabled; /* read only: whether spans are recorded */

void trace_push(const char *name);
void trace_pop(void);

/* Open a span. `name` is a literal: it is kept, not copied, and not escaped. */
static inline void trace_begin(const char *name)
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
