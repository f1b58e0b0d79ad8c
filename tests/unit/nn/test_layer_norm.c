/* test_layer_norm.c - the sum of a residual and a branch, normalised. */
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/layer_norm.h"
#include "lockstep/nn/parameter_gradient.h"
#include "unit_check.h"

static parameters p;
static int branch_bias;
static layer_norm norm;
static bool branched;
static double rate;

/* x holds the residual and, in as many columns again, the branch. */
static void create(int width, bool with_branch, double dropout_rate)
{
    layer_norm_indices indices;

    branched = with_branch;
    rate = dropout_rate;
    parameters_init(&p);
    ck_assert_int_eq(layer_norm_add(&p, &indices, "norm1.", width), STATUS_OK);
    ck_assert_int_eq(parameters_add(&p, &branch_bias, "branch.bias", 1, 1, width, FILL_ZERO),
                     STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    norm = layer_norm_view(&p, indices);
}

static matrix branch_of(matrix m)
{
    return matrix_cols(m, norm.width, norm.width);
}

static void forward_tile(const layer_run *r, const tile *at, const dropout *drop,
                         layer_norm_saved *saved)
{
    matrix none = {0}, branch = matrix_rows(r->x, at->first, at->rows);

    layer_norm_forward(&norm, at, matrix_cols(r->x, 0, norm.width),
                       branched ? branch_of(branch) : none, parameters_values(&p, branch_bias),
                       drop, r->y, saved);
}

static void backward_tile(const layer_run *r, int t, const dropout *drop, float *sums,
                          layer_norm_saved *saved)
{
    const tile *at = &r->queries->tiles.list[t];
    matrix ds = matrix_cols(r->dx, 0, norm.width), none = {0};
    norm_branch out = {.dropout = drop};

    if (branched)
        out = (norm_branch){drop, branch_of(r->dx), sums + t * norm.width};
    layer_norm_backward(&norm, at, t, r->dy, none, ds, &out, saved);
    for (int row = at->first; branched && drop == NULL && row < at->first + at->rows; row++)
        memcpy(matrix_row(branch_of(r->dx), row), matrix_row(ds, row),
               (size_t)norm.width * sizeof(float));
}

static void run(const layer_run *r)
{
    const tiles *tiles = &r->queries->tiles;
    float *sums = gradient_partials(r->pass, r->queries, norm.width);
    layer_norm_saved saved;

    memset(sums, 0, (size_t)(tiles->count * norm.width) * sizeof(float));
    layer_norm_push(&norm, r->pass, r->queries, &saved);
    layer_norm_push_partials(&norm, r->pass, r->queries, &saved);
    for (int t = 0; t < tiles->count; t++) {
        dropout d;
        const dropout *drop = pass_dropout(r->pass, rate, 3, r->queries, &tiles->list[t], &d);
        forward_tile(r, &tiles->list[t], drop, &saved);
        if (r->backward)
            backward_tile(r, t, drop, sums, &saved);
    }
    if (!r->backward)
        return;
    layer_norm_backward_parameters(&norm, r->pass, r->queries, &saved);
    gradient_set_vector(r->pass, r->queries, sums, norm.width,
                        parameters_gradient(&p, branch_bias, 0));
}

static layer_check check_of(void)
{
    return (layer_check){.run = run,
                         .parameters = &p,
                         .x_cols = branched ? 2 * norm.width : norm.width,
                         .y_cols = norm.width,
                         .dropout = rate > 0.0};
}

static void check_gradients(bool with_branch, double dropout_rate)
{
    create(9, with_branch, dropout_rate);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 2e-3);
    parameters_free(&p);
}

START_TEST(gradients_are_central_differences)
{
    check_gradients(false, 0.0);
    check_gradients(true, 0.0);
    check_gradients(true, 0.3);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(33, true, 0.3);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

static Suite *layer_norm_suite(void)
{
    Suite *suite = suite_create("nn/layer_norm");
    TCase *tests = tcase_create("layer_norm");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, gradients_are_central_differences);
    tcase_add_test(tests, bits_do_not_depend_on_threads_and_ranks);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(layer_norm_suite());
}
