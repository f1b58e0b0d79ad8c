/* run_listing.c - the checkpoints of a run, verified. */
#include "run_listing.h"

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

/* One of a run's checkpoints; `progress` of one that is sound. */
typedef struct run_entry {
    int64_t step;
    char path[FILE_PATH_MAX], problem[512];
    status outcome;
    checkpoint_progress progress;
} run_entry;

typedef struct run_entries {
    run_entry *all;
    size_t count;
    bool again; /* one that was listed had gone */
} run_entries;

/* ---- what is there ---- */

static status look_at(run_entry *out, const char *run)
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

static bool has_step(const run_entries *entries, int64_t step)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->all[i].step == step)
            return true;
    return false;
}

static status add_step(run_entries *entries, const char *run, int64_t step)
{
    run_entry *all = memory_resize(entries->all, entries->count + 1, sizeof(*all));

    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu checkpoints", entries->count + 1);
    entries->all = all;
    run_entry *entry = &all[entries->count];
    *entry = (run_entry){.step = step};
    TRY(run_checkpoint_path(entry->path, run, step));
    TRY(look_at(entry, run));
    if (entry->outcome != STATUS_OK && !file_exists(entry->path))
        entries->again = true;
    else
        entries->count++;
    return STATUS_OK;
}

/* Look at those listed that were not looked at before. */
static status add_listed(run_entries *entries, const char *run)
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
    int64_t left = ((const run_entry *)a)->step, right = ((const run_entry *)b)->step;

    return (left > right) - (left < right);
}

static status collect(run_entries *entries, const char *run)
{
    int listings = 0;

    do {
        TRY(add_listed(entries, run));
    } while (entries->again && ++listings < LISTINGS);
    if (entries->count == 0)
        return fail(STATUS_INPUT, "%s: %s", run,
                    entries->again ? "its checkpoints are removed before they can be read"
                                   : "holds no checkpoints; is it the folder of a run?");
    qsort(entries->all, entries->count, sizeof(*entries->all), compare);
    return STATUS_OK;
}

/* ---- what is said ---- */

static const char *outcome_word(status outcome)
{
    return outcome == STATUS_OK ? "verified"
                                : (outcome == STATUS_FORMAT ? "damaged" : "unreadable");
}

static void say_entry(listing *o, const run_entry *entry, bool best)
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

/* The newest that is sound knows which was the best. */
static int64_t best_of(const run_entries *entries)
{
    for (size_t i = entries->count; i-- > 0;)
        if (entries->all[i].outcome == STATUS_OK)
            return entries->all[i].progress.best_step;
    return -1;
}

static size_t count_outcome(const run_entries *entries, bool damaged)
{
    size_t count = 0;

    for (size_t i = 0; i < entries->count; i++)
        count += entries->all[i].outcome != STATUS_OK &&
                 (entries->all[i].outcome == STATUS_FORMAT) == damaged;
    return count;
}

static status judge(const run_entries *entries, const char *run)
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

static status say_all(listing *o, const char *run, const run_entries *entries)
{
    listing_add_text(o, "run", run);
    if (o->is_json)
        json_begin_list(&o->object, "checkpoints");
    for (size_t i = 0; i < entries->count; i++)
        say_entry(o, &entries->all[i], best_of(entries) == entries->all[i].step);
    if (o->is_json)
        json_end_list(&o->object);
    return judge(entries, run);
}

status run_listing_say(listing *to, const char *run)
{
    run_entries entries = {.count = 0};
    status result = collect(&entries, run);

    if (result == STATUS_OK)
        result = say_all(to, run, &entries);
    memory_destroy(entries.all);
    return result;
}
