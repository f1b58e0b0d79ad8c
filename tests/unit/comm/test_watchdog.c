/* test_watchdog.c - processes in calls that do, and do not, come back. */
#include "watchdog.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/base/stop.h"
#include "unit_check.h"

static char said[4096];

static void nap(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds,
                            .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&left, NULL);
}

/* What a process makes that is watched. */
static void stay_in_a_call(watchdog *d)
{
    watchdog_limit(d, 0.5);
    watchdog_peer(d, 0);
    watchdog_enter(d, "MPI_Isend(data, 1)");
    nap(20.0);
}

static void stay_in_a_wait(watchdog *d)
{
    watchdog_limit(d, 0.5);
    atomic_store(&d->wait, "in a barrier");
    watchdog_enter(d, "MPI_Test");
    nap(20.0);
}

static void make_calls(watchdog *d)
{
    watchdog_limit(d, 0.5);
    for (int i = 0; i < 20; i++) {
        watchdog_enter(d, "MPI_Test");
        nap(0.1);
        if (i % 2 == 0)
            watchdog_leave(d);
    }
}

static void compute(watchdog *d)
{
    watchdog_limit(d, 0.5);
    watchdog_enter(d, "MPI_Test");
    watchdog_leave(d);
    nap(2.0);
}

static void take_all_time(watchdog *d)
{
    watchdog_limit(d, 0.0);
    watchdog_enter(d, "MPI_Test");
    nap(2.0);
}

static void stay_for_long(watchdog *d)
{
    watchdog_limit(d, 2.0);
    watchdog_enter(d, "MPI_Test");
    nap(4.5);
}

static void be_asked_to_stop(watchdog *d)
{
    watchdog_limit(d, 0.5);
    stop_set(SIGTERM);
    watchdog_enter(d, "MPI_Test");
    nap(3.0);
}

static void start_slowly(watchdog *d)
{
    (void)d;
    nap(1.5);
}

static void end_slowly(watchdog *d)
{
    watchdog_end_soon(d, 7, "these are the last words");
    nap(30.0);
}

static _Noreturn void be_watched(void (*act)(watchdog *d), bool started)
{
    watchdog d;
    world *w;

    if (world_open(&w, NULL, NULL) != STATUS_OK || watchdog_begin(&d, w) != STATUS_OK)
        _exit(99);
    if (started)
        watchdog_open(&d);
    act(&d);
    watchdog_end(&d);
    world_close(w);
    _exit(0);
}

/* The exit status of a process that does it, its words in `said`; it is stopped for so many
 * seconds soon after its beginning. */
static int watched(void (*act)(watchdog *d), bool started, double stopped)
{
    int ends[2], ended;
    size_t used = 0;
    ssize_t got;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t process = fork();
    if (process == 0) {
        dup2(ends[1], STDERR_FILENO);
        be_watched(act, started);
    }
    close(ends[1]);
    if (stopped > 0.0) {
        nap(0.5);
        kill(process, SIGSTOP);
        nap(stopped);
        kill(process, SIGCONT);
    }
    while ((got = read(ends[0], said + used, sizeof(said) - 1 - used)) > 0)
        used += (size_t)got;
    said[used] = '\0';
    close(ends[0]);
    waitpid(process, &ended, 0);
    ck_assert(WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

START_TEST(a_call_that_stays_away_is_named)
{
    ck_assert_int_eq(watched(stay_in_a_call, true, 0.0), EXIT_FAILURE);
    ck_assert_msg(strncmp(said, "lockstep: error: rank 0 (host ", 30) == 0, "%s", said);
    ck_assert_msg(strstr(said, " s inside MPI_Isend; the call is for rank 0 (host ") != NULL,
                  "%s", said);
    ck_assert_int_eq(watched(stay_in_a_wait, true, 0.0), EXIT_FAILURE);
    ck_assert_msg(strstr(said, "inside MPI_Test in a barrier; the call is for all") != NULL,
                  "%s", said);
}
END_TEST

START_TEST(calls_that_come_back_are_well)
{
    ck_assert_int_eq(watched(make_calls, true, 0.0), 0);
    ck_assert_int_eq(watched(compute, true, 0.0), 0);
    ck_assert_int_eq(watched(take_all_time, true, 0.0), 0);
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(time_in_which_it_was_stopped_does_not_count)
{
    ck_assert_msg(watched(stay_for_long, true, 3.0) == 0, "%s", said);
    ck_assert_int_eq(watched(stay_for_long, true, 0.0), EXIT_FAILURE);
}
END_TEST

START_TEST(who_was_just_asked_to_stop_is_silent)
{
    ck_assert_msg(watched(be_asked_to_stop, true, 0.0) == 0, "%s", said);
}
END_TEST

START_TEST(a_start_that_takes_too_long_ends)
{
    setenv("LOCKSTEP_START_SECONDS", "0.5", 1);
    ck_assert_int_eq(watched(start_slowly, false, 0.0), EXIT_FAILURE);
    ck_assert_msg(strstr(said, " s for all ranks to start; ") != NULL, "%s", said);
    setenv("LOCKSTEP_START_SECONDS", "3", 1);
    ck_assert_msg(watched(start_slowly, false, 0.0) == 0, "%s", said);
    setenv("LOCKSTEP_START_SECONDS", "soon", 1);
    ck_assert_int_eq(watched(start_slowly, false, 0.0), 99);
}
END_TEST

START_TEST(an_end_that_takes_too_long_is_made)
{
    ck_assert_int_eq(watched(end_slowly, true, 0.0), 7);
    ck_assert_str_eq(said, "lockstep: error: these are the last words\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("comm/watchdog");
    TCase *tests = tcase_create("watchdog");

    tcase_add_test(tests, a_call_that_stays_away_is_named);
    tcase_add_test(tests, calls_that_come_back_are_well);
    tcase_add_test(tests, time_in_which_it_was_stopped_does_not_count);
    tcase_add_test(tests, who_was_just_asked_to_stop_is_silent);
    tcase_add_test(tests, a_start_that_takes_too_long_ends);
    tcase_add_test(tests, an_end_that_takes_too_long_is_made);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
