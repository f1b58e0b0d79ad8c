/* scored_rows.c - those rows of a batch that are scored. */
#include "scored_rows.h"

#include <string.h>

/* Rows before each of `count` bounds, of those that are scored: [bounds]. */
static const int32_t *count_before(arena *arena, const int32_t *rows, int scored,
                                   const int32_t *bounds, int count)
{
    int32_t *before = arena_push(arena, (size_t)count, sizeof(*before));

    for (int i = 0, at = 0; i < count; i++) {
        while (at < scored && rows[at] < bounds[i])
            at++;
        before[i] = at;
    }
    return before;
}

scored_rows scored_rows_push(pass *pass, const stream *of, const int32_t *gold)
{
    packed p = of->packed;
    int32_t *rows = arena_push(pass->arena, (size_t)p.rows, sizeof(*rows));
    int32_t *symbols = arena_push(pass->arena, (size_t)p.rows, sizeof(*symbols));

    p.rows = 0;
    for (int r = 0; r < of->packed.rows; r++)
        if (gold[r] >= 0) {
            rows[p.rows] = r;
            symbols[p.rows++] = gold[r];
        }
    p.ids = symbols;
    p.offsets = count_before(pass->arena, rows, p.rows, p.offsets, p.sequences + 1);
    p.grain_rows = count_before(pass->arena, rows, p.rows, p.grain_rows, p.grains + 1);
    return (scored_rows){stream_push(pass, &p), rows, symbols};
}

matrix scored_rows_gather(const scored_rows *s, pass *pass, matrix all)
{
    int count = s->stream.packed.rows;
    matrix rows = pass_matrix(pass, count, all.cols);

#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int i = 0; i < count; i++)
        memcpy(matrix_row(rows, i), matrix_row(all, s->rows[i]),
               (size_t)all.cols * sizeof(float));
    return rows;
}

void scored_rows_scatter(const scored_rows *s, const pass *pass, matrix rows, matrix all)
{
    size_t size = (size_t)all.cols * sizeof(float);

#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int r = 0; r < all.rows; r++)
        memset(matrix_row(all, r), 0, size);
#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int i = 0; i < rows.rows; i++)
        memcpy(matrix_row(all, s->rows[i]), matrix_row(rows, i), size);
}

void scored_rows_scatter_result(const scored_rows *s, const generator_result *rows, int count,
                                generator_result *all)
{
    memset(all->loss, 0, (size_t)count * sizeof(float));
    memset(all->nll, 0, (size_t)count * sizeof(float));
    memset(all->correct, 0, (size_t)count);
    for (int i = 0; i < s->stream.packed.rows; i++) {
        all->loss[s->rows[i]] = rows->loss[i];
        all->nll[s->rows[i]] = rows->nll[i];
        all->correct[s->rows[i]] = rows->correct[i];
    }
}
