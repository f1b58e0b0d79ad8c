/* symbol_head_scored.c - the output layer's losses, of those rows alone that are scored. */
#include "scored_rows.h"
#include "symbol_head.h"

static generator_result push_result(pass *pass, int rows)
{
    return (generator_result){.loss = arena_push(pass->arena, (size_t)rows, sizeof(float)),
                              .nll = arena_push(pass->arena, (size_t)rows, sizeof(float)),
                              .correct = arena_push(pass->arena, (size_t)rows, 1)};
}

void symbol_head_losses_scored(const head *h, pass *pass, const stream *stream, matrix states,
                               const int32_t *gold, generator_result *out)
{
    generator_result found;

    *out = push_result(pass, states.rows);
    size_t mark = arena_mark(pass->arena);
    scored_rows scored = scored_rows_push(pass, stream, gold);

    symbol_head_losses(h, pass, &scored.stream, scored_rows_gather(&scored, pass, states),
                       scored.gold, &found);
    scored_rows_scatter_result(&scored, &found, states.rows, out);
    arena_release(pass->arena, mark);
}

void symbol_head_learn_scored(const head *h, pass *pass, const stream *stream, matrix states,
                              const int32_t *gold, float scale, matrix dstates,
                              generator_result *out)
{
    generator_result found;

    *out = push_result(pass, states.rows);
    size_t mark = arena_mark(pass->arena);
    scored_rows scored = scored_rows_push(pass, stream, gold);
    matrix rows = scored_rows_gather(&scored, pass, states);
    matrix drows = pass_matrix(pass, rows.rows, rows.cols);

    symbol_head_learn(h, pass, &scored.stream, rows, scored.gold, scale, drows, &found);
    scored_rows_scatter(&scored, pass, drows, dstates);
    scored_rows_scatter_result(&scored, &found, states.rows, out);
    arena_release(pass->arena, mark);
}
