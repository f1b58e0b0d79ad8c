/* mean.c - the mean of several checkpoints of a run. */
#include "lockstep/checkpoint/mean.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/checkpoint/checkpoint.h"
#include "lockstep/checkpoint/run.h"
#include "lockstep/config/config.h"

/* ---- the checkpoints ---- */

static status open_member(checkpoint *out, const char *run, int64_t step)
{
    TRY(run_open_step(out, run, step));
    if (out->progress.mean_of == 0)
        return STATUS_OK;
    status is_mean =
        fail(STATUS_FORMAT, "%s: is a mean of checkpoints itself; move it elsewhere",
             store_path(out->reader));
    checkpoint_close(out);
    return is_mean;
}

static status check_config(const checkpoint *newest, const checkpoint *other)
{
    config ours, theirs;

    TRY(config_load_text(&ours, store_path(newest->reader), newest->config, NULL, 0));
    status result =
        config_load_text(&theirs, store_path(other->reader), other->config, NULL, 0);
    if (result == STATUS_OK) {
        if (config_check_resume(&ours, &theirs) != STATUS_OK)
            result = fail(STATUS_FORMAT, "%s: is of another run than %s: they differ in %.*s",
                          store_path(other->reader), store_path(newest->reader),
                          (int)strcspn(error_message(), ":"), error_message());
        config_free(&theirs);
    }
    config_free(&ours);
    return result;
}

static status check_same_run(const checkpoint *newest, const checkpoint *other)
{
    TRY(check_config(newest, other));
    if (newest->progress.dataset != other->progress.dataset)
        return fail(STATUS_FORMAT, "%s: is of another run than %s: their data differ",
                    store_path(other->reader), store_path(newest->reader));
    return STATUS_OK;
}

/* ---- what they hold ---- */

/* A slab and its sums. */
typedef struct summed {
    const parameters *p; /* NULL: there is none */
    double *sums;        /* [p->floats] */
} summed;

static status summed_init(summed *s, const parameters *p)
{
    *s = (summed){.p = p};
    if (p == NULL)
        return STATUS_OK;
    s->sums = memory_create(p->floats, sizeof(*s->sums));
    return s->sums != NULL ? STATUS_OK
                           : fail(STATUS_NOMEM, "no memory for %zu sums", p->floats);
}

static void summed_add(summed *s)
{
    for (size_t i = 0; s->p != NULL && i < s->p->floats; i++)
        s->sums[i] += (double)s->p->values[i];
}

static void summed_divide(summed *s, size_t count)
{
    for (size_t i = 0; s->p != NULL && i < s->p->floats; i++)
        s->p->values[i] = (float)(s->sums[i] / (double)count);
}

/* Register the tensors of a checkpoint, whatever its model. */
static status add_tensor(void *user, const char *name, const store_shape *shape)
{
    static const char values[] = "/parameters/", buffers[] = "/buffers/";
    parameters *p = user;
    int index, rows = shape->dimensions == 2 ? (int)shape->dims[0] : 1;
    int cols = (int)shape->dims[shape->dimensions == 2];

    /* Anything else is no tensor of a model, and checkpoint_check says so. */
    if (shape->type != STORE_FLOAT || shape->dimensions == 0 || shape->dimensions > 2 ||
        cols == 0 || rows == 0 || strlen(name) >= PARAMETER_NAME)
        return STATUS_OK;
    if (strncmp(name, values, sizeof(values) - 1) == 0)
        return parameters_add(p, &index, name + sizeof(values) - 1, shape->dimensions, rows,
                              cols, FILL_ZERO);
    if (strncmp(name, buffers, sizeof(buffers) - 1) == 0)
        return parameters_add_buffer(p, &index, name + sizeof(buffers) - 1, cols, FILL_ZERO);
    return STATUS_OK;
}

static status add_member(const mean *m, size_t i, const char *run, const checkpoint *newest,
                         const parameters *p)
{
    checkpoint one = {0};

    log_progress("checkpoint %zu/%zu", i + 1, m->count);
    if (stop_signal() != 0)
        return fail(STATUS_STOPPED, "%s: stopped by a signal", run);
    TRY(open_member(&one, run, m->members[i].step));
    status result = check_same_run(newest, &one);
    if (result == STATUS_OK)
        result = checkpoint_load_model(&one, p);
    checkpoint_close(&one);
    return result;
}

