/* launch.c - how a simulated rank was started, and where. */
#include "../launch.h"

#include <mpi.h>
#include <stdio.h>

#include "lockstep/base/status.h"

bool launch_found(void)
{
    return true;
}

void launch_host(char *out, size_t size)
{
    int length;

    CHECK(size >= MPI_MAX_PROCESSOR_NAME);
    if (MPI_Get_processor_name(out, &length) != MPI_SUCCESS)
        snprintf(out, size, "unknown");
}
