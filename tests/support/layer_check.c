/* layer_check.c - what every layer must keep. */
#include "layer_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gradcheck.h"
#include "gradient_sum.h"
#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "packed_run.h"
#include "recorded_sums.h"
#include "unit_check.h"

enum { MOST_SEQUENCES = 128 };

/* Sentences of a batch on both sides. */
typedef struct batch {
    int32_t query_offsets[MOST_SEQUENCES + 1], key_offsets[MOST_SEQUENCES + 1];
    int32_t grain_sequences[LAYER_CHECK_GRAINS + 1];
    int32_t *ids; /* of the queries */
    int sequences, query_rows, key_rows;
} batch;

/* All that is computed of a batch, whatever ranks did it. */
typedef struct work {
    const layer_check *check;
    batch batch;
    arena arena;
    recorded_sums sums;
    matrix x, other, y, dy, dx, dother;
} work;

static void add_sequence(batch *b, int queries, int keys)
{
    b->query_offsets[b->sequences + 1] = b->query_rows += queries;
    b->key_offsets[b->sequences + 1] = b->key_rows += keys;
    b->sequences++;
}

static void name_tokens(batch *b)
{
    b->ids = memory_create((size_t)b->query_rows, sizeof(*b->ids));
    for (int r = 0; r < b->query_rows; r++)
        b->ids[r] = (int32_t)((r * 5 + r / 3) % (LAYER_CHECK_SYMBOLS - 1)); /* not the last */
}

static batch make_small(void)
{
    static const int lengths[][2] = {{3, 2}, {1, 4}, {4, 1}, {1, 1}, {2, 3}, {1, 3}};
    batch b = {.grain_sequences = {0, 2, 2, 4, 5, 6}};

    for (size_t s = 0; s < sizeof(lengths) / sizeof(lengths[0]); s++)
        add_sequence(&b, lengths[s][0], lengths[s][1]);
    name_tokens(&b);
    return b;
}

/* Grains of two tiles and more, of less than one, of none. */
static batch make_large(void)
{
    static const int rows[LAYER_CHECK_GRAINS] = {700, 0, 7, 1300, 40};
    batch b = {0};

    for (int g = 0; g < LAYER_CHECK_GRAINS; g++) {
        for (int end = b.query_rows + rows[g]; b.query_rows < end;) {
            int length = 1 + b.sequences * 7 % 40, left = end - b.query_rows;
            add_sequence(&b, length < left ? length : left, 1 + b.sequences * 11 % 37);
        }
        b.grain_sequences[g + 1] = b.sequences;
    }
    ck_assert_int_le(b.sequences, MOST_SEQUENCES);
    name_tokens(&b);
    return b;
}

static void work_init(work *w, const layer_check *c, batch b)
{
    *w = (work){.check = c,
                .batch = b,
                .x = made_matrix_create(b.query_rows, c->x_cols, 0, 1),
                .other = made_matrix_create(b.key_rows, c->other_cols, 0, 2),
                .y = made_matrix_create(b.query_rows, c->y_cols, 0, 3),
                .dy = made_matrix_create(b.query_rows, c->y_cols, 0, 4),
                .dx = made_matrix_create(b.query_rows, c->x_cols, 0, 5),
                .dother = made_matrix_create(b.key_rows, c->other_cols, 0, 6)};

    recorded_sums_init(&w->sums, LAYER_CHECK_GRAINS);
    ck_assert_int_eq(arena_init(&w->arena, (size_t)256 << 20), STATUS_OK);
    gemm_open();
    for (int i = 0; c->sum != 0.0f && i < w->dy.rows * w->dy.cols; i++)
        w->dy.data[i] = c->sum;
}

static void work_free(work *w)
{
    matrix all[] = {w->x, w->other, w->y, w->dy, w->dx, w->dother};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
    memory_destroy(w->batch.ids);
    arena_free(&w->arena);
    recorded_sums_free(&w->sums);
}

static void forget(matrix m)
{
    for (int i = 0; i < m.rows * m.cols; i++)
        m.data[i] = NAN;
}

static void forget_gradients(parameters *p)
{
    for (int i = 0; i < p->count; i++)
        for (int node = 0; node < p->nodes; node++) {
            float *plane = p->gradients + (size_t)node * p->gradient_floats;
            forget(matrix_view(plane + p->list[i].gradient[0], 1, (int)p->list[i].count));
        }
}

