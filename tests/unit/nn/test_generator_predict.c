/* test_generator_predict.c - predictions at some rows against a plain computation. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "lockstep/nn/generator.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { WIDTH = 16, ROWS = 1600, COUNT = 1200, GRAINS = 4, NEVER = 1 };

/* A grain of more rows than one product takes, an empty one. */
static const int32_t grain_first[GRAINS + 1] = {0, 100, 1150, 1150, COUNT};

static parameters p;
static weight_slab weights;
static generator layer;
static arena memory;
static matrix x, logits; /* logits: one row */
static int32_t rows[COUNT], symbols[COUNT];
static double uniform[COUNT];

/* The symbol that is never predicted would be the likeliest everywhere. */
static void create(int count)
{
    linear_indices indices;

    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)64 << 20), STATUS_OK);
    parameters_init(&p);
    ck_assert_int_eq(linear_add(&p, &indices, "generator.", WIDTH, count), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, 0), STATUS_OK);
    layer_check_fill(&p);
    parameters_values(&p, indices.bias)[NEVER] = 100.0f;
    weights.values = p.values;
    layer = (generator){.output = linear_view(&p, &weights, indices)};
    x = made_matrix_create(ROWS, WIDTH, 0, 1);
    logits = made_matrix_create(1, count, 0, 2);
    for (int i = 0; i < COUNT; i++) {
        rows[i] = i + i / 4;
        uniform[i] = 0x1p-64 * (double)random_bits(1, RANDOM_TEST, (uint32_t)i, 0, 0);
    }
}

static void destroy(void)
{
    made_matrix_free(x);
    made_matrix_free(logits);
    parameters_free(&p);
    arena_free(&memory);
}

static generator_query query_of(bool draws, double temperature)
{
    return (generator_query){.rows = rows,
                             .grain_first = grain_first,
                             .grains = GRAINS,
                             .never = NEVER,
                             .uniform = draws ? uniform : NULL,
                             .temperature = temperature};
}

static void predict(const generator_query *query, int threads)
{
    pass pass = {.arena = &memory, .threads = threads};
    size_t before = memory_allocations();

    memset(symbols, -1, sizeof(symbols));
    generator_predict(&layer, &pass, x, query, symbols);
    ck_assert_uint_eq(memory.used, 0);
    ck_assert_uint_eq(memory_allocations(), before);
}

static int32_t likeliest(void)
{
    int32_t best = NEVER == 0 ? 1 : 0;

    for (int32_t c = 0; c < logits.cols; c++)
        if (c != NEVER && logits.data[c] > logits.data[best])
            best = c;
    return best;
}

START_TEST(the_likeliest_symbol)
{
    bool large = _i % 2;

    create(large ? 1030 : 50);
    generator_query query = query_of(false, 0.0);
    predict(&query, 1 + large);
    for (int i = 0; i < COUNT; i++) {
        linear_forward(&layer.output, matrix_rows(x, rows[i], 1), logits);
        int32_t best = likeliest();
        /* One row alone may round otherwise, which shows where two are equally likely. */
        if (symbols[i] != best &&
            !(fabsf(logits.data[symbols[i]] - logits.data[best]) <= 1e-6f))
            ck_abort_msg("row %d: symbol %d, not %d", rows[i], symbols[i], best);
    }
    destroy();
}
END_TEST

/* The cumulative distribution of a row before `symbol`, and its own probability. */
static double before_symbol(double temperature, int32_t symbol, double *own)
{
    double largest = logits.data[likeliest()], sum = 0.0, before = 0.0;

    for (int32_t c = 0; c < logits.cols; c++) {
        double e = c == NEVER ? 0.0 : exp((logits.data[c] - largest) / temperature);
        sum += e;
        before += c < symbol ? e : 0.0;
        *own = c == symbol ? e : *own;
    }
    *own /= sum;
    return before / sum;
}

