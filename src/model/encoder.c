/* encoder.c - a stack of self-attention and feed-forward blocks over the source. */
#include "lockstep/model/encoder.h"

#include <stdio.h>

#include "block_options.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"

static status layer_add(encoder_layer *l, const config *c, parameters *p, int number, int *site)
{
    char prefix[PARAMETER_NAME];
    bool over_batch = c->model.encoder_norm == NORM_BATCH;

    snprintf(prefix, sizeof(prefix), "encoder.layers.%d.", number);
    block_options_attention(&l->self_attn, c, false, false, site);
    block_options_feed_forward(&l->feed_forward, c, site);
    TRY(attention_block_add(p, &l->self_attn_indices, prefix, "self_attn", "norm1",
                            c->model.width, over_batch));
    return feed_forward_add(p, &l->feed_forward_indices, prefix, "norm2", c->model.width,
                            c->model.feed_forward, over_batch);
}

status encoder_init(encoder *e, const config *c, parameters *p, int *site)
{
    *e = (encoder){.count = c->model.encoder_layers,
                   .norm_first = c->model.norm_position == NORM_PRE};
    e->layers = memory_create((size_t)e->count, sizeof(*e->layers));
    if (e->layers == NULL)
        return fail(STATUS_NOMEM, "no memory for %d encoder layers", e->count);
    for (int i = 0; i < e->count; i++) {
        e->layers[i].first = p->count;
        TRY(layer_add(&e->layers[i], c, p, i, site));
        e->layers[i].end = p->count;
    }
    e->norm_at = p->count;
    if (e->norm_first)
        TRY(norm_add(p, &e->norm_indices, "encoder.norm.", c->model.width,
                     c->model.encoder_norm == NORM_BATCH));
    e->end = p->count;
    return STATUS_OK;
}

void encoder_view(encoder *e, const parameters *p, const weight_slab *weights)
{
    for (int i = 0; i < e->count; i++) {
        encoder_layer *l = &e->layers[i];
        attention_block_view(p, weights, &l->self_attn_indices, &l->self_attn);
        feed_forward_view(p, weights, &l->feed_forward_indices, &l->feed_forward);
    }
    if (e->norm_first)
        e->norm = norm_view(p, &e->norm_indices);
}

void encoder_free(encoder *e)
{
    memory_destroy(e->layers);
    *e = (encoder){0};
}

matrix encoder_forward(const encoder *e, pass *pass, const stream *source, matrix x,
                       encoder_saved *saved)
{
    size_t count = (size_t)e->count;

    saved->self_attn = arena_push(pass->arena, count, sizeof(*saved->self_attn));
    saved->feed_forward = arena_push(pass->arena, count, sizeof(*saved->feed_forward));
    for (int i = 0; i < e->count; i++) {
        const encoder_layer *l = &e->layers[i];
        matrix attended = pass_matrix(pass, x.rows, x.cols);
        matrix y = pass_matrix(pass, x.rows, x.cols);
        pass_need(pass, l->feed_forward_indices.linear1.weight - 1);
        trace_begin(TRACE_ATTENTION);
        attention_block_forward(&l->self_attn, pass, source, NULL, x, NULL, attended,
                                &saved->self_attn[i]);
        trace_end();
        pass_need(pass, l->end - 1);
        trace_begin(TRACE_FEED_FORWARD);
        feed_forward_forward(&l->feed_forward, pass, source, attended, y,
                             &saved->feed_forward[i]);
        trace_end();
        x = y;
    }
    if (!e->norm_first)
        return x;
    pass_need(pass, e->end - 1);
    return final_norm_forward(&e->norm, pass, source, x, &saved->norm);
}

matrix encoder_backward(const encoder *e, pass *pass, const stream *source, matrix dmemory,
                        matrix spare, encoder_saved *saved)
{
    if (e->norm_first) {
        final_norm_backward(&e->norm, pass, source, dmemory, &saved->norm);
        pass_ready(pass, e->norm_at);
    }
    for (int i = e->count - 1; i >= 0; i--) {
        const encoder_layer *l = &e->layers[i];
        trace_begin(TRACE_FEED_FORWARD);
        feed_forward_backward(&l->feed_forward, pass, source, dmemory, spare,
                              &saved->feed_forward[i]);
        trace_end();
        pass_ready(pass, l->feed_forward_indices.linear1.weight);
        trace_begin(TRACE_ATTENTION);
        attention_block_backward(&l->self_attn, pass, source, NULL, spare, dmemory, (matrix){0},
                                 false, &saved->self_attn[i]);
        trace_end();
        pass_ready(pass, l->first);
    }
    return dmemory;
}
