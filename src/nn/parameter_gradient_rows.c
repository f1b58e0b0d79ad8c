/* parameter_gradient_rows.c - the gradient of a table whose rows were looked up. */
#include <omp.h>
#include <stdbool.h>
#include <string.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/slab/node.h"
#include "lockstep/tensor/kernels.h"

enum { ROWS_AT_A_TIME = 64 };

/* The rows of dy by id, those of one id in their order: order[start[v]..start[v + 1]). */
typedef struct lookups {
    int32_t *start; /* [table_rows + 1] */
    int32_t *order; /* [rows] */
} lookups;

static lookups sort_lookups(pass *pass, const int32_t *ids, int rows, int table_rows)
{
    lookups l = {.start = arena_push(pass->arena, (size_t)table_rows + 2, sizeof(int32_t)),
                 .order = arena_push(pass->arena, (size_t)rows, sizeof(int32_t))};
    int32_t *next = l.start + 1; /* the counting sort's cursor, one place ahead */

    memset(l.start, 0, ((size_t)table_rows + 2) * sizeof(int32_t));
    for (int r = 0; r < rows; r++)
        next[ids[r] + 1]++;
    for (int v = 0; v < table_rows; v++)
        next[v + 1] += next[v];
    for (int r = 0; r < rows; r++)
        l.order[next[ids[r]]++] = r;
    return l;
}

typedef struct row_sum {
    const pass *pass;
    const stream *stream;
    matrix dy;
    float scale;
    bool half;     /* nodes are rounded (slab/node.h) */
    float *stack;  /* [slots][cols] */
    bool *present; /* [slots]: has this slot a value, or did no token of its grains look? */
} row_sum;

/* Sum the rows of one grain, from order[*at] on, into the leaf; was there one? */
static bool sum_leaf(const row_sum *s, const int32_t *order, int count, int *at, int end,
                     float *leaf)
{
    size_t cols = (size_t)s->dy.cols;
    bool any = false;

    for (; *at < count && order[*at] < end; ++*at) {
        if (!any)
            memset(leaf, 0, cols * sizeof(float));
        any = true;
        kernels_get()->add_scaled(leaf, matrix_row(s->dy, order[*at]), s->scale, cols);
    }
    if (any && s->half)
        node_round(leaf, cols);
    return any;
}

/* An absent value adds nothing: not even its zeros are added. */
static void merge_rows(const row_sum *s, int below)
{
    size_t cols = (size_t)s->dy.cols;
    float *to = s->stack + (size_t)below * cols, *from = to + cols;

    if (s->present[below] && s->present[below + 1])
        node_add(to, to, from, cols, s->half);
    else if (s->present[below + 1])
        memcpy(to, from, cols * sizeof(float));
    s->present[below] = s->present[below] || s->present[below + 1];
}

static void sum_id(const row_sum *s, const int32_t *order, int count, float *out,
                   size_t node_stride)
{
    size_t cols = (size_t)s->dy.cols;
    const int32_t *grain_rows = s->stream->packed.grain_rows;
    int at = 0;

    for (int g = 0; g < s->stream->packed.grains; g++) {
        tree_step step = s->pass->tree->step[g];
        float *leaf = s->stack + (size_t)step.slot * cols;
        s->present[step.slot] = sum_leaf(s, order, count, &at, grain_rows[g + 1], leaf);
        for (int m = 0; m < step.merges; m++)
            merge_rows(s, step.slot - m - 1);
    }
    for (int n = 0; n < s->pass->tree->nodes; n++) {
        float *to = out + (size_t)n * node_stride;
        if (s->present[n])
            memcpy(to, s->stack + (size_t)n * cols, cols * sizeof(float));
        else
            memset(to, 0, cols * sizeof(float));
    }
}

static void clear_row(float *out, size_t node_stride, int nodes, size_t cols)
{
    for (int n = 0; n < nodes; n++)
        memset(out + (size_t)n * node_stride, 0, cols * sizeof(float));
}

void gradient_set_rows(pass *pass, const stream *stream, matrix dy, const int32_t *ids,
                       int table_rows, float scale, gradient g)
{
    size_t mark = arena_mark(pass->arena);
    size_t cols = (size_t)dy.cols, slots = (size_t)pass->tree->slots + 1;
    lookups l = sort_lookups(pass, ids, dy.rows, table_rows);
    float *stacks =
        arena_push(pass->arena, slots * cols * (size_t)pass->threads, sizeof(float));
    bool *flags = arena_push(pass->arena, slots * (size_t)pass->threads, sizeof(bool));

#pragma omp parallel for num_threads(pass->threads) schedule(static, ROWS_AT_A_TIME)
    for (int v = 0; v < table_rows; v++) {
        size_t thread = (size_t)omp_get_thread_num();
        row_sum s = {.pass = pass,
                     .stream = stream,
                     .dy = dy,
                     .scale = scale,
                     .half = g.half,
                     .stack = stacks + thread * slots * cols,
                     .present = flags + thread * slots};
        float *out = g.data + (size_t)v * cols;
        int count = l.start[v + 1] - l.start[v];
        if (count == 0)
            clear_row(out, g.node_stride, pass->tree->nodes, cols);
        else
            sum_id(&s, l.order + l.start[v], count, out, g.node_stride);
        if (v % ROWS_AT_A_TIME == 0)
            pass_move(pass);
    }
    arena_release(pass->arena, mark);
}
