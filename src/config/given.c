/* given.c - where each key was given. */
#include "given.h"

#include "lockstep/base/memory.h"
#include "value.h"

static int row(const option *o)
{
    int count;
    return (int)(o - option_table(&count));
}

status given_init(given *g, const char *name, const char *const *overrides)
{
    int count;
    option_table(&count);
    *g = (given){.name = name, .overrides = overrides};
    g->places = memory_create((size_t)count, sizeof *g->places);
    g->meant = memory_create((size_t)count, sizeof *g->meant);
    if (g->places && g->meant)
        return STATUS_OK;
    given_free(g);
    return fail(STATUS_NOMEM, "%s: no memory to read it", name);
}

void given_free(given *g)
{
    memory_destroy(g->places);
    memory_destroy(g->meant);
    *g = (given){0};
}

void given_add_line(given *g, const option *o, int line)
{
    g->places[row(o)] = line;
}

void given_add_override(given *g, const option *o, int override)
{
    g->places[row(o)] = -1 - override;
}

void given_forget(given *g, const option *o)
{
    g->places[row(o)] = 0;
}

void given_settle(given *g, const config *c)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i)
        g->meant[i] = g->places[i] > 0 && option_applies(&table[i], c);
}

status given_yield(given *g, config *c)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i) {
        const option *o = &table[i];
        if (!g->meant[i] || g->places[i] < 0 || o->resume != RESUME_FREE ||
            option_applies(o, c))
            continue;
        given_forget(g, o);
        TRY(value_init(o, c));
    }
    return STATUS_OK;
}

bool given_has(const given *g, const option *o)
{
    return g->places[row(o)] != 0;
}

status given_refuse(const given *g, const char *path)
{
    const option *o = option_find(path);
    int place = o ? g->places[row(o)] : 0;
    char shown[VALUE_EXCERPT_MAX];
    if (place > 0)
        return fail_context(STATUS_CONFIG, "%s:%d", g->name, place);
    if (place < 0)
        return fail_context(STATUS_CONFIG, "--set %s",
                            value_excerpt(g->overrides[-1 - place], shown));
    return fail_context(STATUS_CONFIG, "%s", g->name);
}
