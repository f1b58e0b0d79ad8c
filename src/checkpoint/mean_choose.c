/* mean_choose.c - which checkpoints a mean is taken of. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/checkpoint/mean.h"
#include "lockstep/checkpoint/run.h"

/* A file under another step's name would be taken twice, or out of its place. What cannot be
 * read is an error later, where it is read. */
static bool has_wrong_name(const char *run, int64_t step)
{
    bool wrong = false;

    if (run_check_name(run, step, &wrong) != STATUS_OK && wrong)
        log_warning("%s; left out", error_message());
    return wrong;
}

/* All steps of the run, as members without scores. */
static status list_all(mean *out, const char *run)
{
    int64_t *steps;
    size_t count;

    if (!file_exists(run))
        return fail(STATUS_INPUT, "%s: %s", run, strerror(errno));
    if (!file_is_folder(run))
        return fail(STATUS_INPUT, "%s: is not the folder of a run", run);
    TRY(run_list(run, &steps, &count));
    status result = STATUS_OK;
    out->members = memory_create(count, sizeof(*out->members));
    if (count == 0)
        result =
            fail(STATUS_INPUT, "%s: holds no checkpoints; is it the folder of a run?", run);
    else if (out->members == NULL)
        result = fail(STATUS_NOMEM, "no memory for %zu checkpoints", count);
    for (size_t i = 0; i < count && result == STATUS_OK; i++)
        if (!has_wrong_name(run, steps[i]))
            out->members[out->count++] = (mean_member){steps[i], NAN, HUGE_VAL};
    memory_destroy(steps);
    return result;
}

/* Keep [first, first + count). */
static void keep(mean *m, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        m->members[i] = m->members[first + i];
    m->count = count;
}

status mean_choose_last(mean *out, const char *run, int64_t count)
{
    TRY(list_all(out, run));
    if ((int64_t)out->count < count)
        return fail(STATUS_INPUT,
                    "%s: holds %zu checkpoints, not %lld; ask for fewer, and let longer runs "
                    "keep more with checkpoint.keep",
                    run, out->count, (long long)count);
    keep(out, out->count - (size_t)count, (size_t)count);
    return STATUS_OK;
}

/* ---- the best ---- */

static status score_member(mean_member *m, const char *run, bool *higher)
{
    char path[FILE_PATH_MAX];
    checkpoint c = {0};

    if (stop_signal() != 0)
        return fail(STATUS_STOPPED, "%s: stopped by a signal", run);
    TRY(run_checkpoint_path(path, run, m->step));
    status opened = run_open_step(&c, run, m->step);
    if (opened != STATUS_OK && !file_exists(path)) /* the run has removed it */
        return STATUS_OK;
    TRY(opened);
    m->score = checkpoint_score(&c.progress);
    m->loss = c.progress.validated_loss;
    *higher = c.progress.ranking.higher != 0;
    checkpoint_close(&c);
    return STATUS_OK;
}

static int compare_steps(const void *a, const void *b)
{
    int64_t left = ((const mean_member *)a)->step, right = ((const mean_member *)b)->step;

    return (left > right) - (left < right);
}

static int compare_numbers(double left, double right)
{
    return (left > right) - (left < right);
}

static int compare_equals(const mean_member *a, const mean_member *b)
{
    int by_loss = compare_numbers(a->loss, b->loss);

    return by_loss != 0 ? by_loss : compare_steps(a, b);
}

static int compare_lower(const void *a, const void *b)
{
    int by_score =
        compare_numbers(((const mean_member *)a)->score, ((const mean_member *)b)->score);

    return by_score != 0 ? by_score : compare_equals(a, b);
}

static int compare_higher(const void *a, const void *b)
{
    int by_score =
        compare_numbers(((const mean_member *)b)->score, ((const mean_member *)a)->score);

    return by_score != 0 ? by_score : compare_equals(a, b);
}

static status score_all(mean *m, const char *run, bool *higher)
{
    size_t scored = 0;

    for (size_t i = 0; i < m->count; i++) {
        log_progress("checkpoint %zu/%zu", i + 1, m->count);
        TRY(score_member(&m->members[i], run, higher));
        if (!isnan(m->members[i].score))
            m->members[scored++] = m->members[i];
    }
    m->count = scored;
    return STATUS_OK;
}

status mean_choose_best(mean *out, const char *run, int64_t count)
{
    bool higher = false;

    TRY(list_all(out, run));
    size_t all = out->count;
    TRY(score_all(out, run, &higher));
    if (out->count == 0)
        return fail(STATUS_INPUT,
                    "%s: none of its %zu checkpoints was saved right after a validation; take "
                    "the last ones, or set validation.every",
                    run, all);
    if ((int64_t)out->count < count)
        return fail(STATUS_INPUT,
                    "%s: %zu of its %zu checkpoints were saved right after a validation, not "
                    "%lld; ask for fewer, and let longer runs keep more with "
                    "checkpoint.keep_best",
                    run, out->count, all, (long long)count);
    qsort(out->members, out->count, sizeof(*out->members),
          higher ? compare_higher : compare_lower);
    keep(out, 0, (size_t)count);
    qsort(out->members, out->count, sizeof(*out->members), compare_steps);
    return STATUS_OK;
}

bool mean_is_there(const mean *m, const char *run)
{
    char path[FILE_PATH_MAX];

    for (size_t i = 0; i < m->count; i++)
        if (run_checkpoint_path(path, run, m->members[i].step) != STATUS_OK ||
            !file_exists(path))
            return false;
    return true;
}

void mean_free(mean *m)
{
    memory_destroy(m->members);
    *m = (mean){0};
}
