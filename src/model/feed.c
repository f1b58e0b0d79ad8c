/* feed.c - what the decoder is fed. */
#include "lockstep/model/feed.h"

#include <string.h>

#include "lockstep/base/token.h"

packed feed_truth(arena *arena, const packed *truth)
{
    packed fed = *truth;
    int32_t *ids = arena_push(arena, (size_t)truth->rows, sizeof(*ids));

    for (int s = 0; s < truth->sequences; s++) {
        int first = truth->offsets[s], rows = truth->offsets[s + 1] - first;

        if (rows == 0)
            continue;
        ids[first] = TOKEN_BEGIN;
        memcpy(ids + first + 1, truth->ids + first, (size_t)(rows - 1) * sizeof(*ids));
    }
    fed.ids = ids;
    return fed;
}
