/* host.c - where this rank is. */
#include "host.h"

#include <stdio.h>
#include <unistd.h>

void host_name(char *out, size_t size)
{
    if (gethostname(out, size - 1) != 0)
        snprintf(out, size, "unknown");
}
