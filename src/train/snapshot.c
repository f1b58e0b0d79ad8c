/* snapshot.c - a training as it stands at one step. */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/thread.h"

static status add_sides(const void *rest, store_writer *writer)
{
    return sides_save(rest, writer);
}

static size_t buffer_floats(const parameters *p)
{
    return p->buffers != NULL ? p->buffers->floats : 0;
}

static status make_room(snapshot *s, const training *t)
{
    const parameters *p = transformer_parameters(t->model);
    size_t slots = (size_t)t->optimizer.rule->slots, slabs = 1 + slots;

    if (t->average.values != NULL)
        slabs++;
    size_t floats = slabs * p->floats + buffer_floats(p);
    s->room = memory_create(floats, sizeof(float));
    if (s->room == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for a copy of what checkpoints hold: %zu bytes; give rank 0 a "
                    "machine of its own, or start fewer ranks there",
                    floats * sizeof(float));
    s->values = s->room;
    for (size_t i = 0; i < slots; i++)
        s->slots[i] = s->values + (1 + i) * p->floats;
    if (t->average.values != NULL)
        s->average = s->values + (1 + slots) * p->floats;
    if (p->buffers != NULL)
        s->buffers = s->values + slabs * p->floats;
    return STATUS_OK;
}

static void *populate(void *room)
{
    memory_populate(room);
    return NULL;
}

static void await_populator(snapshot *s)
{
    if (s->populating)
        pthread_join(s->populator, NULL);
    s->populating = false;
}

static void describe(snapshot *s, const training *t, const sides *data)
{
    const environment *e = &t->environment;
    checkpoint_content *c = &s->content;

    *c = (checkpoint_content){.config = s->config,
                              .layout = transformer_parameters(t->model),
                              .values = s->values,
                              .buffers = s->buffers,
                              .average = s->average,
                              .rule = t->optimizer.rule,
                              .add_rest = add_sides,
                              .rest = data};
    for (int i = 0; i < OPTIMIZER_SLOTS; i++)
        c->slots[i] = s->slots[i];
    snprintf(c->origin.build, CHECKPOINT_ORIGIN, "%s", e->build);
    snprintf(c->origin.blas, CHECKPOINT_ORIGIN, "%s", e->blas);
    snprintf(c->origin.instructions, CHECKPOINT_ORIGIN, "%s", e->kernels);
    memcpy(c->origin.arithmetic, e->arithmetic, sizeof(e->arithmetic));
}

status snapshot_init(snapshot *s, const training *t, const sides *data)
{
    if (world_rank(t->world) != 0)
        return STATUS_OK;
    TRY(config_print(t->config, &s->config));
    TRY(make_room(s, t));
    s->populating = thread_start(&s->populator, populate, s->room) == STATUS_OK;
    describe(s, t, data);
    return STATUS_OK;
}

status snapshot_describe(snapshot *s, const config *c)
{
    char *text;

    if (s->config == NULL) /* another rank than 0 */
        return STATUS_OK;
    TRY(config_print(c, &text));
    memory_destroy(s->config);
    s->content.config = s->config = text;
    return STATUS_OK;
}

void snapshot_free(snapshot *s)
{
    await_populator(s);
    memory_destroy(s->config);
    memory_destroy(s->room);
    *s = (snapshot){0};
}

/* What every rank holds whole. */
static void copy_model(snapshot *s, const parameters *p)
{
    memcpy(s->values, p->values, p->floats * sizeof(float));
    if (p->buffers != NULL)
        memcpy(s->buffers, p->buffers->values, p->buffers->floats * sizeof(float));
}

void snapshot_gather(snapshot *s, const training *t, const checkpoint_progress *progress)
{
    training_settle(t);
    await_populator(s);
    if (world_rank(t->world) == 0)
        copy_model(s, transformer_parameters(t->model));
    if (t->average.values != NULL)
        exchange_collect(t->exchange, t->average.values, s->average);
    for (int i = 0; i < t->optimizer.rule->slots; i++)
        exchange_collect(t->exchange, t->optimizer.slots[i], s->slots[i]);
    s->content.progress = *progress;
}