START_TEST(draws_invert_the_cumulative_distribution)
{
    bool large = _i % 2;
    double temperature = large ? 0.5 : 2.0, own = 0.0;

    create(large ? 1030 : 50);
    generator_query query = query_of(true, temperature);
    predict(&query, 1 + large);
    for (int i = 0; i < COUNT; i++) {
        ck_assert(symbols[i] >= 0 && symbols[i] < logits.cols && symbols[i] != NEVER);
        linear_forward(&layer.output, matrix_rows(x, rows[i], 1), logits);
        double before = before_symbol(temperature, symbols[i], &own);
        if (!(uniform[i] >= before - 1e-5 && uniform[i] <= before + own + 1e-5))
            ck_abort_msg("row %d: %.9g is not in [%.9g, %.9g]", rows[i], uniform[i], before,
                         before + own);
    }
    destroy();
}
END_TEST

START_TEST(the_ends_of_the_distribution)
{
    create(_i % 2 ? 1030 : 50);
    for (int i = 0; i < COUNT; i++)
        uniform[i] = i % 2 == 0 ? 0.0 : 1.0 - 0x1p-32;
    generator_query query = query_of(true, 1.0);
    predict(&query, 1);
    for (int i = 0; i < COUNT; i += 2)
        ck_assert_int_eq(symbols[i], 0);
    for (int i = 1; i < COUNT; i += 2)
        ck_assert_int_ge(symbols[i], logits.cols - 20);
    destroy();
}
END_TEST

/* Symbols with the largest bias, others having less; the weights are 0. A block of symbols
 * ends at 384. */
static const struct {
    int32_t largest[3], expected;
} ties[] = {
    {{700, 20, 1000}, 20},
    {{700, 800, 1000}, 700},
    {{385, 384, 383}, 383},
    {{20, NEVER, 40}, 20},
};

START_TEST(the_lowest_number_wins_ties)
{
    create(1030);
    int weight = parameters_find(&p, "generator.weight"),
        bias = parameters_find(&p, "generator.bias");
    memset(parameters_values(&p, weight), 0, p.list[weight].count * sizeof(float));
    for (int v = 0; v < 1030; v++)
        parameters_values(&p, bias)[v] = v == NEVER ? 100.0f : -1.0f;
    for (int k = 0; k < 3; k++)
        parameters_values(&p, bias)[ties[_i].largest[k]] += 0.5f;
    generator_query query = query_of(false, 1.0);
    predict(&query, 2);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(symbols[i], ties[_i].expected);
    destroy();
}
END_TEST

/* Each grain as a rank of its own has it; threads. */
START_TEST(bits_depend_on_the_grain_alone)
{
    static int32_t whole[COUNT];

    create(1030);
    generator_query query = query_of(_i % 2, 1.0);
    predict(&query, 1);
    memcpy(whole, symbols, sizeof(whole));
    predict(&query, 3);
    ck_assert_mem_eq(whole, symbols, sizeof(whole));
    for (int g = 0; g < GRAINS; g++) {
        int first = grain_first[g], count = grain_first[g + 1] - first;
        generator_query alone = query;
        alone.rows += first;
        alone.uniform = query.uniform == NULL ? NULL : query.uniform + first;
        alone.grain_first = (int32_t[]){0, count};
        alone.grains = 1;
        predict(&alone, 2);
        ck_assert_int_eq(memcmp(symbols, whole + first, (size_t)count * sizeof(*symbols)), 0);
        ck_assert_int_eq(symbols[count], -1); /* and no others are written */
    }
    destroy();
}
END_TEST

START_TEST(a_model_that_is_not_finite_predicts_symbols)
{
    create(50);
    for (int i = 0; i < ROWS * WIDTH; i++)
        x.data[i] = NAN;
    generator_query query = query_of(_i % 2, 1.0);
    predict(&query, 1);
    for (int i = 0; i < COUNT; i++)
        ck_assert(symbols[i] >= 0 && symbols[i] < 50);
    destroy();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/generator_predict");
    TCase *tests = tcase_create("generator_predict");

    tcase_add_loop_test(tests, the_likeliest_symbol, 0, 2);
    tcase_add_loop_test(tests, draws_invert_the_cumulative_distribution, 0, 2);
    tcase_add_loop_test(tests, the_ends_of_the_distribution, 0, 2);
    tcase_add_loop_test(tests, the_lowest_number_wins_ties, 0,
                        (int)(sizeof(ties) / sizeof(ties[0])));
    tcase_add_loop_test(tests, bits_depend_on_the_grain_alone, 0, 2);
    tcase_add_loop_test(tests, a_model_that_is_not_finite_predicts_symbols, 0, 2);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
