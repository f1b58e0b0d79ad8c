/* saving.c - what a run saves, and when that is written. */
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

void saving_close(saving *s, world *world)
{
    if (s->writing.going) {
        world_work_begin(world);
        writing_close(&s->writing);
        world_work_end(world);
    }
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

static status begin_writing(saving *s, const training *t, double begun)
{
    if (world_rank(t->world) != 0)
        return STATUS_OK;
    return writing_begin(&s->writing, (writing_order){.content = &s->snapshot.content,
                                                      .config = t->config,
                                                      .lock = &s->lock,
                                                      .delay = clock_seconds() - begun});
}

static status gather_and_write(saving *s, const training *t, const loader *from)
{
    double begun = clock_seconds();

    TRY(saving_end(s, t->world, false));
    TRY(world_agree(t->world, saving_check(s, t->config)));
    note_progress(s, t, from);
    snapshot_gather(&s->snapshot, t, &s->progress);
    TRY(world_agree(t->world, begin_writing(s, t, begun)));
    s->saved_step = t->step;
    s->saved_at = clock_seconds();
    return STATUS_OK;
}

status saving_save(saving *s, const training *t, const loader *from)
{
    trace_begin(TRACE_SAVE);
    status saved = gather_and_write(s, t, from);
    trace_end();
    return saved;
}

bool saving_failed(saving *s)
{
    return writing_failed(&s->writing);
}

status saving_end(saving *s, world *world, bool hurry)
{
    status written = STATUS_OK;

    if (s->writing.going) {
        world_work_begin(world);
        written = writing_end(&s->writing, hurry);
        world_work_end(world);
    }
    return world_agree(world, written);
}
