/* launch.c - how this rank was started, and where. */
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Set by mpirun, by srun with PMIx or PMI2, and by other launchers. */
bool launch_found(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL ||
           getenv("PMI_RANK") != NULL;
}

void launch_host(char *out, size_t size)
{
    if (gethostname(out, size - 1) != 0)
        snprintf(out, size, "unknown");
}
