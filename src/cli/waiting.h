/* waiting.h - how the threads of a rank wait for each other. */
#ifndef LOCKSTEP_SRC_CLI_WAITING_H
#define LOCKSTEP_SRC_CLI_WAITING_H

#include "verb.h"

/* A thread that waits keeps its core for a while, which is best while nobody else wants it,
 * and ten to fifty times slower when the ranks of a host have more threads than cores. OpenMP
 * reads OMP_WAIT_POLICY when it is loaded: so where a launcher has started that many, and no
 * user has said how to wait, the program starts itself again with the policy `passive`. The
 * process, its descriptors and what it was called with stay the same. Returns where there is
 * nothing to do, or where it cannot be done. First of all, before MPI starts. */
void waiting_open(const verb *v, int argc, char **argv);

#endif
