/* greedy.c - the likeliest symbol at every place. */
#include "lockstep/base/token.h"
#include "searches.h"

/* <end> wins ties: of two outputs that are equally good so far the shorter one. */
static const int32_t never[] = {TOKEN_BEGIN};
static const generator_best_query query = {
    .count = 1, .never = never, .nevers = 1, .favoured = TOKEN_END};

/* Outputs that are not finished, in slots of their sentences' numbers. */
typedef struct greedy {
    search_output *outputs;
    int32_t *limits;
    int open;
    int32_t *slots, *ids; /* [open] and the last symbol of each */
} greedy;

static greedy greedy_push(arena *arena, const packed *source, const search_options *options,
                          int places)
{
    size_t n = (size_t)source->sequences;
    greedy g = {.outputs = arena_push(arena, n, sizeof(*g.outputs)),
                .limits = search_limits(arena, source, options, places),
                .slots = arena_push(arena, n, sizeof(*g.slots)),
                .ids = arena_push(arena, n, sizeof(*g.ids))};

    for (int s = 0; s < source->sequences; s++) {
        g.outputs[s] = (search_output){
            .ids = arena_push(arena, (size_t)g.limits[s], sizeof(*g.outputs[s].ids))};
        if (g.limits[s] == 0)
            continue;
        g.slots[g.open] = s;
        g.ids[g.open++] = TOKEN_BEGIN;
    }
    return g;
}

/* Whether the output goes on. */
static bool add(search_output *o, int32_t limit, int32_t symbol, float log_p)
{
    o->score += (double)log_p;
    o->ended = symbol == TOKEN_END;
    if (!o->ended)
        o->ids[o->count++] = symbol;
    return !o->ended && o->count < limit;
}

/* One more symbol for every open output. */
static void extend(const transformer *t, pass *pass, decoder_cache *cache, greedy *g)
{
    size_t mark = arena_mark(pass->arena);
    int32_t *symbols = arena_push(pass->arena, (size_t)g->open, sizeof(*symbols));
    float *log_p = arena_push(pass->arena, (size_t)g->open, sizeof(*log_p));
    matrix states = transformer_step(t, pass, cache, g->slots, g->ids, g->open);
    int open = 0;

    transformer_best(t, pass, states, &query, symbols, log_p);
    for (int i = 0; i < g->open; i++) {
        int32_t slot = g->slots[i];
        if (!add(&g->outputs[slot], g->limits[slot], symbols[i], log_p[i]))
            continue;
        g->slots[open] = slot;
        g->ids[open++] = symbols[i];
    }
    g->open = open;
    arena_release(pass->arena, mark);
}

void greedy_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out)
{
    greedy g = greedy_push(pass->arena, source, options, transformer_places(t));
    size_t mark = arena_mark(pass->arena);
    int32_t *sentences = arena_push(pass->arena, (size_t)source->sequences, sizeof(*sentences));
    int32_t room = 1;

    (void)numbers; /* nothing is drawn */
    for (int s = 0; s < source->sequences; s++) {
        sentences[s] = s;
        room = g.limits[s] > room ? g.limits[s] : room;
    }
    decoder_cache *cache =
        transformer_cache_push(t, pass, source, sentences, source->sequences, room);
    while (g.open > 0 && stop() == 0)
        extend(t, pass, cache, &g);
    arena_release(pass->arena, mark);
    *out = (search_result){.each = 1, .list = g.outputs};
}
