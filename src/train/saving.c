/* saving.c - writing checkpoints. */
#include "lockstep/train/saving.h"

#include <stdio.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"

status saving_lock(saving *s, const config *c)
{
    return run_lock_open(&s->lock, c->run.folder);
}

void saving_close(saving *s)
{
    run_lock_close(&s->lock);
    *s = (saving){0};
}

/* The state that the hook gathers. */
typedef struct gathering {
    training *training;
    float *whole; /* rank 0 only */
} gathering;

static const float *gather_slot(void *user, int slot)
{
    gathering *g = user;
    const training *t = g->training;

    exchange_collect(t->exchange,
                     slot == CHECKPOINT_AVERAGE ? t->average.values : t->optimizer.slots[slot],
                     g->whole);
    return g->whole;
}

/* `*symbols` is owned by the caller. */
static status describe_vocabulary(const vocabulary *v, const char ***symbols,
                                  checkpoint_vocabulary *out)
{
    size_t count = (size_t)vocabulary_size(v);

    *symbols = memory_create(count, sizeof(**symbols));
    if (*symbols == NULL)
        return fail(STATUS_NOMEM, "no memory for the names of %zu symbols", count);
    for (size_t i = 0; i < count; i++)
        (*symbols)[i] = vocabulary_symbol(v, (int)i);
    *out = (checkpoint_vocabulary){
        .kind = (int)vocabulary_kind_of(v), .symbols = *symbols, .count = count};
    out->model = vocabulary_model(v, &out->model_size);
    return STATUS_OK;
}

/* What rank 0 must hold while it writes. */
typedef struct draft {
    char path[FILE_PATH_MAX];
    char *config;
    const char **source_symbols, **target_symbols;
    gathering gathering;
    checkpoint_content content;
} draft;

static void draft_free(draft *d)
{
    memory_destroy(d->config);
    memory_destroy(d->source_symbols);
    memory_destroy(d->target_symbols);
    memory_destroy(d->gathering.whole);
}

static status draft_fill(draft *d, const saving *s, training *t, const dataset *data)
{
    const parameters *p = transformer_parameters(t->model);
    checkpoint_content *content = &d->content;

    TRY(run_checkpoint_path(d->path, t->config->run.folder, t->step));
    TRY(config_print(t->config, &d->config));
    TRY(describe_vocabulary(dataset_source_vocabulary(data), &d->source_symbols,
                            &content->source));
    TRY(describe_vocabulary(dataset_target_vocabulary(data), &d->target_symbols,
                            &content->target));
    d->gathering.whole = memory_create(p->floats, sizeof(float));
    if (d->gathering.whole == NULL)
        return fail(STATUS_NOMEM, "no memory to gather the optimizer's state: %zu bytes",
                    p->floats * sizeof(float));
    content->parameters = p;
    content->config = d->config;
    content->joint = dataset_is_joint(data);
    content->progress = s->progress;
    snprintf(content->origin.build, CHECKPOINT_ORIGIN, "%s", t->environment.build);
    snprintf(content->origin.blas, CHECKPOINT_ORIGIN, "%s", t->environment.blas);
    snprintf(content->origin.instructions, CHECKPOINT_ORIGIN, "%s", t->environment.kernels);
    return STATUS_OK;
}

static void note_progress(saving *s, const training *t, const dataset *data, const loader *from)
{
    loader_position position = loader_tell(from);

    s->progress.step = t->step;
    s->progress.tokens = t->tokens;
    s->progress.plateau = t->plateau;
    s->progress.epoch = position.epoch;
    s->progress.window = position.window;
    s->progress.batch = position.batch;
    s->progress.dataset = (int64_t)dataset_fingerprint(data);
}

status saving_save(saving *s, training *t, const dataset *data, const loader *from)
{
    bool writes = world_rank(t->world) == 0;
    const char *folder = t->config->run.folder;
    draft d = {.gathering = {.training = t}};

    trace_begin(TRACE_SAVE);
    note_progress(s, t, data, from);
    d.content.rule = t->optimizer.rule;
    d.content.averaged = t->average.values != NULL;
    d.content.whole = gather_slot;
    d.content.user = &d.gathering;
    status saved = world_agree(t->world, writes ? draft_fill(&d, s, t, data) : STATUS_OK);
    if (saved == STATUS_OK)
        saved = world_agree(t->world, checkpoint_save(writes ? d.path : NULL, &d.content));
    if (saved == STATUS_OK) {
        s->saved_step = t->step;
        log_line("step %lld  saved %s", (long long)t->step, d.path);
        saved = world_agree(t->world, writes ? run_rotate(folder, &s->progress,
                                                          t->config->checkpoint.keep,
                                                          t->config->checkpoint.keep_best)
                                             : STATUS_OK);
    }
    draft_free(&d);
    trace_end();
    return saved;
}
