/* greedy.c - the likeliest symbol at every place. */
#include "lockstep/base/token.h"
#include "prefixes.h"
#include "searches.h"

/* <end> wins ties: of two outputs that are equally good so far the shorter one. */
static generator_query query_of(const prefix_ends *ends, int grains)
{
    return (generator_query){.rows = ends->rows,
                             .grain_first = ends->grain_first,
                             .grains = grains,
                             .never = TOKEN_BEGIN,
                             .favoured = TOKEN_END,
                             .products = GENERATOR_ROWS};
}

/* One more symbol for every open prefix; false when there is none. */
static bool extend(const transformer *t, pass *pass, const body_memory *memory, prefixes *p)
{
    size_t mark = arena_mark(pass->arena);
    packed target = prefixes_pack(p, pass->arena);
    bool any = target.rows > 0;

    if (any) {
        prefix_ends ends = prefixes_ends(p, pass->arena, &target);
        generator_query query = query_of(&ends, target.grains);
        int32_t *next = arena_push(pass->arena, (size_t)ends.count, sizeof(*next));
        matrix decoded = transformer_decode(t, pass, memory, &target);

        transformer_predict(t, pass, decoded, &query, next);
        for (int i = 0; i < ends.count; i++)
            prefixes_add(p, ends.prefixes[i], next[i]);
    }
    arena_release(pass->arena, mark);
    return any;
}

void greedy_run(const transformer *t, pass *pass, const packed *source,
                const search_limits *limits, int (*stop)(void), search_result *out)
{
    body_memory memory = transformer_encode(t, pass, source);
    prefixes p = prefixes_push(pass->arena, source, limits, transformer_places(t));

    while (stop() == 0 && extend(t, pass, &memory, &p))
        ;
    *out = prefixes_collect(&p, pass->arena);
}
