/* search_limits.c - how long outputs may be. */
#include "searches.h"

int32_t *search_limits(arena *arena, const packed *source, const search_options *options,
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
