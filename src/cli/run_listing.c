/* run_listing.c - a run, as a table or as JSON. */
#include "run_listing.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/number.h"
#include "lockstep/base/plural.h"
#include "lockstep/config/config.h"
#include "run_checkpoints.h"
#include "run_course.h"
#include "run_starts.h"
#include "run_state.h"

/* What its folder holds. */
typedef struct run_listing {
    bool has_config; /* `config` is owned */
    config config;
    char score[32]; /* the metric's key in metrics.jsonl; "" where the loss is it */
    run_course course;
    run_starts starts;
    run_checkpoints checkpoints;
    run_state state;
    char holder[RUN_HOLDER];
} run_listing;

/* ---- reading ---- */

/* The last start's. Where it cannot be read the rest is shown all the same. */
static void load_config(run_listing *r, const char *run)
{
    char path[FILE_PATH_MAX];

    if (file_join(path, run, "config.yaml") != STATUS_OK || !file_exists(path))
        return;
    r->has_config = config_load(&r->config, path, NULL, 0) == STATUS_OK;
    if (!r->has_config || r->config.validation.every == 0 ||
        r->config.validation.metric == METRIC_LOSS)
        return;
    snprintf(r->score, sizeof(r->score), "valid_%s",
             config_word("validation.metric", r->config.validation.metric));
    r->course.score = r->score;
}

static status load(run_listing *r, const char *run)
{
    load_config(r, run);
    r->state = run_state_get(run, r->holder);
    TRY(run_checkpoints_load(&r->checkpoints, run));
    TRY(run_course_load(&r->course, run));
    TRY(run_starts_load(&r->starts, run));
    if (r->checkpoints.count == 0 && r->course.count == 0 && r->starts.count == 0)
        return fail(STATUS_INPUT, "%s: holds no checkpoints; is it the folder of a run?", run);
    return STATUS_OK;
}

static void run_listing_free(run_listing *r)
{
    if (r->has_config)
        config_free(&r->config);
    run_course_free(&r->course);
    run_starts_free(&r->starts);
    run_checkpoints_free(&r->checkpoints);
}

/* ---- where it stands ---- */

/* The newest step that is known of; -1: none. */
static int64_t step_of(const run_listing *r)
{
    const checkpoint_progress *saved = run_checkpoints_newest(&r->checkpoints);
    const course_row *last = run_course_last(&r->course);
    int64_t step = saved != NULL ? saved->step : -1;

    return last != NULL && last->step > step ? last->step : step;
}

static bool is_done(const run_listing *r)
{
    const checkpoint_progress *saved = run_checkpoints_newest(&r->checkpoints);
    const config *c = &r->config;

    if (!r->has_config || saved == NULL || r->state == RUN_TRAINS)
        return false;
    return saved->step >= c->training.steps ||
           (c->validation.every > 0 && c->validation.patience > 0 &&
            saved->without_better >= c->validation.patience);
}

static const char *state_word(const run_listing *r)
{
    return is_done(r) ? "done" : run_state_word(r->state);
}

static void print_state(const run_listing *r)
{
    if (is_done(r))
        printf("%-20s done\n", "state");
    else if (r->state == RUN_TRAINS)
        printf("%-20s trains now (%s)\n", "state", r->holder);
    else if (r->state == RUN_KILLED)
        printf("%-20s %s was killed; the same command goes on\n", "state", r->holder);
    else if (r->state == RUN_RESTS)
        printf("%-20s stopped; the same command goes on\n", "state");
    else
        printf("%-20s unknown: its lock tells nothing%s%s\n", "state",
               r->holder[0] != '\0' ? ", it names " : "", r->holder);
}

static void print_step(const run_listing *r)
{
    const course_row *last = run_course_last(&r->course);
    char tokens[NUMBER_TEXT];

    printf("%-20s %" PRId64, "step", step_of(r));
    if (r->has_config)
        printf(" of %" PRId64, r->config.training.steps);
    if (last != NULL)
        printf(", epoch %" PRId64 "\n%-20s %s tokens/s", last->epoch, "rate",
               number_text(last->tokens, 0, tokens));
    printf("\n");
}

static void print_time(const run_listing *r)
{
    double seconds = run_starts_seconds(&r->starts, &r->course);
    char spent[32];

    if (isnan(seconds))
        return;
    clock_text(seconds, spent);
    printf("%-20s %s of training", "time", spent);
    if (r->starts.count > 1)
        printf(", resumed %zu time%s", r->starts.count - 1, PLURAL(r->starts.count - 1));
    printf("\n");
}

static void add_numbers(const run_listing *r, json *j)
{
    double seconds = run_starts_seconds(&r->starts, &r->course);
    const course_row *last = run_course_last(&r->course);

    json_add_text(j, "state", state_word(r));
    if (r->holder[0] != '\0')
        json_add_text(j, "holder", r->holder);
    json_add_integer(j, "step", step_of(r));
    if (r->has_config)
        json_add_integer(j, "steps", r->config.training.steps);
    if (last != NULL)
        json_add_number(j, "tokens_per_second", last->tokens, JSON_FLOAT);
    if (!isnan(seconds))
        json_add_number(j, "seconds", seconds, JSON_FLOAT);
    if (r->starts.count > 0)
        json_add_integer(j, "resumed", (int64_t)r->starts.count - 1);
}

static void say_all(listing *to, const char *run, const run_listing *r)
{
    const checkpoint_progress *saved = run_checkpoints_newest(&r->checkpoints);

    listing_add_text(to, "run", run);
    if (to->is_json) {
        add_numbers(r, &to->object);
    } else {
        print_state(r);
        print_step(r);
        print_time(r);
    }
    run_course_say(&r->course, to, saved != NULL ? saved->best_step : -1);
    run_starts_say(&r->starts, to);
    run_checkpoints_say(&r->checkpoints, to);
}

static status say_config(listing *to, const config *c)
{
    char *text;

    TRY(config_print(c, &text));
    listing_add_block(to, "config", text);
    memory_destroy(text);
    return STATUS_OK;
}

status run_listing_say(listing *to, const char *run, bool config)
{
    run_listing r = {.has_config = false};
    status result = load(&r, run);

    if (result == STATUS_OK) {
        say_all(to, run, &r);
        if (config && r.has_config)
            result = say_config(to, &r.config);
    }
    if (result == STATUS_OK)
        result = run_checkpoints_judge(&r.checkpoints, run);
    run_listing_free(&r);
    return result;
}