/* Leaves the means in the values of `p` and of its buffers. */
static status take_means(const mean *m, const char *run, const checkpoint *newest,
                         const parameters *p)
{
    summed values, buffers = {0};
    status result = summed_init(&values, p);

    if (result == STATUS_OK)
        result = summed_init(&buffers, p->buffers);
    for (size_t i = 0; i < m->count && result == STATUS_OK; i++) {
        result = add_member(m, i, run, newest, p);
        if (result != STATUS_OK)
            break;
        summed_add(&values);
        summed_add(&buffers);
    }
    if (result == STATUS_OK) {
        summed_divide(&values, m->count);
        summed_divide(&buffers, m->count);
    }
    memory_destroy(values.sums);
    memory_destroy(buffers.sums);
    return result;
}

/* ---- the file ---- */

/* Where it stands as the newest does; what only a run that goes on would ask for is out. */
static checkpoint_progress progress_of(const checkpoint *newest, const mean *m)
{
    checkpoint_progress p = newest->progress;

    return (checkpoint_progress){.step = p.step,
                                 .epoch = p.epoch,
                                 .window = p.window,
                                 .batch = p.batch,
                                 .tokens = p.tokens,
                                 .best_step = -1,
                                 .best_metric = NAN,
                                 .best_loss = HUGE_VAL,
                                 .validated_metric = NAN,
                                 .validated_loss = HUGE_VAL,
                                 .mean_of = (int64_t)m->count,
                                 .dataset = p.dataset};
}

/* An older mean of this run may go; a run's checkpoint, or whatever else, may not. */
static status check_present(const checkpoint *newest, const char *path)
{
    checkpoint there = {0};

    TRY(checkpoint_open(&there, path));
    status result = there.progress.mean_of == 0
                        ? fail(STATUS_INPUT, "%s: is a run's own checkpoint", path)
                        : check_same_run(newest, &there);
    checkpoint_close(&there);
    return result;
}

static status check_place(const checkpoint *newest, const char *path)
{
    if (run_checkpoint_step(path) >= 0)
        return fail(STATUS_INPUT, "%s: is the name of a run's own checkpoint; name another",
                    path);
    if (!file_is_regular(path)) /* and if it is there at all, the writer refuses it */
        return STATUS_OK;
    status result = check_present(newest, path);
    if (result != STATUS_INPUT && result != STATUS_FORMAT)
        return result;
    return fail(STATUS_INPUT,
                "%s; only an older mean of this run is replaced: remove it, or name another "
                "file",
                error_message());
}

static status write_file(const mean *m, const checkpoint *newest, const parameters *p,
                         const char *path)
{
    return checkpoint_save(
        path, &(checkpoint_content){.config = newest->config,
                                    .origin = newest->origin,
                                    .progress = progress_of(newest, m),
                                    .layout = p,
                                    .values = p->values,
                                    .buffers = p->buffers != NULL ? p->buffers->values : NULL,
                                    .add_rest = checkpoint_copy_rest,
                                    .rest = newest});
}

status mean_save(const mean *m, const char *run, const char *path, const mean_finish *finish)
{
    checkpoint newest = {0};
    parameters p;

    CHECK(m->count > 0);
    TRY(open_member(&newest, run, m->members[m->count - 1].step));
    parameters_init(&p);
    status result = check_place(&newest, path);
    if (result == STATUS_OK)
        result = store_walk(newest.reader, "/", add_tensor, &p);
    if (result == STATUS_OK)
        result = parameters_allocate(&p, 0);
    if (result == STATUS_OK)
        result = take_means(m, run, &newest, &p);
    if (result == STATUS_OK && finish != NULL)
        result = finish->run(finish->user, &newest, &p);
    if (result == STATUS_OK)
        result = write_file(m, &newest, &p, path);
    parameters_free(&p);
    checkpoint_close(&newest);
    return result;
}
