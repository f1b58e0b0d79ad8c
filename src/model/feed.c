/* feed.c - what the decoder is fed. */
#include "feed.h"

#include <string.h>

#include "lockstep/base/token.h"

packed feed_truth(arena *arena, const packed *truth, int32_t **ids)
{
    int32_t *made = arena_push(arena, (size_t)truth->rows, sizeof(*made));
    packed fed = *truth;

    for (int s = 0; s < truth->sequences; s++) {
        int first = truth->offsets[s], end = truth->offsets[s + 1];

        made[first] = TOKEN_BEGIN;
        memcpy(made + first + 1, truth->ids + first, (size_t)(end - first - 1) * sizeof(*made));
    }
    fed.ids = made;
    if (ids != NULL)
        *ids = made;
    return fed;
}
