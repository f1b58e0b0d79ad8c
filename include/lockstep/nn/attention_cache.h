/* attention_cache.h - keys and values of what several sequences have seen so far, and the
 * attention of new queries over them.
 *
 * A key of `width` floats holds those of all heads. Places stand in blocks of ATTEND_PLACES:
 * the keys with a head's column in one run, so that scores come out a vector at a time, then
 * the values. First come the first blocks of all sequences, then their second ones, and so
 * on: what there is room for is touched only as far as the longest sequence has come.
 */
#ifndef LOCKSTEP_NN_ATTENTION_CACHE_H
#define LOCKSTEP_NN_ATTENTION_CACHE_H

#include "lockstep/nn/attention.h"

typedef struct attention_cache {
    int width, sequences, room;
    int32_t *length; /* [sequences] places in use */
    float *blocks; /* [room / ATTEND_PLACES, rounded up][sequences][2][ATTEND_PLACES * width] */
} attention_cache;

/* Empty, with room for so many places of each sequence, on `arena`. */
attention_cache attention_cache_push(arena *arena, int width, int sequences, int room);

/* A view of c whose sequence 0 is sequence `first` of c. */
attention_cache attention_cache_from(const attention_cache *c, int first);

/* One place more. key and value [width]. */
void attention_cache_add(attention_cache *c, int sequence, const float *key,
                         const float *value);

/* `to` becomes what `from` is. */
void attention_cache_copy(attention_cache *c, int from, int to);

/* Row i of q attends to all places of sequences[i], of which there is at least one (masks and
 * dropout have no part in it): context [q.rows, width] is overwritten. */
void attention_cache_attend(const attention *a, const attention_cache *c, arena *arena,
                            const int32_t *sequences, matrix q, matrix context);

#endif
