/* mpi_check.c - Check suites that run under mpirun. */
#include "mpi_check.h"

#include <stdlib.h>

world *test_world;

int main(int argc, char **argv)
{
    if (world_open(&test_world, &argc, &argv) != STATUS_OK)
        return EXIT_FAILURE;

    SRunner *runner = srunner_create(mpi_suite());
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);

    world_close(test_world);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
