/* sibling.h - the ranks of this host, as the system sees them. */
#ifndef LOCKSTEP_COMM_SIBLING_H
#define LOCKSTEP_COMM_SIBLING_H

#include <stdbool.h>

/* The number that the launcher gave a rank, this one's; "?" when it gave none. */
const char *sibling_own_rank(void);

/* The rank of a process on this host that has this one's parent and was stopped (SIGSTOP,
 * a debugger), and its process id. False when there is none to be seen. */
bool sibling_stopped(long *rank, long *process);

#endif
