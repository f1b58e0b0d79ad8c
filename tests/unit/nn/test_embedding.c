/* test_embedding.c - token and place to a row. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/embedding.h"
#include "unit_check.h"

static parameters p;
static embedding layer;

static void create(int width, bool learned, double rate, bool half)
{
    static float fixed[LAYER_CHECK_PLACES * 32];
    int table, positions = -1;

    parameters_init(&p);
    p.half = half;
    ck_assert_int_eq(parameters_add(&p, &table, "source_embedding.weight", 2,
                                    LAYER_CHECK_SYMBOLS, width, FILL_NORMAL),
                     STATUS_OK);
    if (learned)
        ck_assert_int_eq(parameters_add(&p, &positions, "source_positions.weight", 2,
                                        LAYER_CHECK_PLACES, width, FILL_NORMAL),
                         STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    embedding_sinusoids(fixed, LAYER_CHECK_PLACES, width);
    layer = (embedding){.table = parameters_values(&p, table),
                        .positions = fixed,
                        .table_gradient = parameters_gradient(&p, table, 0),
                        .symbols = LAYER_CHECK_SYMBOLS,
                        .places = LAYER_CHECK_PLACES,
                        .width = width,
                        .dropout = rate,
                        .site = 2};
    if (learned) {
        layer.positions = parameters_values(&p, positions);
        layer.positions_gradient = parameters_gradient(&p, positions, 0);
    }
}

static void run(const layer_run *r)
{
    embedding_forward(&layer, r->pass, r->queries, r->y);
    if (r->backward)
        embedding_backward(&layer, r->pass, r->queries, r->dy);
}

static layer_check check_of(void)
{
    return (layer_check){
        .run = run, .parameters = &p, .y_cols = layer.width, .dropout = layer.dropout > 0.0};
}

START_TEST(gradients_are_central_differences)
{
    create(6, _i & 1, _i & 2 ? 0.3 : 0.0, false);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(24, _i & 1, _i & 2 ? 0.3 : 0.0, _i & 4);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

START_TEST(sinusoids_are_those_of_the_paper)
{
    enum { PLACES = 50, WIDTH = 10 };
    float table[PLACES * WIDTH];

    embedding_sinusoids(table, PLACES, WIDTH);
    for (int place = 0; place < PLACES; place++)
        for (int i = 0; i < WIDTH / 2; i++) {
            double angle = place * exp(-log(10000.0) * 2 * i / WIDTH);
            ck_assert_double_eq_tol(table[place * WIDTH + 2 * i], sin(angle), 1e-6);
            ck_assert_double_eq_tol(table[place * WIDTH + 2 * i + 1], cos(angle), 1e-6);
        }
}
END_TEST

static Suite *embedding_suite(void)
{
    Suite *suite = suite_create("nn/embedding");
    TCase *tests = tcase_create("embedding");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, 4);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, 8);
    tcase_add_test(tests, sinusoids_are_those_of_the_paper);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(embedding_suite());
}