/* A rank's rows of everything. Its dy is a copy, since it may be used up. */
static layer_run rows_of(work *w, const packed_run *q, const packed_run *k)
{
    matrix dy = matrix_rows(w->dy, q->first_row, q->packed.rows);
    size_t count = (size_t)dy.rows * (size_t)dy.cols;
    float *copy = arena_push(&w->arena, count, sizeof(*copy));

    memcpy(copy, dy.data, count * sizeof(*copy));
    return (layer_run){.layer = w->check->layer,
                       .x = matrix_rows(w->x, q->first_row, q->packed.rows),
                       .other = matrix_rows(w->other, k->first_row, k->packed.rows),
                       .y = matrix_rows(w->y, q->first_row, q->packed.rows),
                       .dy = matrix_view(copy, dy.rows, dy.cols),
                       .dx = matrix_rows(w->dx, q->first_row, q->packed.rows),
                       .dother = matrix_rows(w->dother, k->first_row, k->packed.rows),
                       .first_row = q->first_row};
}

/* One rank's grains; returns how many nodes it holds. */
static int run_rank(work *w, int first, int last, int threads, bool backward)
{
    const batch *b = &w->batch;
    packed_run q = packed_run_create(b->ids, b->query_offsets, b->grain_sequences, first, last);
    packed_run k = packed_run_create(NULL, b->key_offsets, b->grain_sequences, first, last);
    layer_run run = rows_of(w, &q, &k);
    tree_run tree;

    ck_assert_int_eq(tree_run_init(&tree, first, last, LAYER_CHECK_GRAINS), STATUS_OK);
    pass pass = {.arena = &w->arena,
                 .tree = &tree,
                 .threads = threads,
                 .dropout = w->check->dropout,
                 .batch = recorded_sums_begin(&w->sums, first, last),
                 .seed = 5,
                 .draw = 77};
    stream queries = stream_push(&pass, &q.packed), keys = stream_push(&pass, &k.packed);
    run.pass = &pass;
    run.queries = &queries;
    run.keys = &keys;
    run.backward = backward;
    forget(run.y);
    forget(run.dx);
    forget(run.dother);
    forget_gradients(w->check->parameters);
    w->check->run(&run);
    int nodes = tree.nodes;
    arena_release(&w->arena, 0);
    tree_run_free(&tree);
    packed_run_free(&q);
    packed_run_free(&k);
    return nodes;
}

void layer_check_fill(parameters *p)
{
    for (int i = 0; i < p->count; i++) {
        float *values = parameters_values(p, i);
        float size = p->list[i].dimensions == 2 ? 1.7f / sqrtf((float)p->list[i].cols) : 0.5f;
        made_floats(values, p->list[i].count, 100u + (uint32_t)i, size);
        for (size_t k = 0; p->list[i].fill == FILL_ONE && k < p->list[i].count; k++)
            values[k] += 1.0f;
    }
}

static double loss(void *user)
{
    work *w = user;
    double sum = 0.0;

    run_rank(w, 0, LAYER_CHECK_GRAINS, 1, false);
    for (int i = 0; i < w->y.rows * w->y.cols; i++)
        sum += (double)w->y.data[i] * w->dy.data[i];
    return sum;
}

double layer_check_gradients(const layer_check *c)
{
    work w;
    parameters *p = c->parameters;
    float *kept = memory_create(p->gradient_floats + 1, sizeof(float));

    work_init(&w, c, make_small());
    run_rank(&w, 0, LAYER_CHECK_GRAINS, 1, true);
    matrix dx = made_matrix_copy(w.dx), dother = made_matrix_copy(w.dother);
    memcpy(kept, p->gradients, p->gradient_floats * sizeof(float));
    double worst = gradcheck_error(loss, &w, w.x.data, dx.data, dx.rows * dx.cols);
    worst = fmax(
        worst, gradcheck_error(loss, &w, w.other.data, dother.data, dother.rows * dother.cols));
    for (int i = 0; i < p->count; i++)
        worst =
            fmax(worst, gradcheck_error(loss, &w, parameters_values(p, i),
                                        kept + p->list[i].gradient[0], (int)p->list[i].count));
    made_matrix_free(dx);
    made_matrix_free(dother);
    memory_destroy(kept);
    work_free(&w);
    return worst;
}

