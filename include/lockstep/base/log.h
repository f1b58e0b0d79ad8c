/* log.h - what a person reads: lines on standard error, a copy in a file, and
 * one live line on a terminal.
 *
 * Only the rank that opened the log (rank 0) prints; on the others every call
 * but log_error is silent. One sink per process.
 */
#ifndef LOCKSTEP_BASE_LOG_H
#define LOCKSTEP_BASE_LOG_H

#include <stdbool.h>

#include "lockstep/base/status.h"

/* Start printing lines to standard error, with the live line when that is a
 * terminal, or when the environment has LOCKSTEP_TERMINAL: mpirun puts a pipe between
 * (scripts/run.sh sets it). Until log_open a process prints errors only. */
void log_open(void);

/* From now on copy every line to `path`, appending. Nothing is copied of the
 * live line. */
MUST_CHECK status log_copy_to(const char *path);
void log_close(void);

void log_line(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);

/* Printed by every process that calls it: "lockstep: error: ...". */
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* Is there a live line to replace? */
bool log_is_live(void);

/* Replace the live line, at most ten times a second; nothing where standard
 * error is not a terminal. */
void log_progress(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
