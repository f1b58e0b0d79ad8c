/* beam.c - many outputs of a sentence grow side by side (hypotheses.h); those of all sentences
 * of a batch take their steps together.
 */
#include "hypotheses.h"
#include "rules.h"
#include "searches.h"

typedef struct beam {
    const transformer *model;
    pass *pass;
    const search_options *options;
    decoder_cache *cache;
    hypotheses hypotheses;
    int each; /* candidates of each hypothesis */
    int32_t *slots, *ids, *symbols;
    float *log_p;
    hypothesis_copy *copies;
} beam;

/* Of the candidates that hypotheses_grow may take one hypothesis can have all: as many symbols
 * as the beam holds, and <end>. */
static beam beam_push(const transformer *t, pass *pass, const packed *source,
                      const search_options *o)
{
    size_t most = (size_t)source->sequences * (size_t)o->beam;
    int symbols = transformer_numbers(t, source),
        each = o->beam < symbols ? o->beam + 1 : symbols;
    const int32_t *limits = rules_limits(pass->arena, source, o, transformer_places(t));
    beam b = {.model = t,
              .pass = pass,
              .options = o,
              .hypotheses = hypotheses_push(pass->arena, limits, source->sequences, o),
              .each = each,
              .slots = arena_push(pass->arena, most, sizeof(*b.slots)),
              .ids = arena_push(pass->arena, most, sizeof(*b.ids)),
              .symbols = arena_push(pass->arena, most * (size_t)each, sizeof(*b.symbols)),
              .log_p = arena_push(pass->arena, most * (size_t)each, sizeof(*b.log_p)),
              .copies = arena_push(pass->arena, most, sizeof(*b.copies))};
    int room = 1;

    for (int s = 0; s < source->sequences; s++)
        room = limits[s] > room ? limits[s] : room;
    for (size_t i = 0; i < most; i++)
        b.ids[i] = (int32_t)i / o->beam;
    b.cache = transformer_cache_push(t, pass, source, b.ids, (int)most, room);
    return b;
}

/* A step of all that is open; false when nothing is. */
static bool extend(beam *b)
{
    int32_t never[RULES_NEVER];
    generator_best_query query = rules_query(b->options, b->hypotheses.tokens, b->each, never);
    size_t mark = arena_mark(b->pass->arena);
    int count = hypotheses_feed(&b->hypotheses, b->slots, b->ids);

    if (count == 0)
        return false;
    matrix states = transformer_step(b->model, b->pass, b->cache, b->slots, b->ids, count);
    query.copied = transformer_copied_at(b->model, b->pass, b->cache, b->slots, count);
    transformer_best(b->model, b->pass, states, &query, b->symbols, b->log_p);
    int copies = hypotheses_grow(&b->hypotheses, b->each, b->symbols, b->log_p, b->copies);
    for (int i = 0; i < copies; i++)
        decoder_cache_copy(b->cache, b->copies[i].from, b->copies[i].to);
    arena_release(b->pass->arena, mark);
    return true;
}

void beam_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
              const search_options *o, int (*stop)(void), search_result *out)
{
    beam b = beam_push(t, pass, source, o);

    (void)numbers; /* nothing is drawn */
    while (stop() == 0 && extend(&b))
        ;
    hypotheses_cut(&b.hypotheses);
    *out = hypotheses_collect(&b.hypotheses, pass->arena);
}
