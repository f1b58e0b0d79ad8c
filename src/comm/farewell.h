/* farewell.h - the last words of a rank that ends before its job does. */
#ifndef LOCKSTEP_COMM_FAREWELL_H
#define LOCKSTEP_COMM_FAREWELL_H

/* From now on, until farewell_end, this process says "rank R (host h): segmentation fault"
 * before it ends by SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT (what handled that before comes
 * next: a trace of the calls), and that it ends too early when exit is called. A rank that is
 * killed (SIGKILL) or calls _exit says nothing: the launcher does. Once a process. */
void farewell_begin(int rank, const char *host);
void farewell_end(void);

#endif
