/* decoder_cache.h - a decoder that remembers: the keys and values of what it was fed so far,
 * so that one place more costs one row.
 *
 * Outputs of a batch of sources, in slots: several of one source, if a search wants them.
 * Everything is in the pass's arena; the pass is on one thread, without dropout, and its
 * batch is one grain.
 */
#ifndef LOCKSTEP_MODEL_DECODER_CACHE_H
#define LOCKSTEP_MODEL_DECODER_CACHE_H

#include "lockstep/model/body.h"
#include "lockstep/nn/copy_best.h"

typedef struct decoder_cache decoder_cache;

/* Encode `source` and make room for outputs of it: slot s continues an output of sentence
 * sentences[s], and may be fed `room` tokens. Keys and values of cross attention are made
 * here, once, and what `keep`, unless it is NULL, says. All slots are empty. */
decoder_cache *decoder_cache_push(const body *b, pass *pass, const packed *source,
                                  const int32_t *sentences, int slots, int room,
                                  const body_keep *keep);

/* Feed ids[i] to slots[i], each slot once at most: states [count, width] of what comes next,
 * in the arena. Slots that are not named stay as they are. */
matrix decoder_cache_step(const body *b, pass *pass, decoder_cache *cache, const int32_t *slots,
                          const int32_t *ids, int count);

/* Where the states of slots[count] may copy from, in the arena; NULL where nothing is kept. */
const copy_rows *decoder_cache_copied(const decoder_cache *cache, pass *pass,
                                      const int32_t *slots, int count);

/* Slot `to` becomes what `from` is. Both are of one sentence. */
void decoder_cache_copy(decoder_cache *cache, int from, int to);

#endif
