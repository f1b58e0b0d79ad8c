/* mpi_check.h - Check suites that run under mpirun.
 *
 * Check forks every test by default, which MPI forbids, so mpi_check.c runs
 * them in-process. A failed ck_assert jumps out of the test on one rank and
 * leaves the others waiting: assert collectively, with ck_assert_all.
 */
#ifndef LOCKSTEP_TESTS_MPI_CHECK_H
#define LOCKSTEP_TESTS_MPI_CHECK_H

#include <check.h>

#undef fail /* an old macro of Check; ours is in base/status.h */

#include "lockstep/comm/world.h"

extern world *test_world;

/* Supplied by each test file. */
Suite *mpi_suite(void);

#define ck_assert_all(condition)                                                               \
    ck_assert_msg(world_max(test_world, (condition) ? 0 : 1) == 0, "rank %d: %s is %s",        \
                  world_rank(test_world), #condition, (condition) ? "true here" : "false")

#endif
