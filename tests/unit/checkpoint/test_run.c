/* test_run.c - a run's folder: listing, falling back, rotation, the lock. */
#include "unit_check.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lockstep/base/log.h"
#include "lockstep/checkpoint/run.h"
#include "sample.h"

static char screen[] = "/tmp/lockstep-run-XXXXXX";

/* Warnings go to a file. */
static void setup(void)
{
    int descriptor = mkstemp(screen);

    ck_assert_int_ge(dup2(descriptor, STDERR_FILENO), 0);
    close(descriptor);
    log_open();
    sample_init(&s);
}

static void teardown(void)
{
    sample_free(&s);
    unlink(screen);
}

static void save(int64_t step, int64_t best_step)
{
    char path[FILE_PATH_MAX];

    s.content.progress.step = step;
    s.content.progress.best_step = best_step;
    assert_ok(run_checkpoint_path(path, s.folder, step));
    assert_ok(checkpoint_save(path, &s.content));
}

static void damage(int64_t step)
{
    char path[FILE_PATH_MAX];

    assert_ok(run_checkpoint_path(path, s.folder, step));
    assert_ok(file_save(path, "LOCKSTEP", 8));
}

static void assert_steps(const char *want)
{
    int64_t *steps;
    size_t count;
    char text[256] = "";

    assert_ok(run_list(s.folder, &steps, &count));
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ", (int)steps[i]);
    ck_assert_str_eq(text, want);
    memory_destroy(steps);
}

static void assert_warned(const char *words)
{
    char *text;
    size_t size;

    assert_ok(file_load(screen, &text, &size));
    ck_assert_msg(words == NULL ? size == 0 : strstr(text, words) != NULL, "\"%s\"", text);
    memory_destroy(text);
}

START_TEST(test_path)
{
    char path[FILE_PATH_MAX];

    assert_ok(run_checkpoint_path(path, "runs/a", 1000));
    ck_assert_str_eq(path, "runs/a/checkpoints/step-0000001000.h5");
}
END_TEST

START_TEST(test_list)
{
    char path[FILE_PATH_MAX];
    const char *const others[] = {"step-12.h5", "step-0000000012.h5.tmp-host-1", "best.h5",
                                  "step--000000001.h5"};

    assert_steps("");
    save(300, -1);
    save(20, -1);
    save(1000, -1);
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/checkpoints/%s", s.folder, others[i]);
        assert_ok(file_save(path, "x", 1));
    }
    assert_steps("20 300 1000 ");
}
END_TEST

