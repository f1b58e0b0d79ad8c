/* test_copy_head.c - the pointer beside the output layer. */
#include <math.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/nn/copy_head.h"
#include "unit_check.h"

enum { SYMBOLS = 7, MOST_ROWS = 4096 };

static const float scale = 0.25f;

static parameters p;
static weight_slab weights;
static copy_head layer;
static generator output;

static void create(int width, int symbols, double smoothing, bool half)
{
    linear_indices indices[3];
    int gate, bias;

    parameters_init(&p);
    p.half = half;
    ck_assert_int_eq(linear_add(&p, &indices[0], "generator.", width, symbols), STATUS_OK);
    ck_assert_int_eq(linear_add(&p, &indices[1], "copy.query.", width, width), STATUS_OK);
    ck_assert_int_eq(linear_add(&p, &indices[2], "copy.key.", width, width), STATUS_OK);
    ck_assert_int_eq(
        parameters_add(&p, &gate, "copy.gate.weight", 2, 1, 2 * width, FILL_XAVIER), STATUS_OK);
    ck_assert_int_eq(parameters_add(&p, &bias, "copy.gate.bias", 1, 1, 1, FILL_ZERO),
                     STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    weights.values = p.values;
    output = (generator){linear_view(&p, &weights, indices[0]), smoothing};
    layer = (copy_head){
        linear_view(&p, &weights, indices[1]), linear_view(&p, &weights, indices[2]),
        parameters_values(&p, gate),           parameters_values(&p, bias),
        parameters_gradient(&p, gate, 0),      parameters_gradient(&p, bias, 0)};
}

/* What the places of a sentence hold: a symbol, the same again, and numbers above. */
static void fill_holds(const packed *keys, int symbols, int32_t *holds)
{
    for (int s = 0; s < keys->sequences; s++)
        for (int r = keys->offsets[s], i = 0; r < keys->offsets[s + 1]; r++, i++)
            holds[r] = i % 3 == 2 ? symbols + i / 3 : 2 + i % 2;
}

/* A number that the row's place in the batch decides: a symbol, mostly one that a place holds,
 * or a number above where there is one. */
static int32_t gold_of(const int32_t *holds, int first, int end, int symbols, int row)
{
    int place = first + row % (end - first);

    return row % 3 == 0 ? row % symbols : holds[place];
}

static int32_t *make_golds(const layer_run *r, const int32_t *holds, int symbols)
{
    const packed *q = &r->queries->packed, *k = &r->keys->packed;
    int32_t *gold = memory_create((size_t)q->rows, sizeof(*gold));

    for (int s = 0; s < q->sequences; s++)
        for (int row = q->offsets[s]; row < q->offsets[s + 1]; row++)
            gold[row] =
                gold_of(holds, k->offsets[s], k->offsets[s + 1], symbols, r->first_row + row);
    return gold;
}

static void run(const layer_run *r)
{
    generator_result result;
    copy_saved saved;
    int symbols = output.output.out;
    int32_t *holds = memory_create((size_t)r->keys->packed.rows, sizeof(*holds));

    fill_holds(&r->keys->packed, symbols, holds);
    int32_t *gold = make_golds(r, holds, symbols);
    copy_memory *m = copy_memory_push(r->pass, &r->keys->packed, holds, r->x.cols);
    copy_memory_make(&layer, r->pass, r->keys, r->other, m);
    copy_head_attend(&layer, r->pass, r->queries, r->x, m, &saved);
    if (r->backward)
        copy_head_forward_backward(&layer, &output, r->pass, r->queries, r->keys, r->x,
                                   r->other, gold, m, scale, &saved, r->dx, r->dother, &result);
    else
        copy_head_forward(&output, r->pass, r->queries, r->x, gold, m, &saved, &result);
    for (int row = 0; row < r->y.rows; row++)
        r->y.data[row] = result.loss[row];
    memory_destroy(holds);
    memory_destroy(gold);
}

static layer_check check_of(void)
{
    return (layer_check){.run = run,
                         .parameters = &p,
                         .x_cols = output.output.in,
                         .other_cols = output.output.in,
                         .y_cols = 1,
                         .sum = scale};
}

START_TEST(gradients_are_central_differences)
{
    create(6, SYMBOLS, _i ? 0.1 : 0.0, false);
    layer_check check = check_of();
    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    create(16, _i & 1 ? 900 : SYMBOLS, 0.1, _i & 2);
    layer_check check = check_of();
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/copy_head");
    TCase *tests = tcase_create("copy_head");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, 2);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, 4);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
