/* prefixes.c - what the outputs of a search are so far. */
#include "prefixes.h"

#include <string.h>

#include "lockstep/base/token.h"

static int32_t *ids_of(const prefixes *p, int prefix)
{
    return p->ids + (size_t)prefix * (size_t)p->room;
}

/* In ids: <begin> has a place too. */
static int limit_of(const search_limits *limits, int places, int source_rows)
{
    double most = limits->max_ratio * (source_rows - limits->source_end) + 10.0;
    int limit = limits->max_length < places - 1 ? limits->max_length : places - 1;

    return 1 + (most < limit ? (int)most : limit);
}

prefixes prefixes_push(arena *arena, const packed *source, const search_limits *limits,
                       int places)
{
    size_t n = (size_t)source->sequences;
    prefixes p = {.source = source,
                  .count = source->sequences,
                  .length = arena_push(arena, n, sizeof(*p.length)),
                  .limit = arena_push(arena, n, sizeof(*p.limit)),
                  .open = arena_push(arena, n, sizeof(*p.open)),
                  .ended = arena_push(arena, n, sizeof(*p.ended))};

    for (int i = 0; i < p.count; i++) {
        p.limit[i] = limit_of(limits, places, source->offsets[i + 1] - source->offsets[i]);
        CHECK(p.limit[i] >= 1);
        p.room = p.limit[i] > p.room ? p.limit[i] : p.room;
        p.length[i] = 1;
        p.open[i] = p.limit[i] > 1;
        p.ended[i] = false;
    }
    p.ids = arena_push(arena, n * (size_t)p.room, sizeof(*p.ids));
    for (int i = 0; i < p.count; i++)
        ids_of(&p, i)[0] = TOKEN_BEGIN;
    return p;
}

void prefixes_add(prefixes *p, int prefix, int32_t symbol)
{
    CHECK(p->open[prefix]);
    p->ended[prefix] = symbol == TOKEN_END;
    if (symbol != TOKEN_END)
        ids_of(p, prefix)[p->length[prefix]++] = symbol;
    p->open[prefix] = symbol != TOKEN_END && p->length[prefix] < p->limit[prefix];
}

packed prefixes_pack(const prefixes *p, arena *arena)
{
    packed target = *p->source;
    int32_t *offsets = arena_push(arena, (size_t)p->count + 1, sizeof(*offsets));
    int32_t *grain_rows = arena_push(arena, (size_t)target.grains + 1, sizeof(*grain_rows));

    offsets[0] = 0;
    for (int i = 0; i < p->count; i++)
        offsets[i + 1] = offsets[i] + (p->open[i] ? p->length[i] : 0);
    for (int g = 0; g <= target.grains; g++)
        grain_rows[g] = offsets[target.grain_sequences[g]];
    target.rows = offsets[p->count];
    int32_t *ids = arena_push(arena, (size_t)target.rows, sizeof(*ids));
    for (int i = 0; i < p->count; i++)
        memcpy(ids + offsets[i], ids_of(p, i),
               (size_t)(offsets[i + 1] - offsets[i]) * sizeof(*ids));
    target.ids = ids;
    target.offsets = offsets;
    target.grain_rows = grain_rows;
    return target;
}

prefix_ends prefixes_ends(const prefixes *p, arena *arena, const packed *packed)
{
    size_t n = (size_t)p->count;
    prefix_ends ends = {.prefixes = arena_push(arena, n, sizeof(*ends.prefixes)),
                        .rows = arena_push(arena, n, sizeof(*ends.rows)),
                        .grain_first = arena_push(arena, (size_t)packed->grains + 1,
                                                  sizeof(*ends.grain_first))};

    for (int g = 0; g < packed->grains; g++) {
        ends.grain_first[g] = ends.count;
        for (int i = packed->grain_sequences[g]; i < packed->grain_sequences[g + 1]; i++) {
            if (!p->open[i])
                continue;
            ends.prefixes[ends.count] = i;
            ends.rows[ends.count++] = packed->offsets[i + 1] - 1;
        }
    }
    ends.grain_first[packed->grains] = ends.count;
    return ends;
}

search_result prefixes_collect(const prefixes *p, arena *arena)
{
    size_t n = (size_t)p->count;
    search_result out = {.offsets = arena_push(arena, n + 1, sizeof(*out.offsets)),
                         .ended = arena_push(arena, n, sizeof(*out.ended))};

    out.offsets[0] = 0;
    for (int i = 0; i < p->count; i++) {
        out.offsets[i + 1] = out.offsets[i] + p->length[i] - 1;
        out.ended[i] = p->ended[i];
    }
    out.ids = arena_push(arena, (size_t)out.offsets[n], sizeof(*out.ids));
    for (int i = 0; i < p->count; i++)
        memcpy(out.ids + out.offsets[i], ids_of(p, i) + 1,
               (size_t)(p->length[i] - 1) * sizeof(*out.ids));
    return out;
}
