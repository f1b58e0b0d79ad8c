/* attention_cache.c - keys and values of what several sequences have seen so far. */
#include "lockstep/nn/attention_cache.h"

#include <math.h>
#include <string.h>

#include "lockstep/tensor/kernels.h"

static size_t blocks_of(int32_t places)
{
    return ((size_t)places + ATTEND_PLACES - 1) / ATTEND_PLACES;
}

attention_cache attention_cache_push(arena *arena, int width, int sequences,
                                     const int32_t *rooms)
{
    size_t n = (size_t)sequences;
    attention_cache c = {.width = width,
                         .sequences = sequences,
                         .first = arena_push(arena, n + 1, sizeof(*c.first)),
                         .length = arena_push(arena, n, sizeof(*c.length))};

    c.first[0] = 0;
    for (size_t s = 0; s < n; s++) {
        c.length[s] = 0;
        c.first[s + 1] = c.first[s] + blocks_of(rooms[s]) * ATTEND_PLACES;
    }
    c.keys = arena_push(arena, c.first[n] * (size_t)width, sizeof(float));
    c.values = arena_push(arena, c.first[n] * (size_t)width, sizeof(float));
    return c;
}

static float *keys_of(const attention_cache *c, int sequence)
{
    return c->keys + c->first[sequence] * (size_t)c->width;
}

static float *values_of(const attention_cache *c, int sequence)
{
    return c->values + c->first[sequence] * (size_t)c->width;
}

void attention_cache_add(attention_cache *c, int sequence, const float *key, const float *value)
{
    size_t place = (size_t)c->length[sequence]++, width = (size_t)c->width;
    float *to = keys_of(c, sequence) + place / ATTEND_PLACES * ATTEND_PLACES * width +
                place % ATTEND_PLACES;

    CHECK(c->first[sequence] + place < c->first[sequence + 1]);
    for (size_t d = 0; d < width; d++)
        to[d * ATTEND_PLACES] = key[d];
    memcpy(values_of(c, sequence) + place * width, value, width * sizeof(float));
}

void attention_cache_copy(attention_cache *c, int from, int to)
{
    size_t width = (size_t)c->width, places = (size_t)c->length[from];

    CHECK(c->first[from + 1] - c->first[from] == c->first[to + 1] - c->first[to]);
    if (from == to)
        return;
    c->length[to] = c->length[from];
    memcpy(keys_of(c, to), keys_of(c, from),
           blocks_of(c->length[from]) * ATTEND_PLACES * width * sizeof(float));
    memcpy(values_of(c, to), values_of(c, from), places * width * sizeof(float));
}

void attention_cache_attend(const attention *a, const attention_cache *c, arena *arena,
                            const int32_t *sequences, matrix q, matrix context)
{
    size_t mark = arena_mark(arena), most = 0;

    for (int i = 0; i < q.rows; i++) {
        size_t room = blocks_of(c->length[sequences[i]]) * ATTEND_PLACES;
        most = room > most ? room : most;
    }
    attend args = {.heads = a->heads,
                   .head_width = a->head_width,
                   .width = c->width,
                   .scale = 1.0f / sqrtf((float)a->head_width),
                   .weights = arena_push(arena, most, sizeof(float))};
    for (int i = 0; i < q.rows; i++) {
        args.places = c->length[sequences[i]];
        args.query = matrix_row(q, i);
        args.keys = keys_of(c, sequences[i]);
        args.values = values_of(c, sequences[i]);
        args.context = matrix_row(context, i);
        kernels_get()->attend(&args);
    }
    arena_release(arena, mark);
}
