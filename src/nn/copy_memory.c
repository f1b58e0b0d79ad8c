/* copy_memory.c - a source as the pointer sees it. */
#include "lockstep/nn/copy_memory.h"

#include "dot.h"

/* O(n^2) in the places of a sentence, which are few. */
static void find_firsts(const int32_t *holds, int32_t *firsts, int first, int end)
{
    for (int i = first; i < end; i++) {
        int at = first;
        while (holds[at] != holds[i])
            at++;
        firsts[i] = at;
    }
}

copy_memory *copy_memory_push(pass *pass, const packed *source, const int32_t *holds, int width)
{
    copy_memory *m = arena_push(pass->arena, 1, sizeof(*m));
    size_t rows = (size_t)source->rows;

    *m = (copy_memory){.offsets = source->offsets,
                       .holds = holds,
                       .firsts = arena_push(pass->arena, rows, sizeof(*m->firsts)),
                       .keys = pass_matrix(pass, source->rows, width),
                       .votes = arena_push(pass->arena, rows, sizeof(*m->votes))};
    for (int s = 0; s < source->sequences; s++) {
        int places = source->offsets[s + 1] - source->offsets[s];
        m->longest = places > m->longest ? places : m->longest;
    }
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, 8)
    for (int s = 0; s < source->sequences; s++)
        find_firsts(holds, m->firsts, source->offsets[s], source->offsets[s + 1]);
    return m;
}

void copy_memory_make(const copy_head *h, pass *pass, const stream *source, matrix memory,
                      copy_memory *m)
{
    if (m->made)
        return;
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < source->tiles.count; t++) {
        const tile *tile = &source->tiles.list[t];
        linear_forward(&h->key, tile_rows(memory, tile), tile_rows(m->keys, tile));
        for (int r = tile->first; r < tile->first + tile->rows; r++)
            m->votes[r] = (float)dot(h->gate + memory.cols, matrix_row(memory, r), memory.cols);
        pass_move(pass);
    }
    m->made = true;
}
