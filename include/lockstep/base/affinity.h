/* affinity.h - the cores that a process may run on. */
#ifndef LOCKSTEP_BASE_AFFINITY_H
#define LOCKSTEP_BASE_AFFINITY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { AFFINITY_CORES = 4096, AFFINITY_WORDS = AFFINITY_CORES / 64 };

/* A bit for each core of the host. */
typedef struct affinity {
    uint64_t cores[AFFINITY_WORDS];
} affinity;

/* Of the process `pid`, 0: this one. No core where that cannot be known. */
affinity affinity_get(int pid);

/* This process' own, and those of the one that started it: launchers leave processes unbound, or
 * bind each to a part of what they have themselves. */
affinity affinity_allowed(void);

/* Let a thread of this process run on these; where that cannot be it stays where it is. */
void affinity_bind(pthread_t thread, const affinity *to);

/* Of a list as the kernel writes it, "0-3,8": those below AFFINITY_CORES; none from where on it
 * is no list. */
affinity affinity_parse(const char *list);

void affinity_add(affinity *to, const affinity *more);
int affinity_count(const affinity *a);
bool affinity_meets(const affinity *a, const affinity *b);  /* is a core in both? */
bool affinity_within(const affinity *a, const affinity *b); /* is all of `a` in `b`? */

#endif
