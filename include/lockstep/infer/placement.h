/* placement.h - where ranks run: hosts, cores, NUMA nodes; and whether they have enough. */
#ifndef LOCKSTEP_INFER_PLACEMENT_H
#define LOCKSTEP_INFER_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/affinity.h"
#include "lockstep/comm/world.h"

enum { PLACEMENT_HOST = 65, PLACEMENT_TEXT = 400 };

/* Of one rank. */
typedef struct placement {
    char host[PLACEMENT_HOST];
    affinity cores; /* that it may run on; none where that cannot be known */
    int host_cores; /* that its host has */
    int host_nodes; /* NUMA nodes with cores that its host has, 0: unknown */
    int nodes;      /* of them, those that `cores` are part of */
} placement;

/* Of this process. */
placement placement_get(const char *host);

/* [collective] Of each rank, [world_size] on rank 0 (owned: memory_destroy), NULL on the
 * others. */
MUST_CHECK status placement_collect(world *w, placement **out);

/* Ranks on the host of rank `rank`; 0 where an earlier rank is there, too. */
int placement_count(const placement *all, int ranks, int rank);

/* "2 hosts (4 ranks each); bound to 2 cores each, 2 NUMA nodes" of all ranks. */
void placement_describe(const placement *all, int ranks, char out[PLACEMENT_TEXT]);

/* Where not all ranks have as many cores: "ranks 0-3 on a: 2 cores each; rank 4 on b: 1 core".
 * False, and `out` is left alone, where they have. */
bool placement_differs(const placement *all, int ranks, char out[PLACEMENT_TEXT]);

/* Ranks of one host that have more threads than cores to run on, `threads` each: all of them
 * together, or those that the launcher has bound to the same few cores. Says which, and what to
 * do (`passive`: threads that wait give way already); false where there are none. */
bool placement_crowded(const placement *all, int ranks, int threads, bool passive,
                       char out[PLACEMENT_TEXT]);

#endif
