/* test_attention.c - attention of every sentence and head on its own. */
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/attention.h"
#include "unit_check.h"

static parameters none;

/* Queries, keys and values are columns of x; in cross attention x are the queries and the
 * keys and values columns of `other`. */
typedef struct layer {
    attention attention;
    bool cross;
} layer;

static int width_of(const layer *l)
{
    return l->attention.heads * l->attention.head_width;
}

static void run(const layer_run *r)
{
    const layer *l = r->layer;
    int w = width_of(l);
    const stream *keys = l->cross ? r->keys : r->queries;
    matrix in = l->cross ? r->other : r->x, din = l->cross ? r->dother : r->dx;
    int first = l->cross ? 0 : w;
    attention_saved saved;

    factor q = factor_of(matrix_cols(r->x, 0, w)), k = factor_of(matrix_cols(in, first, w)),
           v = factor_of(matrix_cols(in, first + w, w));
    matrix dq = matrix_cols(r->dx, 0, w), dk = matrix_cols(din, first, w),
           dv = matrix_cols(din, first + w, w);

    attention_push(&l->attention, r->pass, r->queries, keys, &saved);
    for (band band = pass_band(r->pass, r->queries, 0); band.first < band.end;
         band = pass_band(r->pass, r->queries, band.end)) {
        attention_forward(&l->attention, r->pass, r->queries, keys, band, q, k, v,
                          factor_of(r->y), &saved);
        if (r->backward)
            attention_backward(&l->attention, r->pass, r->queries, keys, band, q, k, v, r->dy,
                               &saved, dq, dk, dv);
    }
}

static layer_check check_of(layer *l)
{
    int w = width_of(l);

    return (layer_check){.run = run,
                         .layer = l,
                         .parameters = &none,
                         .x_cols = l->cross ? w : 3 * w,
                         .other_cols = l->cross ? 2 * w : 0,
                         .y_cols = w,
                         .dropout = l->attention.dropout > 0.0};
}

static layer make(int head_width, bool causal, bool cross, double rate)
{
    return (layer){.attention = {.heads = 2,
                                 .head_width = head_width,
                                 .causal = causal,
                                 .dropout = rate,
                                 .site = 4},
                   .cross = cross};
}

static void setup(void)
{
    parameters_init(&none);
    ck_assert_int_eq(parameters_allocate(&none, LAYER_CHECK_GRAINS), STATUS_OK);
}

static void teardown(void)
{
    parameters_free(&none);
}

static void check_gradients(bool causal, bool cross, double rate)
{
    layer l = make(3, causal, cross, rate);
    layer_check check = check_of(&l);

    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
}

START_TEST(gradients_are_central_differences)
{
    check_gradients(false, false, 0.0);
    check_gradients(true, false, 0.0);
    check_gradients(false, true, 0.0);
    check_gradients(true, false, 0.4);
    check_gradients(false, true, 0.4);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    layer self = make(8, true, false, 0.2), cross = make(8, false, true, 0.2);
    layer_check one = check_of(&self), other = check_of(&cross);

    layer_check_bits(&one);
    layer_check_bits(&other);
}
END_TEST

/* With equal weights and values of 1 the output is the share that was kept, scaled. */
static void run_ones(const layer_run *r)
{
    const layer *l = r->layer;
    int w = width_of(l), differ = 0;
    attention_saved saved;

    for (int row = 0; row < r->x.rows; row++)
        for (int c = 0; c < 3 * w; c++)
            matrix_row(r->x, row)[c] = c < 2 * w ? 0.0f : 1.0f;
    attention_push(&l->attention, r->pass, r->queries, r->queries, &saved);
    attention_forward(&l->attention, r->pass, r->queries, r->queries,
                      (band){0, r->queries->packed.grains}, factor_of(matrix_cols(r->x, 0, w)),
                      factor_of(matrix_cols(r->x, w, w)),
                      factor_of(matrix_cols(r->x, 2 * w, w)), factor_of(r->y), &saved);
    for (int row = 0; row < r->y.rows; row++) {
        const float *out = matrix_row(r->y, row);
        differ += out[0] != out[l->attention.head_width];
    }
    /* One token of a sentence alone keeps or loses it in both heads with 1/2. */
    ck_assert_int_ge(differ, r->y.rows / 4);
    memset(r->dx.data, 0, (size_t)(r->dx.rows * r->dx.cols) * sizeof(float)); /* not asked */
}

START_TEST(heads_drop_different_weights)
{
    layer l = make(3, false, false, 0.5);
    layer_check check = check_of(&l);

    check.run = run_ones;
    layer_check_bits(&check);
}
END_TEST

static Suite *attention_suite(void)
{
    Suite *suite = suite_create("nn/attention");
    TCase *tests = tcase_create("attention");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, gradients_are_central_differences);
    tcase_add_test(tests, bits_do_not_depend_on_threads_and_ranks);
    tcase_add_test(tests, heads_drop_different_weights);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(attention_suite());
}
