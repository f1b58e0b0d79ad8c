/* platform.h - a described network as SimGrid wants it. */
#ifndef LOCKSTEP_SIMULATION_PLATFORM_H
#define LOCKSTEP_SIMULATION_PLATFORM_H

#include <stdio.h>

#include "lockstep/config/network.h"

/* Write a platform of so many hosts, "host0" on. */
void platform_write(FILE *out, const network *n, int hosts);

#endif
