/* test_linear.c - y = x W^T + b. */
#include "layer_check.h"
#include "lockstep/nn/linear.h"
#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "unit_check.h"

static parameters p;
static weight_slab weights;
static linear layer;

static void create(int in, int out, bool half)
{
    linear_indices indices;

    parameters_init(&p);
    p.half = half;
    ck_assert_int_eq(linear_add(&p, &indices, "linear1.", in, out), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    weights.values = p.values;
    layer = linear_view(&p, &weights, indices);
}

static void run(const layer_run *r)
{
    const tiles *tiles = &r->queries->tiles;
    float *sums = gradient_partials(r->pass, r->queries, layer.out);

    for (int t = 0; t < tiles->count; t++) {
        const tile *at = &tiles->list[t];
        matrix dy = matrix_rows(r->dy, at->first, at->rows);
        linear_forward(&layer, matrix_rows(r->x, at->first, at->rows),
                       matrix_rows(r->y, at->first, at->rows));
        if (!r->backward)
            continue;
        linear_backward(&layer, factor_of(dy), 0.0f, matrix_rows(r->dx, at->first, at->rows));
        kernels_get()->column_sums(dy, sums + t * layer.out);
    }
    if (!r->backward)
        return;
    product_sum weight = linear_weight_begin(&layer, r->pass);
    for (int g = 0; g < r->queries->packed.grains; g++)
        gradient_product_add(r->pass, r->queries, &weight, g, factor_of(r->dy),
                             factor_of(r->x));
    linear_backward_bias(&layer, r->pass, r->queries, sums);
}

static layer_check check_of(void)
{
    return (layer_check){.run = run, .parameters = &p, .x_cols = layer.in, .y_cols = layer.out};
}

START_TEST(gradients_are_central_differences)
{
    create(7, 5, false);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    parameters_free(&p);
}
END_TEST

/* More outputs and inputs than one block of the weight's gradient has. */
START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(530, 140, _i);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

START_TEST(rows_of_a_layer_are_a_layer)
{
    enum { IN = 6, OUT = 9, FIRST = 2, COUNT = 4 };
    create(IN, OUT, false);
    matrix x = made_matrix_create(3, IN, 0, 1), y = made_matrix_create(3, OUT, 0, 2);
    matrix part = made_matrix_create(3, COUNT, 0, 3);
    linear some = linear_rows(layer, FIRST, COUNT);

    linear_forward(&layer, x, y);
    linear_forward(&some, x, part);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < COUNT; c++)
            ck_assert_float_eq_tol(matrix_row(part, r)[c], matrix_row(y, r)[FIRST + c], 1e-6f);
    ck_assert_ptr_eq(some.weight_gradient.data, layer.weight_gradient.data + FIRST * IN);
    ck_assert_ptr_eq(some.bias_gradient.data, layer.bias_gradient.data + FIRST);
    made_matrix_free(x);
    made_matrix_free(y);
    made_matrix_free(part);
    parameters_free(&p);
}
END_TEST

/* The first use of a tied tensor is another layer's. */
START_TEST(a_tied_weight_has_a_gradient_of_its_own)
{
    linear_indices indices;

    parameters_init(&p);
    ck_assert_int_eq(linear_add(&p, &indices, "linear1.", 6, 9), STATUS_OK);
    ck_assert_int_eq(indices.use, 0);
    parameters_add_use(&p, indices.weight, &indices.use);
    ck_assert_int_eq(parameters_allocate(&p, 2), STATUS_OK);
    weights.values = p.values;
    layer = linear_view(&p, &weights, indices);
    ck_assert_uint_eq(layer.weight.tensor, p.list[indices.weight].first);
    ck_assert_int_eq(layer.out, 9);
    ck_assert_int_eq(layer.in, 6);
    ck_assert_ptr_eq(layer.weight_gradient.data,
                     p.gradients + p.list[indices.weight].gradient[1]);
    ck_assert_ptr_eq(layer.bias_gradient.data, p.gradients + p.list[indices.bias].gradient[0]);
    parameters_free(&p);
}
END_TEST

static Suite *linear_suite(void)
{
    Suite *suite = suite_create("nn/linear");
    TCase *tests = tcase_create("linear");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, gradients_are_central_differences);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, 2);
    tcase_add_test(tests, rows_of_a_layer_are_a_layer);
    tcase_add_test(tests, a_tied_weight_has_a_gradient_of_its_own);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(linear_suite());
}
