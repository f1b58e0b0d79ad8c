/* outputs.c - one output of each sentence. */
#include "outputs.h"

#include <math.h>

#include "lockstep/base/token.h"
#include "rules.h"

static void push_list(outputs *o, arena *arena, int sentences)
{
    for (int s = 0; s < sentences; s++) {
        o->list[s] = (search_output){
            .ids = arena_push(arena, (size_t)o->limits[s], sizeof(*o->list[s].ids))};
        if (o->limits[s] == 0)
            continue;
        o->slots[o->open] = s;
        o->ids[o->open++] = TOKEN_BEGIN;
    }
}

outputs outputs_push(const transformer *t, pass *pass, const packed *source,
                     const search_options *options)
{
    size_t n = (size_t)source->sequences;
    outputs o = {.model = t,
                 .pass = pass,
                 .list = arena_push(pass->arena, n, sizeof(*o.list)),
                 .limits = rules_limits(pass->arena, source, options, transformer_places(t)),
                 .slots = arena_push(pass->arena, n, sizeof(*o.slots)),
                 .ids = arena_push(pass->arena, n, sizeof(*o.ids))};
    int32_t *sentences = arena_push(pass->arena, n, sizeof(*sentences)), room = 1;

    push_list(&o, pass->arena, source->sequences);
    for (int s = 0; s < source->sequences; s++) {
        sentences[s] = s;
        room = o.limits[s] > room ? o.limits[s] : room;
    }
    o.cache = transformer_cache_push(t, pass, source, sentences, source->sequences, room);
    return o;
}

matrix outputs_step(outputs *o)
{
    return transformer_step(o->model, o->pass, o->cache, o->slots, o->ids, o->open);
}

const copy_rows *outputs_copied(const outputs *o)
{
    return transformer_copied_at(o->model, o->pass, o->cache, o->slots, o->open);
}

/* Whether the output goes on. */
static bool add(search_output *o, int32_t limit, int32_t symbol, float log_p)
{
    if (symbol < 0)
        return false;
    o->score += (double)log_p;
    o->ended = symbol == TOKEN_END;
    if (!o->ended)
        o->ids[o->count++] = symbol;
    return !o->ended && o->count < limit;
}

void outputs_add(outputs *o, const int32_t *symbols, const float *log_p)
{
    int open = 0;

    for (int i = 0; i < o->open; i++) {
        int32_t slot = o->slots[i];
        if (!add(&o->list[slot], o->limits[slot], symbols[i], log_p != NULL ? log_p[i] : NAN))
            continue;
        o->slots[open] = slot;
        o->ids[open++] = symbols[i];
    }
    o->open = open;
    o->tokens++;
}
