/* test_scratch.c - how a job ends when a batch does not fit. */
#include "lockstep/infer/scratch.h"

#include <stdlib.h>

#include "mpi_job.h"
#include "unit_check.h"

START_TEST(all_ranks_end_with_one_message)
{
    ck_assert_int_eq(mpi_job_run(3, "fill"), 1);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("a batch does not fit in memory: ") == 1, "%s",
                  mpi_job_output());
    ck_assert_msg(mpi_job_count("lower batch.tokens") == 1, "%s", mpi_job_output());
}
END_TEST

static int fill(int argc, char **argv)
{
    arena scratch;
    world *w;

    if (world_open(&w, &argc, &argv) != STATUS_OK || scratch_open(&scratch, w) != STATUS_OK)
        return EXIT_FAILURE;
    (void)arena_push(&scratch, scratch.size, 2);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return fill(argc, argv);

    Suite *suite = suite_create("scratch");
    TCase *group = tcase_create("scratch");

    tcase_add_test(group, all_ranks_end_with_one_message);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