START_TEST(test_latest)
{
    checkpoint c;

    assert_ok(run_open_latest(&c, s.folder));
    ck_assert_ptr_null(c.reader);
    save(10, -1);
    save(20, -1);
    assert_ok(run_open_latest(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 20);
    checkpoint_close(&c);
    assert_warned(NULL);
}
END_TEST

START_TEST(test_falls_back)
{
    checkpoint c;

    save(10, -1);
    save(20, -1);
    save(30, -1);
    damage(30);
    damage(20);
    assert_ok(run_open_latest(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 10);
    checkpoint_close(&c);
    assert_warned("step-0000000030.h5: is truncated");
    assert_warned("step-0000000020.h5: is truncated");
    damage(10);
    ck_assert_int_eq(run_open_latest(&c, s.folder), STATUS_FORMAT);
    assert_message("step-0000000010.h5: is truncated");
    assert_message("no checkpoint of this run can be read");
    ck_assert_int_eq(run_open_best(&c, s.folder), STATUS_FORMAT);
}
END_TEST

START_TEST(test_best_that_is_lost)
{
    checkpoint c;

    save(10, -1);
    save(20, 10);
    damage(10);
    assert_ok(run_open_best(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 20);
    checkpoint_close(&c);
    assert_warned("step-0000000010.h5");
}
END_TEST

/* The newest names the best. */
START_TEST(test_best)
{
    checkpoint c;
    char path[FILE_PATH_MAX];
    uint64_t note[2];

    ck_assert_int_eq(run_open_best(&c, s.folder), STATUS_INPUT);
    assert_message("holds no checkpoints");
    save(10, -1);
    save(20, 10);
    assert_ok(run_open_best(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 10);
    checkpoint_close(&c);
    assert_ok(run_checkpoint_path(path, s.folder, 20));
    assert_ok(run_open_best(&c, path));
    ck_assert_int_eq(c.progress.step, 20);
    checkpoint_close(&c);
    assert_ok(store_note(path, note));
    ck_assert(note[0] == 21 && note[1] == 11);
    FILE *newest = fopen(path, "r+");
    ck_assert(newest != NULL && fseek(newest, 1000, SEEK_SET) == 0 && fputc('x', newest) > 0 &&
              fclose(newest) == 0);
    assert_ok(run_open_best(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 10);
    checkpoint_close(&c);
    ck_assert_int_eq(run_open_step(&c, s.folder, 20), STATUS_FORMAT);
    save(30, -1);
    save(40, 40);
    assert_ok(run_open_best(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 40);
    checkpoint_close(&c);
    damage(40);
    assert_ok(run_open_best(&c, s.folder));
    ck_assert_int_eq(c.progress.step, 30);
    checkpoint_close(&c);
    assert_warned("step-0000000040.h5");
    ck_assert_int_eq(run_open_best(&c, "/nowhere"), STATUS_INPUT);
    assert_message("/nowhere: No such file");
}
END_TEST

static void rotate(int64_t step, int keep, int64_t best_step)
{
    checkpoint_progress at = {.step = step, .best_step = best_step};

    assert_ok(run_rotate(s.folder, &at, keep, 1));
}

START_TEST(test_rotation)
{
    checkpoint_progress at = {.step = 70};

    for (int step = 10; step <= 60; step += 10)
        save(step, 20);
    rotate(60, 2, 20);
    assert_steps("20 50 60 ");
    save(70, 60);
    rotate(70, 2, 60);
    assert_steps("60 70 ");
    rotate(70, 1, -1);
    assert_steps("70 ");
    assert_ok(run_rotate("/nowhere", &at, 1, 1));
}
END_TEST

START_TEST(test_rotation_keeps_the_best)
{
    static const double scores[] = {0.5, 0.25, 0.75, 0.125, NAN, 0.5, 1.0};
    checkpoint_progress at = {.step = 70, .best_step = 40};

    for (int i = 0; i < 7; i++) {
        save(10 * (i + 1), 40);
        ranking_add(&at.ranking, 10 * (i + 1), (measurement){scores[i], 1.0});
    }
    assert_ok(run_rotate(s.folder, &at, 2, 4));
    assert_steps("10 20 40 60 70 ");
    assert_ok(run_rotate(s.folder, &at, 1, 3));
    assert_steps("10 20 40 70 ");
    assert_ok(run_rotate(s.folder, &at, 1, 1));
    assert_steps("40 70 ");
}
END_TEST

/* After falling back from 60, 60 is not the newest: 40 is. */
START_TEST(test_rotation_after_falling_back)
{
    for (int step = 10; step <= 60; step += 10)
        save(step, -1);
    damage(60);
    damage(50);
    save(40, -1);
    rotate(40, 1, 30);
    assert_steps("30 40 50 60 ");
}
END_TEST

/* In the lock's file, which those read who wonder whether the run was killed. */
static void assert_owner_is_said(bool want)
{
    char path[FILE_PATH_MAX], line[64] = "";

    assert_ok(file_join(path, s.folder, "lock"));
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert(!!fgets(line, sizeof(line), file) == want);
    ck_assert(!strncmp(line, "process ", 8) == want);
    fclose(file);
}

START_TEST(test_lock)
{
    run_lock mine = {0}, other = {0};
    char words[64];

    assert_ok(run_lock_open(&mine, s.folder));
    ck_assert_int_eq(run_lock_open(&other, s.folder), STATUS_BUSY);
    snprintf(words, sizeof(words), "is locked by another job (process %ld on ", (long)getpid());
    assert_message(words);
    run_lock_close(&other);
    assert_owner_is_said(true);
    run_lock_close(&mine);
    assert_owner_is_said(false);
    assert_ok(run_lock_open(&other, s.folder));
    run_lock_close(&other);
    run_lock_close(&other);
}
END_TEST

/* However the holder ends. */
START_TEST(test_lock_of_a_killed_process)
{
    run_lock lock = {0};
    int ready[2];
    char byte;

    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        status result = run_lock_open(&lock, s.folder);

        (void)!write(ready[1], result == STATUS_OK ? "y" : "n", 1);
        pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    ck_assert_int_eq(run_lock_open(&lock, s.folder), STATUS_BUSY);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    assert_ok(run_lock_open(&lock, s.folder));
    run_lock_close(&lock);
}
END_TEST

START_TEST(test_lock_makes_the_folder)
{
    run_lock lock = {0};
    char path[FILE_PATH_MAX];

    assert_ok(file_join(path, s.folder, "runs/new"));
    assert_ok(run_lock_open(&lock, path));
    ck_assert(file_is_folder(path));
    run_lock_close(&lock);
    assert_ok(file_join(path, s.folder, "file"));
    assert_ok(file_save(path, "x", 1));
    ck_assert_int_eq(run_lock_open(&lock, path), STATUS_IO);
}
END_TEST

START_TEST(test_lock_of_a_folder_that_is_gone)
{
    char path[FILE_PATH_MAX], moved[FILE_PATH_MAX];
    run_lock lock = {0}, other = {0};

    assert_ok(run_lock_check(&lock, s.folder));
    assert_ok(file_join(path, s.folder, "run"));
    assert_ok(file_join(moved, s.folder, "moved"));
    assert_ok(run_lock_open(&lock, path));
    assert_ok(run_lock_check(&lock, path));
    ck_assert_int_eq(rename(path, moved), 0);
    ck_assert_int_eq(run_lock_check(&lock, path), STATUS_IO);
    assert_message("is no longer the folder in which this run began");
    assert_ok(run_lock_check(&lock, moved));
    assert_ok(run_lock_open(&other, path));
    ck_assert_int_eq(run_lock_check(&lock, path), STATUS_IO);
    assert_ok(run_lock_check(&other, path));
    run_lock_close(&other);
    run_lock_close(&lock);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("run");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_path);
    tcase_add_test(tests, test_list);
    tcase_add_test(tests, test_latest);
    tcase_add_test(tests, test_falls_back);
    tcase_add_test(tests, test_best);
    tcase_add_test(tests, test_best_that_is_lost);
    tcase_add_test(tests, test_rotation);
    tcase_add_test(tests, test_rotation_keeps_the_best);
    tcase_add_test(tests, test_rotation_after_falling_back);
    tcase_add_test(tests, test_lock);
    tcase_add_test(tests, test_lock_of_a_killed_process);
    tcase_add_test(tests, test_lock_makes_the_folder);
    tcase_add_test(tests, test_lock_of_a_folder_that_is_gone);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
