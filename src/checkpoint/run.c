/* run.c - the checkpoints of a run's folder. */
#include "lockstep/checkpoint/run.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

enum { LATEST_TRIES = 50 };

status run_checkpoint_path(char out[FILE_PATH_MAX], const char *run, int64_t step)
{
    char name[64];

    snprintf(name, sizeof(name), "checkpoints/step-%010" PRId64 ".h5", step);
    return file_join(out, run, name);
}

int64_t run_checkpoint_step(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    char *end, again[64];

    if (strncmp(name, "step-", 5) != 0)
        return -1;
    long long step = strtoll(name + 5, &end, 10);
    snprintf(again, sizeof(again), "step-%010lld.h5", step);
    return step >= 0 && strcmp(name, again) == 0 ? (int64_t)step : -1;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static status list_folder(DIR *folder, int64_t **steps, size_t *count)
{
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int64_t step = run_checkpoint_step(entry->d_name);

        if (step < 0)
            continue;
        int64_t *more = memory_resize(*steps, *count + 1, sizeof(*more));
        if (more == NULL)
            return fail(STATUS_NOMEM, "no memory for a list of checkpoints");
        *steps = more;
        more[(*count)++] = step;
    }
    return STATUS_OK;
}

status run_list(const char *run, int64_t **steps, size_t *count)
{
    char path[FILE_PATH_MAX];

    *steps = NULL;
    *count = 0;
    TRY(file_join(path, run, "checkpoints"));
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOENT)
        return STATUS_OK;
    if (folder == NULL)
        return fail(STATUS_INPUT, "%s: cannot list: %s", path, strerror(errno));
    status result = list_folder(folder, steps, count);
    closedir(folder);
    if (result != STATUS_OK) {
        memory_destroy(*steps);
        *steps = NULL;
    } else if (*count > 0) {
        qsort(*steps, *count, sizeof(**steps), compare);
    }
    return result;
}

static status check_step(int64_t held, int64_t step, const char *path)
{
    if (held == step)
        return STATUS_OK;
    return fail(STATUS_FORMAT,
                "%s: holds step %" PRId64 ", not %" PRId64
                ": it was copied or renamed; give it its own name back, or move it elsewhere",
                path, held, step);
}

status run_open_step(checkpoint *out, const char *run, int64_t step)
{
    char path[FILE_PATH_MAX];

    TRY(run_checkpoint_path(path, run, step));
    TRY(checkpoint_open(out, path));
    status result = check_step(out->progress.step, step, path);
    if (result != STATUS_OK)
        checkpoint_close(out);
    return result;
}

status run_check_name(const char *run, int64_t step, bool *wrong)
{
    char path[FILE_PATH_MAX];
    store_reader *reader;
    int64_t held;

    *wrong = false;
    TRY(run_checkpoint_path(path, run, step));
    TRY(store_open_verified(&reader, path, "checkpoint", CHECKPOINT_VERSION));
    status result = store_load_number(reader, "step", &held);
    store_close(reader);
    TRY(result);
    *wrong = held != step;
    return check_step(held, step, path);
}

static bool is_gone(const char *run, int64_t step)
{
    char path[FILE_PATH_MAX];

    return run_checkpoint_path(path, run, step) == STATUS_OK && !file_exists(path);
}

/* The newest of `steps` that verifies; `*gone`: the run has removed it meanwhile. A newer
 * one that does not is worth a warning only when there is an older one; without, its trouble
 * is the error. */
static status open_newest(checkpoint *out, const char *run, const int64_t *steps, size_t count,
                          bool *gone)
{
    *gone = false;
    for (size_t i = count; i-- > 0;) {
        status result = run_open_step(out, run, steps[i]);

        *gone = result != STATUS_OK && is_gone(run, steps[i]);
        if (result == STATUS_OK || result == STATUS_NOMEM || i == 0 || *gone)
            return result;
        log_warning("%s; going back to an older checkpoint", error_message());
    }
    return STATUS_OK;
}

status run_open_latest(checkpoint *out, const char *run)
{
    status result = STATUS_OK;
    bool gone = true;

    *out = (checkpoint){0};
    for (int tries = 0; gone && tries < LATEST_TRIES; tries++) {
        int64_t *steps;
        size_t count;

        TRY(run_list(run, &steps, &count));
        result = open_newest(out, run, steps, count, &gone);
        memory_destroy(steps);
    }
    if (result == STATUS_OK || result == STATUS_NOMEM)
        return result;
    return fail(STATUS_FORMAT,
                "%s; no checkpoint of this run can be read: to start it anew remove "
                "%s/checkpoints",
                error_message(), run);
}

/* The best step as the newest checkpoint names it in front of its content, which need not be
 * read then. -1 where it does not (an older version's, one under another's name), or cannot be
 * had. */
static int64_t noted_best(const char *run)
{
    char path[FILE_PATH_MAX];
    uint64_t note[2] = {0};
    int64_t *steps, newest = -1;
    size_t count;

    if (run_list(run, &steps, &count) != STATUS_OK)
        return -1;
    if (count > 0)
        newest = steps[count - 1];
    memory_destroy(steps);
    if (newest < 0 || run_checkpoint_path(path, run, newest) != STATUS_OK ||
        store_note(path, note) != STATUS_OK || note[0] != (uint64_t)newest + 1)
        return -1;
    return (int64_t)note[1] - 1;
}

static status open_best_of(checkpoint *out, const char *path)
{
    checkpoint best;

    TRY(run_open_latest(out, path));
    if (out->reader == NULL)
        return fail(STATUS_INPUT, "%s: holds no checkpoints; is it the folder of a run?", path);
    if (out->progress.best_step < 0 || out->progress.best_step == out->progress.step)
        return STATUS_OK;
    if (run_open_step(&best, path, out->progress.best_step) != STATUS_OK) {
        log_warning("%s; using the newest checkpoint in place of the best", error_message());
        return STATUS_OK;
    }
    checkpoint_close(out);
    *out = best;
    return STATUS_OK;
}

status run_open_best(checkpoint *out, const char *path)
{
    if (!file_is_folder(path))
        return checkpoint_open(out, path);
    int64_t best = noted_best(path);
    if (best >= 0 && run_open_step(out, path, best) == STATUS_OK)
        return STATUS_OK;
    return open_best_of(out, path);
}

static status remove_step(const char *run, int64_t step)
{
    char path[FILE_PATH_MAX];

    TRY(run_checkpoint_path(path, run, step));
    if (unlink(path) != 0 && errno != ENOENT)
        return fail(STATUS_IO, "%s: cannot remove: %s", path, strerror(errno));
    return STATUS_OK;
}

status run_rotate(const char *run, const checkpoint_progress *at, int keep, int keep_best)
{
    int64_t *steps;
    size_t count;
    status result = STATUS_OK;

    TRY(run_list(run, &steps, &count));
    for (size_t i = count; i-- > 0 && result == STATUS_OK;) {
        if (steps[i] > at->step)
            continue;
        if (keep-- <= 0 && steps[i] != at->best_step &&
            !ranking_has(&at->ranking, steps[i], keep_best))
            result = remove_step(run, steps[i]);
    }
    memory_destroy(steps);
    return result;
}
