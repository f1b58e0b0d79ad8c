/* run_checkpoints.c - the checkpoints of a run, verified. */
#include "run_checkpoints.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/checkpoint/run.h"
#include "tensor_list.h"

/* A run that goes on saves and removes: how often its folder is listed anew. */
enum { LISTINGS = 20 };

/* Sound ones that are shown, beside the best. */
enum { NEWEST = 12 };

/* ---- what is there ---- */

static status look_at(run_checkpoint *out, const char *run)
{
    checkpoint c = {0};
    tensor_list tensors = {.count = 0};

    out->outcome = run_open_step(&c, run, out->step);
    if (out->outcome == STATUS_OK)
        out->outcome = tensor_list_load(&tensors, c.reader);
    out->progress = c.progress;
    if (out->outcome != STATUS_OK)
        snprintf(out->problem, sizeof(out->problem), "%s", error_message());
    tensor_list_free(&tensors);
    checkpoint_close(&c);
    return out->outcome == STATUS_STOPPED || out->outcome == STATUS_NOMEM ? out->outcome
                                                                          : STATUS_OK;
}

static bool has_step(const run_checkpoints *entries, int64_t step)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->all[i].step == step)
            return true;
    return false;
}

static status add_step(run_checkpoints *entries, const char *run, int64_t step)
{
    run_checkpoint *all = memory_resize(entries->all, entries->count + 1, sizeof(*all));

    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu checkpoints", entries->count + 1);
    entries->all = all;
    run_checkpoint *entry = &all[entries->count];
    *entry = (run_checkpoint){.step = step};
    TRY(run_checkpoint_path(entry->path, run, step));
    TRY(look_at(entry, run));
    if (entry->outcome != STATUS_OK && !file_exists(entry->path))
        entries->again = true;
    else
        entries->count++;
    return STATUS_OK;
}

/* Look at those listed that were not looked at before. */
static status add_listed(run_checkpoints *entries, const char *run)
{
    int64_t *steps;
    size_t count;
    status result = run_list(run, &steps, &count);

    entries->again = false;
    for (size_t i = 0; i < count && result == STATUS_OK; i++) {
        log_progress("checkpoint %zu/%zu", i + 1, count);
        if (!has_step(entries, steps[i]))
            result = add_step(entries, run, steps[i]);
    }
    memory_destroy(steps);
    return result;
}

static int compare(const void *a, const void *b)
{
    int64_t left = ((const run_checkpoint *)a)->step, right = ((const run_checkpoint *)b)->step;

    return (left > right) - (left < right);
}

status run_checkpoints_load(run_checkpoints *out, const char *run)
{
    int listings = 0;

    do {
        TRY(add_listed(out, run));
    } while (out->again && ++listings < LISTINGS);
    if (out->count == 0 && out->again)
        return fail(STATUS_INPUT, "%s: its checkpoints are removed before they can be read",
                    run);
    if (out->count > 0)
        qsort(out->all, out->count, sizeof(*out->all), compare);
    return STATUS_OK;
}

void run_checkpoints_free(run_checkpoints *entries)
{
    memory_destroy(entries->all);
    *entries = (run_checkpoints){0};
}

const checkpoint_progress *run_checkpoints_newest(const run_checkpoints *entries)
{
    for (size_t i = entries->count; i-- > 0;)
        if (entries->all[i].outcome == STATUS_OK)
            return &entries->all[i].progress;
    return NULL;
}

/* ---- what is said ---- */

static const char *outcome_word(status outcome)
{
    return outcome == STATUS_OK ? "verified"
                                : (outcome == STATUS_FORMAT ? "damaged" : "unreadable");
}

static void say_entry(listing *o, const run_checkpoint *entry, bool best)
{
    bool sound = entry->outcome == STATUS_OK;
    double score = sound ? checkpoint_score(&entry->progress) : NAN;
    char validation[64] = "";

    if (!isnan(score))
        snprintf(validation, sizeof(validation), ", validation %.6g", score);
    if (!o->is_json) {
        printf("  step %-10" PRId64 " %s%s%s%s%s\n", entry->step, outcome_word(entry->outcome),
               validation, best ? ", the best by validation" : "", sound ? "" : ": ",
               entry->problem);
        return;
    }
    json_begin(&o->object, NULL);
    json_add_integer(&o->object, "step", entry->step);
    json_add_text(&o->object, "file", entry->path);
    json_add_bool(&o->object, "verified", sound);
    json_add_bool(&o->object, "best", best);
    if (!isnan(score))
        json_add_number(&o->object, "validation", score, JSON_FLOAT);
    if (!sound)
        json_add_text(&o->object, "problem", entry->problem);
    json_end(&o->object);
}

static size_t count_outcome(const run_checkpoints *entries, bool damaged)
{
    size_t count = 0;

    for (size_t i = 0; i < entries->count; i++)
        count += entries->all[i].outcome != STATUS_OK &&
                 (entries->all[i].outcome == STATUS_FORMAT) == damaged;
    return count;
}

status run_checkpoints_judge(const run_checkpoints *entries, const char *run)
{
    size_t damaged = count_outcome(entries, true), unreadable = count_outcome(entries, false);

    if (damaged > 0)
        return fail(STATUS_FORMAT,
                    "%s: %zu of %zu checkpoints %s damaged; remove them, or copy them again",
                    run, damaged, entries->count, damaged == 1 ? "is" : "are");
    if (unreadable > 0)
        return fail(STATUS_FORMAT, "%s: %zu of %zu checkpoints cannot be read", run, unreadable,
                    entries->count);
    return STATUS_OK;
}

/* All that something is to be said about, and the newest. */
static bool is_shown(const run_checkpoints *entries, size_t i, int64_t best)
{
    const run_checkpoint *entry = &entries->all[i];

    return i + NEWEST >= entries->count || entry->outcome != STATUS_OK || entry->step == best;
}

static size_t count_hidden(const run_checkpoints *entries, int64_t best)
{
    size_t hidden = 0;

    for (size_t i = 0; i < entries->count; i++)
        hidden += !is_shown(entries, i, best);
    return hidden;
}

void run_checkpoints_say(const run_checkpoints *entries, listing *to)
{
    const checkpoint_progress *newest = run_checkpoints_newest(entries);
    int64_t best = newest != NULL ? newest->best_step : -1;
    size_t hidden = to->is_json ? 0 : count_hidden(entries, best);

    if (to->is_json)
        json_begin_list(&to->object, "checkpoints");
    else
        printf("\ncheckpoints (%zu):\n", entries->count);
    if (hidden > 0)
        printf("  %zu more, verified\n", hidden);
    for (size_t i = 0; i < entries->count; i++)
        if (to->is_json || is_shown(entries, i, best))
            say_entry(to, &entries->all[i], best == entries->all[i].step);
    if (to->is_json)
        json_end_list(&to->object);
}
