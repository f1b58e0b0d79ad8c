/* decoder.c - a stack of self-attention, cross-attention and feed-forward blocks. */
#include "lockstep/model/decoder.h"

#include <stdio.h>

#include "block_options.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"

static status layer_add(decoder_layer *l, const config *c, parameters *p, int number, int *site)
{
    char prefix[PARAMETER_NAME];
    int width = c->model.width;
    bool over_batch = c->model.decoder_norm == NORM_BATCH;
    /* Here the decoders part: see what came before, or all places. */
    bool causal = c->model.decoder == DECODER_AUTOREGRESSIVE;

    snprintf(prefix, sizeof(prefix), "decoder.layers.%d.", number);
    block_options_attention(&l->self_attn, c, false, causal, site);
    block_options_attention(&l->multihead_attn, c, true, false, site);
    block_options_feed_forward(&l->feed_forward, c, site);
    TRY(attention_block_add(p, &l->self_attn_indices, prefix, "self_attn", "norm1", width,
                            over_batch));
    TRY(attention_block_add(p, &l->multihead_attn_indices, prefix, "multihead_attn", "norm2",
                            width, over_batch));
    return feed_forward_add(p, &l->feed_forward_indices, prefix, "norm3", width,
                            c->model.feed_forward, over_batch);
}

status decoder_init(decoder *d, const config *c, parameters *p, int *site)
{
    *d = (decoder){.count = c->model.decoder_layers,
                   .norm_first = c->model.norm_position == NORM_PRE};
    d->layers = memory_create((size_t)d->count, sizeof(*d->layers));
    if (d->layers == NULL)
        return fail(STATUS_NOMEM, "no memory for %d decoder layers", d->count);
    for (int i = 0; i < d->count; i++) {
        d->layers[i].first = p->count;
        TRY(layer_add(&d->layers[i], c, p, i, site));
        d->layers[i].end = p->count;
    }
    d->norm_at = p->count;
    if (d->norm_first)
        TRY(norm_add(p, &d->norm_indices, "decoder.norm.", c->model.width,
                     c->model.decoder_norm == NORM_BATCH));
    d->end = p->count;
    return STATUS_OK;
}

void decoder_view(decoder *d, const parameters *p, const weight_slab *weights)
{
    for (int i = 0; i < d->count; i++) {
        decoder_layer *l = &d->layers[i];
        attention_block_view(p, weights, &l->self_attn_indices, &l->self_attn);
        attention_block_view(p, weights, &l->multihead_attn_indices, &l->multihead_attn);
        feed_forward_view(p, weights, &l->feed_forward_indices, &l->feed_forward);
    }
    if (d->norm_first)
        d->norm = norm_view(p, &d->norm_indices);
}

void decoder_free(decoder *d)
{
    memory_destroy(d->layers);
    *d = (decoder){0};
}

attention_memory *decoder_memory_push(const decoder *d, pass *pass, matrix memory)
{
    attention_memory *all = arena_push(pass->arena, (size_t)d->count, sizeof(*all));

    for (int i = 0; i < d->count; i++)
        all[i] = attention_memory_push(&d->layers[i].multihead_attn, pass, memory);
    return all;
}

matrix decoder_forward(const decoder *d, pass *pass, const stream *target, const stream *source,
                       matrix x, attention_memory *memory, decoder_saved *saved)
{
    size_t count = (size_t)d->count;

    saved->self_attn = arena_push(pass->arena, count, sizeof(*saved->self_attn));
    saved->multihead_attn = arena_push(pass->arena, count, sizeof(*saved->multihead_attn));
    saved->feed_forward = arena_push(pass->arena, count, sizeof(*saved->feed_forward));
    for (int i = 0; i < d->count; i++) {
        const decoder_layer *l = &d->layers[i];
        pass_need(pass, l->feed_forward_indices.linear1.weight - 1);
        matrix attended = pass_matrix(pass, x.rows, x.cols);
        matrix crossed = pass_matrix(pass, x.rows, x.cols);
        matrix y = pass_matrix(pass, x.rows, x.cols);
        trace_begin(TRACE_ATTENTION);
        attention_block_forward(&l->self_attn, pass, target, NULL, x, NULL, attended,
                                &saved->self_attn[i]);
        attention_block_forward(&l->multihead_attn, pass, target, source, attended, &memory[i],
                                crossed, &saved->multihead_attn[i]);
        trace_end();
        pass_need(pass, l->end - 1);
        trace_begin(TRACE_FEED_FORWARD);
        feed_forward_forward(&l->feed_forward, pass, target, crossed, y,
                             &saved->feed_forward[i]);
        trace_end();
        x = y;
    }
    if (!d->norm_first)
        return x;
    pass_need(pass, d->end - 1);
    return final_norm_forward(&d->norm, pass, target, x, &saved->norm);
}

