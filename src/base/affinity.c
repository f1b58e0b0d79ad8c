/* affinity.c - the cores that a process may run on. */
#define _GNU_SOURCE
#include "lockstep/base/affinity.h"

#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

affinity affinity_get(int pid)
{
    cpu_set_t sets[AFFINITY_CORES / CPU_SETSIZE];
    affinity a = {{0}};

    CPU_ZERO_S(sizeof(sets), sets);
    if (sched_getaffinity(pid, sizeof(sets), sets) != 0)
        return a;
    for (size_t core = 0; core < AFFINITY_CORES; core++)
        if (CPU_ISSET_S(core, sizeof(sets), sets))
            a.cores[core / 64] |= (uint64_t)1 << core % 64;
    return a;
}

affinity affinity_allowed(void)
{
    affinity all = affinity_get(0), launcher = affinity_get(getppid());

    affinity_add(&all, &launcher);
    return all;
}

void affinity_bind(pthread_t thread, const affinity *to)
{
    cpu_set_t sets[AFFINITY_CORES / CPU_SETSIZE];

    CPU_ZERO_S(sizeof(sets), sets);
    for (size_t core = 0; core < AFFINITY_CORES; core++)
        if ((to->cores[core / 64] >> core % 64 & 1) != 0)
            CPU_SET_S(core, sizeof(sets), sets);
    (void)pthread_setaffinity_np(thread, sizeof(sets), sets);
}

affinity affinity_parse(const char *list)
{
    affinity a = {{0}};
    char *end;

    for (;; list = end + 1) {
        unsigned long first = strtoul(list, &end, 10), last = first;

        if (end == list)
            return a;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (unsigned long core = first; core <= last && core < AFFINITY_CORES; core++)
            a.cores[core / 64] |= (uint64_t)1 << core % 64;
        if (*end != ',')
            return a;
    }
}

void affinity_add(affinity *to, const affinity *more)
{
    for (int i = 0; i < AFFINITY_WORDS; i++)
        to->cores[i] |= more->cores[i];
}

int affinity_count(const affinity *a)
{
    int count = 0;

    for (int i = 0; i < AFFINITY_WORDS; i++)
        count += __builtin_popcountll(a->cores[i]);
    return count;
}

bool affinity_meets(const affinity *a, const affinity *b)
{
    for (int i = 0; i < AFFINITY_WORDS; i++)
        if ((a->cores[i] & b->cores[i]) != 0)
            return true;
    return false;
}

bool affinity_within(const affinity *a, const affinity *b)
{
    for (int i = 0; i < AFFINITY_WORDS; i++)
        if ((a->cores[i] & ~b->cores[i]) != 0)
            return false;
    return true;
}
