/* test_report.c - the records of metrics.jsonl. */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-report-XXXXXX";
static char path[FILE_PATH_MAX];
static config settings;
static training run;

static void setup(void)
{
    char name[] = "test", *words[] = {name, NULL}, **argv = words;
    int argc = 1;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    settings = (config){.run.folder = folder, .training.steps = 100};
    run = (training){.config = &settings};
    ck_assert_int_eq(file_join(path, folder, "metrics.jsonl"), STATUS_OK);
    ck_assert_int_eq(world_open(&run.world, &argc, &argv), STATUS_OK);
    ck_assert_int_eq(tally_init(&run.tally, 2), STATUS_OK);
}

static void teardown(void)
{
    tally_free(&run.tally);
    world_close(run.world);
    unlink(path);
    rmdir(folder);
}

static void open_after(report *r, int64_t step)
{
    ck_assert_int_eq(report_open(r, &settings, step, true), STATUS_OK);
}

static void check_file(const char *expected)
{
    char *text;
    size_t size;

    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    ck_assert_str_eq(text, expected);
    memory_destroy(text);
}

/* A record begins with `head`, and ends with `end` behind what the clock decides. */
static void check_step(const char *head, const char *end)
{
    char *text;
    size_t size;

    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    ck_assert_msg(strncmp(text, head, strlen(head)) == 0, "%s", text);
    ck_assert_msg(size > strlen(end) && strcmp(text + size - strlen(end), end) == 0, "%s",
                  text);
    memory_destroy(text);
}

static void report_losses(int64_t step, double loss, double norm)
{
    const step_result result = {
        .norm = norm, .rate = 0.25, .teacher_forcing = 1.0, .target_tokens = 4};
    report r;

    open_after(&r, step - 1);
    report_begin(&r, &run);
    run.step = step;
    run.tally.values[2 * TALLY_LOSS] = loss; /* of the first of two grains */
    run.tally.values[2 * TALLY_NLL] = loss;
    run.tally.values[2 * TALLY_CORRECT] = 1.0;
    run.tally.values[2 * TALLY_TOKENS] = 4.0;
    run.tally.values[2 * TALLY_JUDGED] = 4.0;
    report_step(&r, &run, 0, &result);
    ck_assert_int_eq(report_add(&r, &run, 3, &result), STATUS_OK);
    report_close(&r);
}

START_TEST(test_steps)
{
    report_losses(7, 2.0, 0.5);
    check_step("{\"step\": 7, \"epoch\": 3, \"loss\": 0.5, \"perplexity\": 1.64872127, "
               "\"accuracy\": 0.25, \"gradient_norm\": 0.5, \"learning_rate\": 0.25, "
               "\"tokens_per_second\": ",
               ", \"teacher_forcing\": 1}\n");
}
END_TEST

START_TEST(test_lengths)
{
    validation_result v = {
        .losses = {.nll = 0.5, .length_loss = 1.5, .length_accuracy = 0.75, .lengths = 4}};
    report r;

    run.tally.values[2 * TALLY_LENGTH_NLL] = 5.0;
    run.tally.values[2 * TALLY_LENGTH_CORRECT] = 1.0;
    run.tally.values[2 * TALLY_LENGTHS] = 2.0;
    report_losses(7, 2.0, 0.5);
    check_step("{\"step\": 7, \"epoch\": 3, \"loss\": 0.5, \"perplexity\": 1.64872127, "
               "\"accuracy\": 0.25, \"length_loss\": 2.5, \"length_accuracy\": 0.5, "
               "\"gradient_norm\": 0.5, ",
               "}\n");
    open_after(&r, 0);
    ck_assert_int_eq(report_validation(&r, &run, 1, &v), STATUS_OK);
    report_close(&r);
    check_file("{\"step\": 7, \"epoch\": 1, \"valid_loss\": 0.5, "
               "\"valid_perplexity\": 1.64872127, \"valid_accuracy\": 0, "
               "\"valid_length_loss\": 1.5, \"valid_length_accuracy\": 0.75}\n");
}
END_TEST

