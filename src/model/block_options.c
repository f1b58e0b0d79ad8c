/* block_options.c - what the configuration says of every block. */
#include "lockstep/model/block_options.h"

void block_options_attention(attention_block *b, const config *c, bool cross, bool causal,
                             int *site)
{
    *b = (attention_block){.attention = {.heads = c->model.heads,
                                         .head_width = c->model.width / c->model.heads,
                                         .causal = causal,
                                         .dropout = c->model.attention_dropout,
                                         .site = *site + 1},
                           .cross = cross,
                           .norm_first = c->model.norm_position == NORM_PRE,
                           .dropout = c->model.dropout,
                           .site = *site};
    *site += 1 + c->model.heads;
}

void block_options_feed_forward(feed_forward *f, const config *c, int *site)
{
    *f = (feed_forward){.gelu = c->model.activation == ACTIVATION_GELU,
                        .norm_first = c->model.norm_position == NORM_PRE,
                        .dropout = c->model.dropout,
                        .activation_dropout = c->model.activation_dropout,
                        .site = *site};
    *site += 2;
}

matrix final_norm_forward(const layer_norm *n, pass *pass, const stream *stream, matrix x,
                          layer_norm_saved *saved)
{
    matrix y = pass_matrix(pass, x.rows, x.cols);

    layer_norm_push(n, pass, stream, saved);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < stream->tiles.count; t++)
        layer_norm_forward(n, &stream->tiles.list[t], x, (matrix){0}, NULL, NULL, y, saved);
    return y;
}

void final_norm_backward(const layer_norm *n, pass *pass, const stream *stream, matrix dy,
                         layer_norm_saved *saved)
{
    size_t mark = arena_mark(pass->arena);

    layer_norm_push_partials(n, pass, stream, saved);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < stream->tiles.count; t++)
        layer_norm_backward(n, &stream->tiles.list[t], t, dy, (matrix){0}, dy,
                            &(layer_norm_branch){0}, saved);
    layer_norm_backward_parameters(n, pass, stream, saved);
    arena_release(pass->arena, mark);
}
