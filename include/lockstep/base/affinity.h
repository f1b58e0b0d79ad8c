/* affinity.h - the cores that a process may run on. */
#ifndef LOCKSTEP_BASE_AFFINITY_H
#define LOCKSTEP_BASE_AFFINITY_H

#include <stdint.h>

enum { AFFINITY_CORES = 4096, AFFINITY_WORDS = AFFINITY_CORES / 64 };

/* A bit for each core of the host. */
typedef struct affinity {
    uint64_t cores[AFFINITY_WORDS];
} affinity;

/* Of the process `pid`, 0: this one. No core where that cannot be known. */
affinity affinity_get(int pid);

void affinity_add(affinity *to, const affinity *more);
int affinity_count(const affinity *a);

#endif
