/* test_length_head.c - the classifier of lengths. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/length_head.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "unit_check.h"

enum { MOST_ROWS = 2048, MOST = 4 };

static const float scale = 0.25f;

static parameters p;
static weight_slab weights;
static length_head layer;

static void create(int width, int most)
{
    linear_indices indices;

    parameters_init(&p);
    ck_assert_int_eq(linear_add(&p, &indices, "length.", width, 2 * most + 1), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    weights.values = p.values;
    layer =
        (length_head){.classes = {.output = linear_view(&p, &weights, indices)}, .most = most};
}

/* A function of the sentence's first row in the batch, some of them beyond the classes. */
static int32_t difference_of(int row)
{
    return row * 5 % (2 * MOST + 4) - MOST - 2;
}

/* y is the loss of each sentence at its first row, and 0 at the others. */
static void run(const layer_run *r)
{
    generator_result result;
    const packed *sentences = &r->queries->packed;
    int32_t differences[MOST_ROWS];

    for (int s = 0; s < sentences->sequences; s++)
        differences[s] = difference_of(r->first_row + sentences->offsets[s]);
    if (r->backward)
        length_head_forward_backward(&layer, r->pass, r->queries, r->x, differences, scale,
                                     r->dx, &result);
    else
        length_head_forward(&layer, r->pass, r->queries, r->x, differences, &result);
    memset(r->y.data, 0, (size_t)r->y.rows * sizeof(float));
    for (int s = 0; s < sentences->sequences; s++)
        r->y.data[sentences->offsets[s]] = result.nll[s];
}

static layer_check check_of(void)
{
    return (layer_check){.run = run,
                         .parameters = &p,
                         .x_cols = layer.classes.output.in,
                         .y_cols = 1,
                         .sum = scale};
}

START_TEST(gradients_are_central_differences)
{
    create(6, MOST);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(16, _i ? 300 : MOST);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

/* Two sentences of 1 and 3 rows; the first class is -2. */
typedef struct choosing {
    arena arena;
    pass pass;
    stream source;
    float rows[4][2];
} choosing;

static void choosing_init(choosing *c)
{
    static const int32_t offsets[] = {0, 1, 4}, grain_rows[] = {0, 4}, grains[] = {0, 2};
    static const float rows[4][2] = {{1, 0}, {3, 0}, {0, 6}, {0, -3}}; /* means {1,0} {1,1} */
    packed packed = {.rows = 4,
                     .sequences = 2,
                     .grains = 1,
                     .offsets = offsets,
                     .grain_rows = grain_rows,
                     .grain_sequences = grains};

    create(2, 2);
    static const float weight[5][2] = {{0, 0}, {1, 0}, {4, -4}, {2, 3}, {3, 0}};
    memcpy(p.values + p.list[0].first, weight, sizeof(weight));
    memset(p.values + p.list[1].first, 0, 5 * sizeof(float));
    memcpy(c->rows, rows, sizeof(rows));
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&c->arena, 1 << 20), STATUS_OK);
    c->pass = (pass){.arena = &c->arena, .threads = 1};
    c->source = stream_push(&c->pass, &packed);
}

static void choosing_free(choosing *c)
{
    arena_free(&c->arena);
    parameters_free(&p);
}

/* Logits 0 1 4 2 3 of the differences -2..2, and 0 1 0 5 3. */
static double log_p_of(int sentence, int difference)
{
    static const double logits[2][5] = {{0, 1, 4, 2, 3}, {0, 1, 0, 5, 3}};
    double sum = 0.0;

    for (int i = 0; i < 5; i++)
        sum += exp(logits[sentence][i]);
    return logits[sentence][difference + 2] - log(sum);
}

static void check_best(choosing *c, const int32_t sources[2], int longest, int count,
                       const int32_t *want)
{
    int32_t lengths[16];
    float log_p[16];

    length_head_best(&layer, &c->pass, &c->source, matrix_view(&c->rows[0][0], 4, 2), sources,
                     longest, count, lengths, log_p);
    for (int i = 0; i < 2 * count; i++) {
        ck_assert_int_eq(lengths[i], want[i]);
        if (want[i] < 0)
            ck_assert(isinf(log_p[i]) && log_p[i] < 0);
        else
            ck_assert_double_eq_tol(log_p[i],
                                    log_p_of(i / count, lengths[i] - sources[i / count]), 1e-5);
    }
}

START_TEST(the_likeliest_lengths_come_first)
{
    choosing c;

    choosing_init(&c);
    check_best(&c, (int32_t[]){5, 9}, 20, 1, (int32_t[]){5, 10});
    /* All five, of which two are equally likely; and what is left where there are no more. */
    check_best(&c, (int32_t[]){5, 9}, 20, 6,
               (int32_t[]){5, 7, 6, 4, 3, -1, 10, 11, 8, 7, 9, -1});
    /* None below 1, none above the longest. */
    check_best(&c, (int32_t[]){1, 9}, 9, 3, (int32_t[]){1, 3, 2, 8, 7, 9});
    check_best(&c, (int32_t[]){0, 11}, 9, 2, (int32_t[]){2, 1, 9, -1});
    choosing_free(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/length_head");
    TCase *tests = tcase_create("length_head");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, gradients_are_central_differences);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, 2);
    tcase_add_test(tests, the_likeliest_lengths_come_first);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
