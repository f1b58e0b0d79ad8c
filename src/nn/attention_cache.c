/* attention_cache.c - keys and values of what several sequences have seen so far. */
#include "lockstep/nn/attention_cache.h"

#include <math.h>
#include <string.h>

#include "lockstep/tensor/kernels.h"

static size_t blocks_of(int32_t places)
{
    return ((size_t)places + ATTEND_PLACES - 1) / ATTEND_PLACES;
}

/* Of a block's keys, or values. */
static size_t part_of(const attention_cache *c)
{
    return ATTEND_PLACES * (size_t)c->width;
}

attention_cache attention_cache_push(arena *arena, int width, int sequences, int room)
{
    size_t n = (size_t)sequences;
    attention_cache c = {.width = width,
                         .sequences = sequences,
                         .room = room,
                         .length = arena_push(arena, n, sizeof(*c.length))};

    for (int s = 0; s < sequences; s++)
        c.length[s] = 0;
    c.blocks = arena_push(arena, blocks_of(room) * n, 2 * part_of(&c) * sizeof(float));
    return c;
}

/* Floats from a block of a sequence to its next. */
static size_t stride_of(const attention_cache *c)
{
    return 2 * part_of(c) * (size_t)c->sequences;
}

static float *block_of(const attention_cache *c, int sequence, size_t block)
{
    return c->blocks + block * stride_of(c) + 2 * part_of(c) * (size_t)sequence;
}

attention_cache attention_cache_from(const attention_cache *c, int first)
{
    attention_cache from = *c;

    CHECK(0 <= first && first <= c->sequences);
    from.length += first;
    from.blocks = block_of(c, first, 0);
    return from;
}

void attention_cache_add(attention_cache *c, int sequence, const float *key, const float *value)
{
    size_t place = (size_t)c->length[sequence]++, width = (size_t)c->width;
    size_t row = place % ATTEND_PLACES;
    float *block = block_of(c, sequence, place / ATTEND_PLACES);

    CHECK(c->length[sequence] <= c->room);
    for (size_t d = 0; d < width; d++)
        block[d * ATTEND_PLACES + row] = key[d];
    memcpy(block + part_of(c) + row * width, value, width * sizeof(float));
}

void attention_cache_copy(attention_cache *c, int from, int to)
{
    size_t whole = (size_t)c->length[from] / ATTEND_PLACES, width = (size_t)c->width;
    size_t rest = (size_t)c->length[from] % ATTEND_PLACES;

    if (from == to)
        return;
    c->length[to] = c->length[from];
    for (size_t b = 0; b < whole + (rest > 0); b++)
        memcpy(block_of(c, to, b), block_of(c, from, b),
               (part_of(c) + (b < whole ? part_of(c) : rest * width)) * sizeof(float));
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
                   .stride = stride_of(c),
                   .scale = 1.0f / sqrtf((float)a->head_width),
                   .weights = arena_push(arena, most * (size_t)a->heads, sizeof(float)),
                   .room = (int)most};
    for (int i = 0; i < q.rows; i++) {
        args.places = c->length[sequences[i]];
        args.query = matrix_row(q, i);
        args.keys = block_of(c, sequences[i], 0);
        args.values = args.keys + part_of(c);
        args.context = matrix_row(context, i);
        kernels_get()->attend(&args);
    }
    arena_release(arena, mark);
}
