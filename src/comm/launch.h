/* launch.h - how this rank was started, and where. */
#ifndef LOCKSTEP_COMM_LAUNCH_H
#define LOCKSTEP_COMM_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

/* By something that starts ranks of MPI: what it left in the environment says so. */
bool launch_found(void);

/* The name of the host, into MPI_MAX_PROCESSOR_NAME bytes; "unknown" where it has none. */
void launch_host(char *out, size_t size);

#endif
