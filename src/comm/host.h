/* host.h - where this rank is. */
#ifndef LOCKSTEP_COMM_HOST_H
#define LOCKSTEP_COMM_HOST_H

#include <stddef.h>

/* The name of its host, into MPI_MAX_PROCESSOR_NAME bytes; "unknown" where it has none. */
void host_name(char *out, size_t size);

#endif