decoder_layer_cache *decoder_layers_push(const decoder *d, arena *arena, int width,
                                         const packed *source, int sequences, int room)
{
    decoder_layer_cache *cache = arena_push(arena, (size_t)d->count, sizeof(*cache));
    int longest = 0;

    for (int s = 0; s < source->sequences; s++) {
        int length = source->offsets[s + 1] - source->offsets[s];
        longest = length > longest ? length : longest;
    }
    for (int i = 0; i < d->count; i++) {
        cache[i].self_attn = attention_cache_push(arena, width, sequences, room);
        cache[i].multihead_attn =
            attention_cache_push(arena, width, source->sequences, longest);
    }
    return cache;
}

void decoder_remember(const decoder *d, pass *pass, const stream *source, matrix memory,
                      decoder_layer_cache *cache, int first)
{
    for (int i = 0; i < d->count; i++) {
        attention_cache from = attention_cache_from(&cache[i].multihead_attn, first);
        attention_block_remember(&d->layers[i].multihead_attn, pass, source, memory, &from);
    }
}

matrix decoder_step(const decoder *d, pass *pass, const stream *rows,
                    decoder_layer_cache *cache, const int32_t *sequences,
                    const int32_t *sentences, matrix x)
{
    for (int i = 0; i < d->count; i++) {
        const decoder_layer *l = &d->layers[i];
        feed_forward_saved saved;
        matrix attended = pass_matrix(pass, x.rows, x.cols);
        matrix crossed = pass_matrix(pass, x.rows, x.cols);
        matrix y = pass_matrix(pass, x.rows, x.cols);
        attention_block_step(&l->self_attn, pass, rows, &cache[i].self_attn, sequences, x,
                             attended);
        attention_block_step(&l->multihead_attn, pass, rows, &cache[i].multihead_attn,
                             sentences, attended, crossed);
        feed_forward_forward(&l->feed_forward, pass, rows, crossed, y, &saved);
        x = y;
    }
    if (!d->norm_first)
        return x;
    norm_saved saved;
    return final_norm_forward(&d->norm, pass, rows, x, &saved);
}

static void swap(matrix *a, matrix *b)
{
    matrix kept = *a;

    *a = *b;
    *b = kept;
}

matrix decoder_backward(const decoder *d, pass *pass, const stream *target,
                        const stream *source, matrix dy, matrix spare, matrix dmemory, bool add,
                        decoder_saved *saved)
{
    if (d->norm_first) {
        final_norm_backward(&d->norm, pass, target, dy, &saved->norm);
        pass_ready(pass, d->norm_at);
    }
    for (int i = d->count - 1; i >= 0; i--) {
        const decoder_layer *l = &d->layers[i];
        trace_begin(TRACE_FEED_FORWARD);
        feed_forward_backward(&l->feed_forward, pass, target, dy, spare,
                              &saved->feed_forward[i]);
        trace_end();
        pass_ready(pass, l->feed_forward_indices.linear1.weight);
        trace_begin(TRACE_ATTENTION);
        attention_block_backward(&l->multihead_attn, pass, target, source, spare, dy, dmemory,
                                 add || i < d->count - 1, &saved->multihead_attn[i]);
        attention_block_backward(&l->self_attn, pass, target, NULL, dy, spare, (matrix){0},
                                 false, &saved->self_attn[i]);
        trace_end();
        pass_ready(pass, l->first);
        swap(&dy, &spare);
    }
    return dy;
}
