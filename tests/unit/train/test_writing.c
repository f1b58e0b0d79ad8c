/* test_writing.c - a checkpoint is written beside what else goes on, and tried again. */
#include "writing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "unit_check.h"

static char folder[32], blocked[FILE_PATH_MAX], path[FILE_PATH_MAX];
static parameters layout;
static checkpoint_content content;
static config settings;
static run_lock lock;
static writing w;

static void setup(void)
{
    int index;

    snprintf(folder, sizeof(folder), "/tmp/lockstep-writing-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(file_join(blocked, folder, "checkpoints"), STATUS_OK);
    ck_assert_int_eq(run_checkpoint_path(path, folder, 3), STATUS_OK);
    parameters_init(&layout);
    ck_assert_int_eq(parameters_add(&layout, &index, "encoder.norm.weight", 1, 1, 8, FILL_ZERO),
                     STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&layout, 0), STATUS_OK);
    content = (checkpoint_content){.config = "model: {}\n",
                                   .progress = {.step = 3, .best_step = -1},
                                   .layout = &layout,
                                   .values = layout.values};
    settings = (config){.run.folder = folder, .checkpoint = {.retry_seconds = 100, .keep = 5}};
    ck_assert_int_eq(run_lock_open(&lock, folder), STATUS_OK);
    w = (writing){.going = false};
}

static void teardown(void)
{
    char command[64];

    run_lock_close(&lock);
    parameters_free(&layout);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* A file stands where the folder should. */
static void block(void)
{
    ck_assert_int_eq(file_save(blocked, "", 0), STATUS_OK);
}

static void begin(void)
{
    const writing_order order = {.content = &content, .config = &settings, .lock = &lock};

    ck_assert_int_eq(writing_begin(&w, order), STATUS_OK);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static bool is_written(void)
{
    checkpoint c;
    bool good = checkpoint_open(&c, path) == STATUS_OK && c.progress.step == 3;

    checkpoint_close(&c);
    return good;
}

START_TEST(it_is_written)
{
    ck_assert_int_eq(writing_end(&w, false), STATUS_OK);
    for (int again = 0; again < 2; again++) {
        begin();
        ck_assert_int_eq(writing_end(&w, again), STATUS_OK);
        ck_assert(!w.going && !writing_failed(&w) && is_written());
    }
}
END_TEST

START_TEST(what_fails_is_tried_again)
{
    block();
    begin();
    nap();
    ck_assert(!writing_failed(&w));
    ck_assert_int_eq(unlink(blocked), 0);
    ck_assert_int_eq(writing_end(&w, false), STATUS_OK);
    ck_assert(is_written());
}
END_TEST

START_TEST(not_for_ever)
{
    settings.checkpoint.retry_seconds = 0;
    block();
    begin();
    while (!writing_failed(&w))
        nap();
    ck_assert_int_eq(writing_end(&w, false), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_message(), blocked));
    ck_assert(!writing_failed(&w)); /* nothing goes on any more */
}
END_TEST

START_TEST(not_in_a_hurry)
{
    double before = clock_seconds();

    block();
    begin();
    ck_assert_int_eq(writing_end(&w, true), STATUS_IO);
    begin();
    writing_close(&w);
    ck_assert(clock_seconds() - before < 50.0);
}
END_TEST

START_TEST(not_where_the_run_is_no_more)
{
    char other[FILE_PATH_MAX];

    ck_assert_int_eq(file_join(other, folder, "lock"), STATUS_OK);
    ck_assert_int_eq(unlink(other), 0);
    begin();
    ck_assert_int_eq(writing_end(&w, true), STATUS_IO);
    ck_assert(!file_exists(path));
}
END_TEST

/* Another failure than that of a file does not go away. */
static status lack_memory(const void *rest, store_writer *writer)
{
    (void)rest, (void)writer;
    return fail(STATUS_NOMEM, "no memory");
}

START_TEST(not_what_stays)
{
    content.add_rest = lack_memory;
    begin();
    ck_assert_int_eq(writing_end(&w, false), STATUS_NOMEM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train/writing");
    TCase *tests = tcase_create("writing");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, it_is_written);
    tcase_add_test(tests, what_fails_is_tried_again);
    tcase_add_test(tests, not_for_ever);
    tcase_add_test(tests, not_in_a_hurry);
    tcase_add_test(tests, not_where_the_run_is_no_more);
    tcase_add_test(tests, not_what_stays);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
