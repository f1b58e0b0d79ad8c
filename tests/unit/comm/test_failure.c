/* test_failure.c - how a job under mpirun ends when a rank fails.
 *
 * The test starts mpirun with this very program as the job; what a rank then
 * does is told by its argument.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/base/stop.h"
#include "lockstep/comm/world.h"
#include "mpi_job.h"
#include "unit_check.h"

/* The exit status of two ranks that run `act`. */
static int run_job(const char *act)
{
    return mpi_job_run(2, act);
}

START_TEST(a_message_that_never_comes_is_named)
{
    ck_assert_int_ne(run_job("message"), 0);
    ck_assert_msg(mpi_job_count("rank 0 (host ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("has waited 1 s for a message from rank 1 (host ") == 1, "%s",
                  mpi_job_output());
}
END_TEST

START_TEST(a_rank_that_never_joins_is_noticed)
{
    ck_assert_int_ne(run_job("barrier"), 0);
    ck_assert_msg(mpi_job_count("has waited 1 s in a barrier") == 1, "%s", mpi_job_output());
}
END_TEST

START_TEST(a_rank_that_does_not_answer_is_named)
{
    ck_assert_int_ne(mpi_job_run(3, "silent"), 0);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("has waited 1 s in a reduction") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("; rank 1 (host ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count(") does not answer;") == 1, "%s", mpi_job_output());
}
END_TEST

START_TEST(long_work_is_no_stall)
{
    ck_assert_msg(mpi_job_run(3, "work") == 0, "%s", mpi_job_output());
}
END_TEST

START_TEST(computing_that_goes_on_is_no_stall)
{
    ck_assert_msg(mpi_job_run(3, "compute") == 0, "%s", mpi_job_output());
    ck_assert_int_eq(mpi_job_run(3, "dull"), 1);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("; rank 1 (host ") == 1, "%s", mpi_job_output());
}
END_TEST

START_TEST(a_rank_that_does_not_come_to_the_end_is_named)
{
    ck_assert_int_eq(mpi_job_run(3, "late"), 1);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("has waited 1 s for the other ranks to end; rank 1 (") == 1,
                  "%s", mpi_job_output());
}
END_TEST

START_TEST(a_rank_that_ends_alone_says_so)
{
    ck_assert_int_eq(run_job("crash"), 128 + SIGABRT);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("): aborted (signal 6); the job ends") == 1, "%s",
                  mpi_job_output());
    ck_assert_int_eq(run_job("exit"), 3);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("): ends with exit status 3 before the job") == 1, "%s",
                  mpi_job_output());
}
END_TEST

START_TEST(a_rank_that_was_stopped_does_not_blame_others)
{
    ck_assert_msg(run_job("stopped") == 0, "%s", mpi_job_output());
}
END_TEST

START_TEST(an_aborted_job_has_one_message_and_its_exit_code)
{
    ck_assert_int_eq(run_job("abort"), 2);
    ck_assert_msg(mpi_job_count("rank 1: no such planet") == 1, "%s", mpi_job_output());
}
END_TEST

START_TEST(of_ranks_that_abort_at_once_one_speaks)
{
    ck_assert_int_eq(mpi_job_run(3, "together"), 3);
    ck_assert_msg(mpi_job_count("error: ") == 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count(": no such planet") == 1, "%s", mpi_job_output());
}
END_TEST

START_TEST(agreement_prints_once_and_ends_all_alike)
{
    ck_assert_int_eq(run_job("agree"), status_exit_code(STATUS_INPUT));
    ck_assert_msg(mpi_job_count("lockstep: error: rank 1: bad line 7") == 1, "%s",
                  mpi_job_output());
    ck_assert_msg(mpi_job_count("nothing left to print") == 2, "%s", mpi_job_output());
}
END_TEST

START_TEST(an_mpi_error_names_rank_and_call)
{
    ck_assert_int_ne(run_job("error"), 0);
    ck_assert_msg(mpi_job_count("rank 0: ") >= 1, "%s", mpi_job_output());
    ck_assert_msg(mpi_job_count("MPI_ERR_TRUNCATE") >= 1, "%s", mpi_job_output());
}
END_TEST

START_TEST(lone_tasks_of_srun_are_refused)
{
    world *w;

    setenv("SLURM_STEP_NUM_TASKS", "4", 1);
    ck_assert_int_eq(world_open(&w, NULL, NULL), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_message(), "--mpi=pmix"));
}
END_TEST

static void act_message(world *w)
{
    float number = 0.0f;

    world_set_stall(w, world_rank(w) == 0 ? 1 : 0);
    request r = world_receive_begin(w, &number, sizeof(number), 1 - world_rank(w), 3);
    world_wait(w, &r, 1);
}

static void act_barrier(world *w)
{
    float number = 0.0f;

    if (world_rank(w) == 0) {
        world_set_stall(w, 1);
        world_barrier(w);
    }
    request r = world_receive_begin(w, &number, sizeof(number), 1 - world_rank(w), 3);
    world_wait(w, &r, 1);
}

/* Rank 1 neither comes nor waits. */
static void act_silent(world *w)
{
    world_set_stall(w, 1);
    if (world_rank(w) == 1)
        sleep(30);
    world_max(w, 0);
}

