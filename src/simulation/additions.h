/* additions.h - adding nodes takes simulated time. */
#ifndef LOCKSTEP_SIMULATION_ADDITIONS_H
#define LOCKSTEP_SIMULATION_ADDITIONS_H

/* So long for each float from now on, on all ranks. */
void additions_take(double seconds);

#endif