START_TEST(test_losses_that_are_not_finite)
{
    report_losses(1, NAN, INFINITY);
    check_step("{\"step\": 1, \"epoch\": 3, \"loss\": null, \"perplexity\": null, "
               "\"accuracy\": 0.25, \"gradient_norm\": null, \"learning_rate\": 0.25, ",
               ", \"teacher_forcing\": 1}\n");
    report_losses(1, INFINITY, 1.0); /* in its place */
    check_step("{\"step\": 1, \"epoch\": 3, \"loss\": null, \"perplexity\": null, ", "}\n");
    report_losses(1, 4000.0, 1.0); /* whose perplexity is beyond a double */
    check_step("{\"step\": 1, \"epoch\": 3, \"loss\": 1000, \"perplexity\": null, ", "}\n");
}
END_TEST

START_TEST(test_validations)
{
    validation_result v = {.losses = {.nll = 0.5, .accuracy = 0.75}};
    report r;

    run.step = 20;
    open_after(&r, 20);
    ck_assert_int_eq(report_validation(&r, &run, 1, &v), STATUS_OK);
    v.decoded = true;
    v.free_running = (free_running){.accuracy = 0.5, .edit_accuracy = 0.625};
    v.metric = metric_find("chrf");
    v.score = 12.5;
    ck_assert_int_eq(report_validation(&r, &run, 1, &v), STATUS_OK);
    v.losses = (losses){.nll = NAN, .accuracy = INFINITY};
    v.score = -NAN;
    ck_assert_int_eq(report_validation(&r, &run, 1, &v), STATUS_OK);
    report_close(&r);
    check_file("{\"step\": 20, \"epoch\": 1, \"valid_loss\": 0.5, "
               "\"valid_perplexity\": 1.64872127, \"valid_accuracy\": 0.75}\n"
               "{\"step\": 20, \"epoch\": 1, \"valid_loss\": 0.5, "
               "\"valid_perplexity\": 1.64872127, \"valid_accuracy\": 0.75, "
               "\"valid_free_accuracy\": 0.5, \"valid_free_edit_accuracy\": 0.625, "
               "\"exposure_gap\": 0.25, \"valid_chrf\": 12.5}\n"
               "{\"step\": 20, \"epoch\": 1, \"valid_loss\": null, "
               "\"valid_perplexity\": null, \"valid_accuracy\": null, "
               "\"valid_free_accuracy\": 0.5, \"valid_free_edit_accuracy\": 0.625, "
               "\"exposure_gap\": null, \"valid_chrf\": null}\n");
}
END_TEST

START_TEST(test_cut_back)
{
    static const char text[] = "{\"step\": 5, \"epoch\": 0}\n{\"step\": 10, \"epoch\": 0}\n"
                               "{\"step\": 15, \"epoch\": 1}\n{\"step\": 20, \"ep";
    report r;

    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
    open_after(&r, 20); /* without the line that was cut short */
    report_close(&r);
    check_file("{\"step\": 5, \"epoch\": 0}\n{\"step\": 10, \"epoch\": 0}\n"
               "{\"step\": 15, \"epoch\": 1}\n");
    open_after(&r, 10);
    report_close(&r);
    check_file("{\"step\": 5, \"epoch\": 0}\n{\"step\": 10, \"epoch\": 0}\n");
}
END_TEST

START_TEST(test_other_ranks_write_nothing)
{
    const validation_result v = {.losses = {.nll = 0.5}};
    report r;

    ck_assert_int_eq(report_open(&r, &settings, 0, false), STATUS_OK);
    ck_assert_int_eq(report_validation(&r, &run, 1, &v), STATUS_OK);
    report_close(&r);
    ck_assert(!file_exists(path));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_steps);
    tcase_add_test(tests, test_losses_that_are_not_finite);
    tcase_add_test(tests, test_lengths);
    tcase_add_test(tests, test_validations);
    tcase_add_test(tests, test_cut_back);
    tcase_add_test(tests, test_other_ranks_write_nothing);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