/* Rank 0 works for longer than the others may wait, twice. */
static void act_work(world *w)
{
    world_set_stall(w, 1);
    for (int i = 0; i < 2; i++) {
        if (world_rank(w) == 0) {
            world_work_begin(w);
            sleep(2);
            world_work_end(w);
        }
        world_max(w, 0);
    }
}

/* As if the rank were stopped: nothing else of it runs meanwhile. */
static void be_stopped(int signal)
{
    (void)signal;
    sleep(3);
}

/* Rank 0 waits 4.5 s in all, but only 1.5 s awake. */
static void act_stopped(world *w)
{
    const struct timespec delay = {.tv_sec = 4, .tv_nsec = 500000000};
    float number = 0.0f;
    request r;

    if (world_rank(w) == 0) {
        world_set_stall(w, 2);
        signal(SIGALRM, be_stopped);
        alarm(1);
        r = world_receive_begin(w, &number, sizeof(number), 1, 3);
    } else {
        nanosleep(&delay, NULL);
        r = world_send_begin(w, &number, sizeof(number), 0, 3);
    }
    world_wait(w, &r, 1);
}

static void act_error(world *w)
{
    float numbers[2] = {0};
    request r;

    if (world_rank(w) == 0)
        r = world_receive_begin(w, numbers, sizeof(*numbers), 1, 3);
    else
        r = world_send_begin(w, numbers, 2 * sizeof(*numbers), 0, 3);
    world_wait(w, &r, 1);
    world_barrier(w);
}

/* The program asks to be told of SIGTERM, with which mpirun ends a rank. */
static void act_together(world *w)
{
    stop_open();
    world_barrier(w);
    if (world_rank(w) > 0)
        world_abort(w, 3, "no such planet");
}

static status act_agree(world *w)
{
    status local = STATUS_OK;

    if (world_rank(w) == 1)
        local = fail(STATUS_INPUT, "bad line %d", 7);
    status agreed = world_agree(w, local);
    if (strcmp(error_message(), "") == 0)
        fprintf(stderr, "nothing left to print\n");
    return agreed;
}

static void act_abort(world *w)
{
    if (world_rank(w) == 1)
        world_abort(w, 2, "no such planet");
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

/* Rank 0 computes for longer than the others may wait, and looks at the stop flag. */
static void act_compute(world *w)
{
    world_set_stall(w, 1);
    if (world_rank(w) == 0) {
        world_compute_begin(w);
        for (int i = 0; i < 60; i++, nap())
            (void)stop_signal();
        world_work_end(w);
    }
    world_max(w, 0);
}

/* Rank 1 computes, and looks at nothing. */
static void act_dull(world *w)
{
    world_set_stall(w, 1);
    if (world_rank(w) == 1) {
        world_compute_begin(w);
        sleep(30);
        world_work_end(w);
    }
    world_max(w, 0);
}

static void act_late(world *w)
{
    world_set_stall(w, 1);
    world_barrier(w);
    if (world_rank(w) == 1)
        sleep(30);
    else
        world_close(w);
}

static void act_crash(world *w)
{
    if (world_rank(w) == 1)
        abort();
}

static void act_exit(world *w)
{
    if (world_rank(w) == 1)
        exit(3);
}

static const struct {
    const char *name;
    void (*act)(world *w);
} acts[] = {{"message", act_message}, {"barrier", act_barrier},   {"silent", act_silent},
            {"work", act_work},       {"stopped", act_stopped},   {"error", act_error},
            {"abort", act_abort},     {"together", act_together}, {"compute", act_compute},
            {"dull", act_dull},       {"late", act_late},         {"crash", act_crash},
            {"exit", act_exit}};

static int act(int argc, char **argv)
{
    status code = STATUS_OK;
    world *w;

    if (world_open(&w, &argc, &argv) != STATUS_OK)
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
        if (strcmp(argv[1], acts[i].name) == 0)
            acts[i].act(w);
    if (strcmp(argv[1], "agree") == 0)
        code = act_agree(w);
    world_barrier(w);
    world_close(w);
    return status_exit_code(code);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return act(argc, argv);

    Suite *suite = suite_create("failure");
    TCase *tcase = tcase_create("core");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_message_that_never_comes_is_named);
    tcase_add_test(tcase, a_rank_that_never_joins_is_noticed);
    tcase_add_test(tcase, a_rank_that_does_not_answer_is_named);
    tcase_add_test(tcase, long_work_is_no_stall);
    tcase_add_test(tcase, computing_that_goes_on_is_no_stall);
    tcase_add_test(tcase, a_rank_that_does_not_come_to_the_end_is_named);
    tcase_add_test(tcase, a_rank_that_ends_alone_says_so);
    tcase_add_test(tcase, a_rank_that_was_stopped_does_not_blame_others);
    tcase_add_test(tcase, an_aborted_job_has_one_message_and_its_exit_code);
    tcase_add_test(tcase, of_ranks_that_abort_at_once_one_speaks);
    tcase_add_test(tcase, agreement_prints_once_and_ends_all_alike);
    tcase_add_test(tcase, an_mpi_error_names_rank_and_call);
    tcase_add_test(tcase, lone_tasks_of_srun_are_refused);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}
