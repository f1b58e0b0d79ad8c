/* saving.c - writing checkpoints. */
#include "saving.h"

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/trace.h"

status saving_lock(saving *s, const config *c)
{
    return run_lock_open(&s->lock, c->run.folder);
}

status saving_open(saving *s, const training *t, const dataset *data)
{
    s->saved_at = clock_seconds();
    return snapshot_init(&s->snapshot, t, dataset_sides(data));
}

void saving_close(saving *s)
{
    snapshot_free(&s->snapshot);
    checkpoint_close(&s->latest);
    run_lock_close(&s->lock);
    *s = (saving){0};
}

static void note_progress(saving *s, const training *t, const loader *from)
{
    loader_position position = loader_tell(from);

    s->progress.step = t->step;
    s->progress.tokens = t->tokens;
    s->progress.plateau = t->plateau;
    s->progress.epoch = position.epoch;
    s->progress.window = position.window;
    s->progress.batch = position.batch;
}

status saving_check(const saving *s, const config *c)
{
    return run_lock_check(&s->lock, c->run.folder);
}

/* Rank 0 alone. Looks at nothing that the next step changes. */
static status write_down(const saving *s, const config *c)
{
    const checkpoint_content *content = &s->snapshot.content;
    const checkpoint_progress *at = &content->progress;
    const char *folder = c->run.folder;
    char path[FILE_PATH_MAX];

    TRY(saving_check(s, c));
    TRY(run_checkpoint_path(path, folder, at->step));
    TRY(checkpoint_save(path, content));
    log_line("step %lld  saved %s", (long long)at->step, path);
    return run_rotate(folder, at, c->checkpoint.keep, c->checkpoint.keep_best);
}

status saving_save(saving *s, const training *t, const loader *from)
{
    status saved = STATUS_OK;

    trace_begin(TRACE_SAVE);
    note_progress(s, t, from);
    snapshot_gather(&s->snapshot, t, &s->progress);
    if (world_rank(t->world) == 0) {
        world_work_begin(t->world);
        saved = write_down(s, t->config);
        world_work_end(t->world);
    }
    saved = world_agree(t->world, saved);
    if (saved == STATUS_OK)
        s->saved_step = t->step;
    s->saved_at = clock_seconds();
    trace_end();
    return saved;
}
