/* clock.h - time that never goes backwards, and the time of day. */
#ifndef LOCKSTEP_BASE_CLOCK_H
#define LOCKSTEP_BASE_CLOCK_H

/* Seconds since an arbitrary moment. */
double clock_seconds(void);

/* Seconds since 1970, as the system has it: for people and other programs, not to measure
 * durations. */
double clock_now(void);

/* Seconds of processor time that all threads of this process have used. */
double clock_processor_seconds(void);

/* "2h 05m", "3m 20s", "12s" into `out`, for a person. */
void clock_text(double seconds, char out[32]);

#endif
