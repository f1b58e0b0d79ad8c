/* test_feed_forward.c - the position-wise feed-forward block with its residual and norm. */
#include "layer_check.h"
#include "lockstep/nn/feed_forward.h"
#include "unit_check.h"

enum { CASES = 16 };

static parameters p;
static weight_slab weights;
static feed_forward layer;

/* Bits of `number`: gelu, norm first, dropout, batch norm. Relu's hidden units stay away from
 * its corner, where there is no derivative: half of them are on, half off. */
static void create(int width, int hidden, int number)
{
    feed_forward_indices indices;
    bool gelu = number & 1, norm_first = number & 2, over_batch = number & 8;
    double rate = number & 4 ? 0.3 : 0.0;

    parameters_init(&p);
    ck_assert_int_eq(feed_forward_add(&p, &indices, "l.", "norm2", width, hidden, over_batch),
                     STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    float *bias = parameters_values(&p, indices.linear1.bias);
    for (int i = 0; !gelu && i < hidden; i++)
        bias[i] += i % 2 ? 5.0f : -5.0f;
    layer = (feed_forward){.gelu = gelu,
                           .norm_first = norm_first,
                           .dropout = rate,
                           .activation_dropout = rate,
                           .site = 20};
    weights.values = p.values;
    feed_forward_view(&p, &weights, &indices, &layer);
}

static void run(const layer_run *r)
{
    feed_forward_saved saved;

    feed_forward_forward(&layer, r->pass, r->queries, r->x, r->y, &saved);
    if (r->backward)
        feed_forward_backward(&layer, r->pass, r->queries, r->dy, r->dx, &saved);
}

static layer_check check_of(void)
{
    return (layer_check){.run = run,
                         .parameters = &p,
                         .x_cols = layer.linear1.in,
                         .y_cols = layer.linear2.out,
                         .dropout = layer.dropout > 0.0};
}

START_TEST(gradients_are_central_differences)
{
    create(6, 11, _i);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 2e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(24, 70, _i);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_what_is_kept_rounded)
{
    create(_i % 3 == 0 ? 33 : 24, 70 + _i % 2, _i);
    layer_check check = check_of();
    layer_check_rounded(&check);
    parameters_free(&p);
}
END_TEST

static Suite *feed_forward_suite(void)
{
    Suite *suite = suite_create("nn/feed_forward");
    TCase *tests = tcase_create("feed_forward");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, CASES);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, CASES);
    tcase_add_loop_test(tests, bits_do_not_depend_on_what_is_kept_rounded, 0, CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(feed_forward_suite());
}
