/* test_exposition.c - where a run stands, for Prometheus. */
#include "exposition.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-exposition-XXXXXX";
static char path[FILE_PATH_MAX], run[] = "a \"run\" \\ of\nlines and \xff";
static config settings;
static const char label[] = "{run=\"a \\\"run\\\" \\\\ of\\nlines and \xef\xbf\xbd\"";

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(file_join(path, folder, "run.prom"), STATUS_OK);
    settings = (config){.run = {.folder = run, .prometheus = path}, .training.steps = 100};
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Has the file the line "lockstep_NAME{run=...REST"? */
static bool has(const char *name, const char *rest)
{
    char *text, line[500];
    size_t size;

    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    snprintf(line, sizeof(line), "\nlockstep_%s%s%s\n", name, label, rest);
    bool found = strstr(text, line) != NULL;
    memory_destroy(text);
    return found;
}

START_TEST(test_from_start_to_end)
{
    figures steps = {.step = 7, .epoch = 1};
    figures validation = {.step = 8, .epoch = 1, .is_validation = true};
    exposition e;

    figures_add(&steps, "loss", 1.5, 9);
    figures_add(&steps, "perplexity", INFINITY, 9);
    figures_add(&steps, "gradient_norm", NAN, 9);
    figures_add(&steps, "accuracy", 0.25, 9);
    figures_add(&validation, "valid_loss", 1.25, 9);
    figures_add(&validation, "exposure_gap", -INFINITY, 9);
    ck_assert_int_eq(exposition_open(&e, &settings, 5, 3), STATUS_OK);
    ck_assert(has("running", "} 1") && has("step", "} 5") && has("restarts_total", "} 3"));
    ck_assert(has("step_target", "} 100") && !has("epoch", "} 0"));
    exposition_add(&e, &steps, 1000);
    ck_assert(has("step", "} 7") && has("target_tokens", "} 1000") && has("loss", "} 1.5"));
    ck_assert(has("perplexity", "} +Inf") && has("gradient_norm", "} NaN"));
    ck_assert(has("accuracy_ratio", "} 0.25") && has("epoch", "} 1"));
    exposition_add(&e, &validation, 1100);
    ck_assert(has("validation", ",metric=\"loss\"} 1.25") && has("validation_step", "} 8"));
    ck_assert(has("validation", ",metric=\"exposure_gap\"} -Inf") && has("loss", "} 1.5"));
    exposition_close(&e);
    ck_assert(has("running", "} 0") && has("step", "} 8"));
}
END_TEST

/* A collector reads at any moment: no other file is left, and none that is cut short. */
START_TEST(test_replaced_as_a_whole)
{
    char command[3 * FILE_PATH_MAX];
    exposition e;

    ck_assert_int_eq(exposition_open(&e, &settings, 0, 0), STATUS_OK);
    snprintf(command, sizeof(command), "cp -l %s %s.old && test $(ls %s | wc -l) = 2", path,
             path, folder);
    ck_assert_int_eq(system(command), 0);
    exposition_close(&e);
    snprintf(command, sizeof(command), "grep -q 'running.* 1$' %s.old", path);
    ck_assert_int_eq(system(command), 0);
    ck_assert(has("running", "} 0"));
}
END_TEST

START_TEST(test_what_cannot_be_written)
{
    char within[FILE_PATH_MAX];
    exposition e;

    ck_assert_int_eq(exposition_check(&settings), STATUS_OK);
    ck_assert_int_eq(exposition_open(&e, &settings, 0, 0), STATUS_OK);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(file_make_folder(path), STATUS_OK);
    exposition_add(&e, &(figures){.step = 1}, 10); /* a warning */
    ck_assert(e.warned);
    exposition_close(&e);
    ck_assert_int_eq(exposition_check(&settings), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "Is a directory"));
    ck_assert_int_eq(file_join(within, path, "no/run.prom"), STATUS_OK);
    settings.run.prometheus = within;
    ck_assert_int_eq(exposition_check(&settings), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "No such file"));
    ck_assert_int_eq(exposition_open(&e, &settings, 0, 0), STATUS_IO);
    exposition_close(&e);
}
END_TEST

START_TEST(test_nothing_is_asked_for)
{
    exposition e;

    settings.run.prometheus = NULL;
    ck_assert_int_eq(exposition_check(&settings), STATUS_OK);
    ck_assert_int_eq(exposition_open(&e, &settings, 0, 0), STATUS_OK);
    exposition_add(&e, &(figures){.step = 1}, 10);
    exposition_close(&e);
    ck_assert(!file_exists(path));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exposition");
    TCase *tests = tcase_create("exposition");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_from_start_to_end);
    tcase_add_test(tests, test_replaced_as_a_whole);
    tcase_add_test(tests, test_what_cannot_be_written);
    tcase_add_test(tests, test_nothing_is_asked_for);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
