/* decoder_cache.c - a decoder that remembers. */
#include "lockstep/model/decoder_cache.h"

#include <string.h>

struct decoder_cache {
    decoder_layer_cache *layers; /* [count] */
    int count;
    const int32_t *sentences;  /* [slots] */
    const copy_memory *copied; /* NULL where nothing is */
};

decoder_cache *decoder_cache_push(const body *b, pass *pass, const packed *source,
                                  const int32_t *sentences, int slots, int room,
                                  const body_keep *keep)
{
    decoder_cache *cache = arena_push(pass->arena, 1, sizeof(*cache));
    int32_t *copy = arena_push(pass->arena, (size_t)slots, sizeof(*copy));

    CHECK(source->grains == 1 && pass->threads == 1);
    memcpy(copy, sentences, (size_t)slots * sizeof(*copy));
    *cache = (decoder_cache){.layers = body_cache_push(b, pass, source, slots, room, keep),
                             .count = b->decoder.count,
                             .sentences = copy,
                             .copied = keep != NULL ? keep->copied : NULL};
    return cache;
}

const copy_rows *decoder_cache_copied(const decoder_cache *cache, pass *pass,
                                      const int32_t *slots, int count)
{
    if (cache->copied == NULL)
        return NULL;
    copy_rows *rows = arena_push(pass->arena, 1, sizeof(*rows));
    int32_t *sentences = arena_push(pass->arena, (size_t)count, sizeof(*sentences));

    for (int i = 0; i < count; i++)
        sentences[i] = cache->sentences[slots[i]];
    *rows = (copy_rows){cache->copied, sentences};
    return rows;
}

/* One row of each slot, at the place that its output has come to. */
static stream rows_of(const decoder_cache *cache, pass *pass, const int32_t *slots,
                      const int32_t *ids, int count)
{
    int32_t *places = arena_push(pass->arena, (size_t)count, sizeof(*places));
    int32_t *ends = arena_push(pass->arena, 2, sizeof(*ends));

    ends[0] = 0;
    ends[1] = count;
    for (int i = 0; i < count; i++)
        places[i] = cache->layers[0].self_attn.length[slots[i]];
    packed packed = packed_one_grain(pass->arena, ids, ends, 1);
    return (stream){
        .packed = packed, .tiles = tiles_push(pass->arena, &packed), .places = places};
}

matrix decoder_cache_step(const body *b, pass *pass, decoder_cache *cache, const int32_t *slots,
                          const int32_t *ids, int count)
{
    matrix states = pass_matrix(pass, count, b->width);
    size_t mark = arena_mark(pass->arena);
    int32_t *sentences = arena_push(pass->arena, (size_t)count, sizeof(*sentences));
    stream rows = rows_of(cache, pass, slots, ids, count);

    for (int i = 0; i < count; i++)
        sentences[i] = cache->sentences[slots[i]];
    matrix made = body_step(b, pass, cache->layers, &rows, slots, sentences);
    memcpy(states.data, made.data, (size_t)count * (size_t)b->width * sizeof(float));
    arena_release(pass->arena, mark);
    return states;
}

void decoder_cache_copy(decoder_cache *cache, int from, int to)
{
    CHECK(cache->sentences[from] == cache->sentences[to]);
    for (int i = 0; i < cache->count; i++)
        attention_cache_copy(&cache->layers[i].self_attn, from, to);
}
