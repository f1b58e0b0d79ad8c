/* stop.h - the stop flag: a signal asks, every long loop looks. */
#ifndef LOCKSTEP_BASE_STOP_H
#define LOCKSTEP_BASE_STOP_H

/* Before libraries begin: note whether a SIGHUP is ignored, which they may change. */
void stop_note(void);

/* From now on SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGXCPU, SIGUSR1 and SIGUSR2 set the flag
 * instead of ending the process; a second SIGINT or SIGQUIT ends it at once. A SIGHUP that
 * is ignored (nohup), or was when it was noted, stays so. Once one has come a closed pipe ends
 * nothing: what was asked to stop can say and save it. First thing in main, so that none comes
 * before.
 *
 * mpirun reads what ranks write, so they never meet a closed pipe. Where the environment has
 * LOCKSTEP_RELAY (scripts/run.sh sets it) SIGUSR2 says that they would have: the flag is
 * SIGPIPE then. */
void stop_open(void);

/* From now on a pipe that nobody reads any more fails the write (EPIPE) and does not end the
 * process: of several ranks the others would be left alone. */
void stop_ignore_pipe(void);

/* The number of the signal that asked this process to stop, 0 when none did.
 * Ranks may see it at different moments: agree on it before acting. */
int stop_signal(void);

/* How often that was asked: while the count stands still no long loop moves. Who asks only now
 * and then, whatever else goes on, peeks: it does not count. */
unsigned long stop_looks(void);
int stop_peek(void);

/* As if `signal` had arrived; 0 clears the flag. */
void stop_set(int signal);

#endif
