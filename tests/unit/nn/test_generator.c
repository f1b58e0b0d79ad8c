/* test_generator.c - the output layer and its loss. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/nn/generator.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { MOST_ROWS = 2048 };

static const float scale = 0.25f;

static parameters p;
static weight_slab weights;
static generator layer;
static int32_t gold[MOST_ROWS]; /* of the batch */

static void create(int width, int symbols, double smoothing, bool half)
{
    linear_indices indices;

    parameters_init(&p);
    p.half = half;
    ck_assert_int_eq(linear_add(&p, &indices, "generator.", width, symbols), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    weights.values = p.values;
    layer = (generator){.output = linear_view(&p, &weights, indices), .smoothing = smoothing};
    for (int r = 0; r < MOST_ROWS; r++)
        gold[r] = (int32_t)((r * 7 + 3) % symbols);
}

/* -log p of one row, and its mean over the vocabulary, from the logits. */
static double loss_of(const float *logits, int symbols, int at, double *mean)
{
    double largest = logits[0], sum = 0.0, all = 0.0;

    for (int c = 0; c < symbols; c++)
        largest = fmax(largest, logits[c]);
    for (int c = 0; c < symbols; c++) {
        sum += exp(logits[c] - largest);
        all += (double)logits[c] / symbols;
    }
    *mean = largest + log(sum) - all;
    return largest + log(sum) - logits[at];
}

/* What the loss and its gradients are by the formulas, in double precision. */
typedef struct reference {
    double *weight, *bias, *x; /* [symbols, width], [symbols], [width] of the last row */
} reference;

/* Add one row's part; dlogits = scale * (p - e / symbols - (1 - e) at gold). */
static void add_row(reference *to, const float *x, const float *logits, double log_sum, int at)
{
    int width = layer.output.in, symbols = layer.output.out;
    double e = layer.smoothing;
    const float *weight = weights.values + layer.output.weight.tensor;

    memset(to->x, 0, (size_t)width * sizeof(double));
    for (int c = 0; c < symbols; c++) {
        double g = scale * (exp(logits[c] - log_sum) - e / symbols - (c == at ? 1 - e : 0));
        to->bias[c] += g;
        for (int i = 0; i < width; i++) {
            to->weight[c * width + i] += g * x[i];
            to->x[i] += g * weight[c * width + i];
        }
    }
}

/* Two thousand products of floats, added up one by one, are 2e-6 off where they cancel. */
static void compare(const char *what, const float *got, const double *want, int count)
{
    for (int i = 0; i < count; i++)
        if (!(fabs(got[i] - want[i]) <= 1e-5 * (0.3 + fabs(want[i]))))
            ck_abort_msg("%s[%d] is %.9g, not %.9g", what, i, got[i], want[i]);
}

/* The rows of a rank, and its parameters' gradients where it holds the whole batch. */
static void compare_all(const layer_run *r, const generator_result *got)
{
    int symbols = layer.output.out, width = layer.output.in;
    size_t count = (size_t)symbols * (size_t)width;
    matrix logits = made_matrix_create(1, symbols, 0, 1);
    reference want = {memory_create(count, sizeof(double)),
                      memory_create((size_t)symbols, sizeof(double)),
                      memory_create((size_t)width, sizeof(double))};

    for (int row = 0; row < r->x.rows; row++) {
        double mean;
        int at = gold[r->first_row + row];
        linear_forward(&layer.output, matrix_rows(r->x, row, 1), logits);
        double nll = loss_of(logits.data, symbols, at, &mean);
        double loss = (1 - layer.smoothing) * nll + layer.smoothing * mean;
        compare("nll", &got->nll[row], &nll, 1);
        compare("loss", &got->loss[row], &loss, 1);
        add_row(&want, matrix_row(r->x, row), logits.data, nll + logits.data[at], at);
        compare("dx", matrix_row(r->dx, row), want.x, width);
    }
    if (r->pass->tree->nodes == 1 && !p.half) {
        compare("dweight", layer.output.weight_gradient.data, want.weight, (int)count);
        compare("dbias", layer.output.bias_gradient.data, want.bias, symbols);
    }
    made_matrix_free(logits);
    memory_destroy(want.weight);
    memory_destroy(want.bias);
    memory_destroy(want.x);
}

/* y is the loss of each row. */
static void run(const layer_run *r)
{
    generator_result alone, both;
    size_t rows = (size_t)r->x.rows;

    generator_forward(&layer, r->pass, r->queries, r->x, gold + r->first_row, &alone);
    memcpy(r->y.data, alone.loss, rows * sizeof(float));
    if (!r->backward)
        return;
    generator_forward_backward(&layer, r->pass, r->queries, r->x, gold + r->first_row, scale,
                               r->dx, &both);
    ck_assert_mem_eq(both.correct, alone.correct, rows);
    for (size_t row = 0; row < rows; row++) {
        ck_assert_float_eq_tol(both.loss[row], alone.loss[row], 1e-6f * (1 + alone.loss[row]));
        ck_assert_float_eq_tol(both.nll[row], alone.nll[row], 1e-6f * (1 + alone.nll[row]));
    }
    memcpy(r->y.data, both.loss, rows * sizeof(float));
    compare_all(r, &both);
}

static layer_check check_of(void)
{
    return (layer_check){
        .run = run, .parameters = &p, .x_cols = layer.output.in, .y_cols = 1, .sum = scale};
}

START_TEST(gradients_are_central_differences)
{
    create(6, 13, _i ? 0.1 : 0.0, false);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    parameters_free(&p);
}
END_TEST

/* A grain of more rows than a tile; more symbols than one product takes. */
START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(16, _i & 1 ? 1030 : 50, 0.1, _i & 2);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

static Suite *generator_suite(void)
{
    Suite *suite = suite_create("nn/generator");
    TCase *tests = tcase_create("generator");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, 2);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(generator_suite());
}
