/* block_options.c - what the configuration says of every block. */
#include "block_options.h"

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

matrix final_norm_forward(const norm *n, pass *pass, const stream *stream, matrix x,
                          norm_saved *saved)
{
    matrix y = pass_matrix(pass, x.rows, x.cols);

    norm_push(n, pass, stream, saved);
    norm_forward(n, pass, stream, x, y, saved);
    return y;
}

void final_norm_backward(const norm *n, pass *pass, const stream *stream, matrix dy,
                         norm_saved *saved)
{
    size_t mark = arena_mark(pass->arena);

    norm_push_partials(n, pass, stream, saved);
    norm_backward(n, pass, stream, dy, (matrix){0}, dy, saved);
    norm_backward_parameters(n, pass, stream, saved);
    arena_release(pass->arena, mark);
}