/* Half nodes lack the lower 16 bits of a float. */
static void check_rounding(const parameters *p, int nodes)
{
    for (int i = 0; i < p->count * nodes && p->half; i++) {
        const parameter *tensor = &p->list[i / nodes];
        const float *values = p->gradients + (size_t)(i % nodes) * p->gradient_floats;

        for (size_t k = 0; k < tensor->count; k++) {
            uint32_t bits;
            memcpy(&bits, &values[tensor->gradient[0] + k], sizeof bits);
            if ((bits & 0xffff) != 0)
                ck_abort_msg("node %d of %s[%zu] is not rounded", i % nodes, tensor->name, k);
        }
    }
}

/* Every rank in turn. */
static gradient_sum run_ranks(work *w, int ranks, int threads)
{
    const parameters *p = w->check->parameters;
    gradient_sum sum = gradient_sum_create(LAYER_CHECK_GRAINS, ranks, p->gradient_floats);

    for (int rank = 0; rank < ranks; rank++) {
        int first, last;
        tree_split(LAYER_CHECK_GRAINS, rank, ranks, &first, &last);
        int nodes = run_rank(w, first, last, threads, true);
        check_rounding(p, nodes);
        gradient_sum_add(&sum, p, nodes);
    }
    return sum;
}

/* What a batch gave. */
typedef struct outcome {
    gradient_sum sum;
    matrix y, dx, dother;
} outcome;

static outcome outcome_create(work *w, int ranks, int threads)
{
    gradient_sum sum = run_ranks(w, ranks, threads);

    return (outcome){.sum = sum,
                     .y = made_matrix_copy(w->y),
                     .dx = made_matrix_copy(w->dx),
                     .dother = made_matrix_copy(w->dother)};
}

static void outcome_free(outcome *o)
{
    gradient_sum_free(&o->sum);
    made_matrix_free(o->y);
    made_matrix_free(o->dx);
    made_matrix_free(o->dother);
}

static void compare_bits(const char *what, matrix a, matrix b, const char *how)
{
    size_t count = (size_t)a.rows * (size_t)a.cols;

    ck_assert_msg(memcmp(a.data, b.data, count * sizeof(float)) == 0, "%s has other bits %s",
                  what, how);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(a.data[i])) /* asserting each would take Check seconds */
            ck_abort_msg("%s[%zu] is not set", what, i);
}

/* `how` the second was made, which is no longer needed. */
static void compare_outcomes(const parameters *p, const outcome *one, outcome other,
                             const char *how)
{
    compare_bits("y", one->y, other.y, how);
    compare_bits("dx", one->dx, other.dx, how);
    compare_bits("dother", one->dother, other.dother, how);
    for (int i = 0; i < p->count; i++) {
        size_t at = p->list[i].gradient[0];
        int count = (int)p->list[i].count;
        compare_bits(p->list[i].name, matrix_view(one->sum.values + at, 1, count),
                     matrix_view(other.sum.values + at, 1, count), how);
    }
    outcome_free(&other);
}

void layer_check_bits(const layer_check *c)
{
    static const int splits[][2] = {
        {1, 2}, {1, 3}, {2, 1}, {3, 2}, {5, 1}}; /* ranks, threads */
    work w;

    work_init(&w, c, make_large());
    outcome alone = outcome_create(&w, 1, 1);
    for (size_t s = 0; s < sizeof(splits) / sizeof(splits[0]); s++) {
        int ranks = splits[s][0], threads = splits[s][1];
        char how[64];
        snprintf(how, sizeof(how), "on %d ranks of %d threads", ranks, threads);
        compare_outcomes(c->parameters, &alone, outcome_create(&w, ranks, threads), how);
    }
    outcome_free(&alone);
    work_free(&w);
}

static void check_engine(work *w, gemm_engine engine)
{
    const char *const *sets = kernels_list();
    outcome first = {0};
    gemm_engine before = gemm_choose(engine);

    for (int s = 0, runs = 0; sets[s] != NULL; s++) {
        if (kernels_open(sets[s]) != STATUS_OK)
            continue;
        for (int threads = 1; threads <= 2; threads++, runs++) {
            outcome now = outcome_create(w, 1, threads);
            if (runs == 0)
                first = now;
            else
                compare_outcomes(w->check->parameters, &first, now, sets[s]);
        }
    }
    outcome_free(&first);
    gemm_choose(before);
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
}

void layer_check_rounded(const layer_check *c)
{
    work w;

    work_init(&w, c, make_large());
    check_engine(&w, GEMM_TILES);
    check_engine(&w, GEMM_PAIRS);
    work_free(&w);
}
