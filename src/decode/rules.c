/* rules.c - what every search keeps to. */
#include "rules.h"

#include "lockstep/base/token.h"

int32_t *rules_limits(arena *arena, const packed *source, const search_options *options,
                      int places)
{
    int32_t *limits = arena_push(arena, (size_t)source->sequences, sizeof(*limits));
    int most = options->max_length < places - 1 ? options->max_length : places - 1;

    for (int s = 0; s < source->sequences; s++) {
        int tokens = source->offsets[s + 1] - source->offsets[s] - options->source_end;
        double limit = options->max_ratio * tokens + 10.0;
        limits[s] = limit < most ? (int32_t)limit : (int32_t)most;
    }
    return limits;
}

generator_best_query rules_query(const search_options *options, int tokens, int count,
                                 int32_t never[RULES_NEVER])
{
    bool ends = tokens >= options->min_length;
    int nevers = 0;

    never[nevers++] = TOKEN_BEGIN;
    if (!options->unknown)
        never[nevers++] = TOKEN_UNK;
    if (!ends)
        never[nevers++] = TOKEN_END;
    return (generator_best_query){
        .count = count, .never = never, .nevers = nevers, .favoured = ends ? TOKEN_END : -1};
}
