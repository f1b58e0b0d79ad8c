/* host.c - where a simulated rank is. */
#include "../host.h"

#include <mpi.h>
#include <stdio.h>

#include "lockstep/base/status.h"

void host_name(char *out, size_t size)
{
    int length;

    CHECK(size >= MPI_MAX_PROCESSOR_NAME);
    if (MPI_Get_processor_name(out, &length) != MPI_SUCCESS)
        snprintf(out, size, "unknown");
}
