/* test_copy_best.c - what comes next, generated or copied, against the losses of every number
 * that may. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/copy_best.h"
#include "lockstep/nn/copy_head.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { WIDTH = 8, SYMBOLS = 5, NUMBERS = 9, SENTENCES = 3, PLACES = 12, ROWS = 20 };

/* A symbol twice, numbers above, one of them twice; a sentence of one place. */
static const int32_t holds[PLACES] = {3, 7, 3, 2, 7, 2, 6, 6, 8, 4, 1, 2};
static const int32_t source_offsets[] = {0, 6, 7, 12}, target_offsets[] = {0, 8, 13, 20};
static const int32_t grain_sequences[] = {0, 3};

static parameters p;
static weight_slab weights;
static copy_head head;
static generator output;
static arena memory;
static pass run;
static matrix states, sources;
static stream target, source;
static copy_memory *copied;
static copy_rows from;
static copy_saved saved;
static float all[ROWS][NUMBERS];

static packed packed_of(const int32_t *offsets)
{
    static int32_t grain_rows[2][2];
    int32_t *rows = grain_rows[offsets == source_offsets];

    rows[1] = offsets[SENTENCES];
    return (packed){.rows = offsets[SENTENCES],
                    .sequences = SENTENCES,
                    .grains = 1,
                    .offsets = offsets,
                    .grain_rows = rows,
                    .grain_sequences = grain_sequences};
}

static void create_head(void)
{
    linear_indices indices[3];
    int gate, bias;

    parameters_init(&p);
    ck_assert_int_eq(linear_add(&p, &indices[0], "generator.", WIDTH, SYMBOLS), STATUS_OK);
    ck_assert_int_eq(linear_add(&p, &indices[1], "copy.query.", WIDTH, WIDTH), STATUS_OK);
    ck_assert_int_eq(linear_add(&p, &indices[2], "copy.key.", WIDTH, WIDTH), STATUS_OK);
    ck_assert_int_eq(
        parameters_add(&p, &gate, "copy.gate.weight", 2, 1, 2 * WIDTH, FILL_XAVIER), STATUS_OK);
    ck_assert_int_eq(parameters_add(&p, &bias, "copy.gate.bias", 1, 1, 1, FILL_ZERO),
                     STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, 0), STATUS_OK);
    layer_check_fill(&p);
    weights.values = p.values;
    output = (generator){.output = linear_view(&p, &weights, indices[0])};
    head = (copy_head){.query = linear_view(&p, &weights, indices[1]),
                       .key = linear_view(&p, &weights, indices[2]),
                       .gate = parameters_values(&p, gate),
                       .bias = parameters_values(&p, bias)};
}

static void create(void)
{
    packed sides[2] = {packed_of(target_offsets), packed_of(source_offsets)};

    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)64 << 20), STATUS_OK);
    create_head();
    run = (pass){.arena = &memory, .threads = 1};
    states = made_matrix_create(ROWS, WIDTH, 3, 1);
    sources = made_matrix_create(PLACES, WIDTH, 5, 1);
    target = stream_push(&run, &sides[0]);
    source = stream_push(&run, &sides[1]);
    copied = copy_memory_push(&run, &sides[1], holds, WIDTH);
    copy_memory_make(&head, &run, &source, sources, copied);
    copy_head_attend(&head, &run, &target, states, copied, &saved);
    from = (copy_rows){copied, saved.sentences};
    copy_log_p(&head, &output, &run, states, &from, matrix_view(&all[0][0], ROWS, NUMBERS));
}

static void destroy(void)
{
    made_matrix_free(states);
    made_matrix_free(sources);
    parameters_free(&p);
    arena_free(&memory);
}

START_TEST(probabilities_are_those_of_the_losses)
{
    for (int r = 0; r < ROWS; r++) {
        double sum = 0.0;
        for (int n = 0; n < NUMBERS; n++)
            sum += exp((double)all[r][n]);
        ck_assert_double_eq_tol(sum, 1.0, 1e-5);
    }
    for (int32_t n = 0; n < NUMBERS; n++) {
        generator_result losses;
        int32_t gold[ROWS];
        for (int r = 0; r < ROWS; r++)
            gold[r] = isinf(all[r][n]) ? 0 : n;
        copy_head_forward(&output, &run, &target, states, gold, copied, &saved, &losses);
        for (int r = 0; r < ROWS; r++) {
            bool likeliest = true;
            ck_assert_double_eq_tol(-losses.nll[r], all[r][gold[r]], 2e-5);
            for (int k = 0; k < NUMBERS; k++)
                likeliest &= all[r][gold[r]] >= all[r][k];
            ck_assert_int_eq(losses.correct[r], likeliest);
        }
    }
}
END_TEST

/* By going through all of them for every place of the list. */
static void check_best(int row, const generator_best_query *q, const int32_t *got,
                       const float *log_p)
{
    bool taken[NUMBERS] = {false};

    for (int i = 0; i < q->nevers; i++)
        taken[q->never[i]] = true;
    for (int i = 0; i < q->count; i++) {
        int32_t best = -1;
        for (int32_t n = 0; n < NUMBERS; n++)
            if (!taken[n] && !isinf(all[row][n]) && (best < 0 || all[row][n] > all[row][best]))
                best = n;
        ck_assert_int_eq(got[i], best);
        if (best < 0)
            continue;
        ck_assert_double_eq_tol(log_p[i], all[row][best], 1e-6);
        taken[best] = true;
    }
}

START_TEST(the_likeliest_come_first)
{
    static const int32_t never[] = {1, 7};
    const generator_best_query q = {
        .count = 8, .never = never, .nevers = _i ? 2 : 0, .favoured = 2, .copied = &from};
    int32_t symbols[ROWS][8];
    float log_p[ROWS][8];

    copy_best(&head, &output, &run, states, &q, &symbols[0][0], &log_p[0][0]);
    for (int r = 0; r < ROWS; r++)
        check_best(r, &q, symbols[r], log_p[r]);
}
END_TEST

/* Of two that are equally likely the favoured one comes first, else the lower number. */
START_TEST(ties_have_an_order)
{
    generator_best_query q = {.count = 3, .favoured = _i ? 4 : -1, .copied = &from};
    int32_t symbols[3 * ROWS];
    float log_p[3 * ROWS];

    memset(p.values, 0, p.floats * sizeof(float));
    copy_memory all_one = *copied;
    static const int32_t none[PLACES] = {8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
    static int32_t firsts[PLACES] = {0, 0, 0, 0, 0, 0, 6, 7, 7, 7, 7, 7};
    all_one.holds = none;
    all_one.firsts = firsts;
    all_one.made = false;
    copy_memory_make(&head, &run, &source, sources, &all_one);
    from.memory = &all_one;
    copy_best(&head, &output, &run, states, &q, symbols, log_p);
    ck_assert_int_eq(symbols[0], 8);
    ck_assert_double_eq_tol(log_p[0], log(0.5), 1e-6);
    ck_assert_int_eq(symbols[1], _i ? 4 : 0);
    ck_assert_int_eq(symbols[2], _i ? 0 : 1);
}
END_TEST

START_TEST(predictions_are_the_likeliest_or_drawn)
{
    enum { DRAWS = 17 };
    static int32_t rows[DRAWS];
    static double uniform[DRAWS];
    const int32_t grain_first[] = {0, DRAWS};
    const double temperature = 0.7;
    int32_t symbols[DRAWS];

    for (int i = 0; i < DRAWS; i++) {
        rows[i] = i + 2;
        uniform[i] = (i + 0.5) / DRAWS;
    }
    run.threads = 2;
    generator_query q = {.rows = rows,
                         .grain_first = grain_first,
                         .grains = 1,
                         .never = 1,
                         .uniform = _i ? uniform : NULL,
                         .temperature = temperature,
                         .copied = &from};
    copy_predict(&head, &output, &run, states, &q, symbols);
    for (int i = 0; i < DRAWS; i++) {
        const float *log_p = all[rows[i]];
        double sum = 0.0, before = 0.0;
        ck_assert(symbols[i] != 1 && !isinf(log_p[symbols[i]]));
        for (int n = 0; n < NUMBERS; n++)
            if (n != 1) {
                ck_assert(_i == 1 || log_p[n] <= log_p[symbols[i]]);
                sum += exp((double)log_p[n] / temperature);
            }
        /* Numbers above the symbols stand in the order of their places, here not their own. */
        if (_i == 0 || symbols[i] >= SYMBOLS)
            continue;
        for (int n = 0; n < symbols[i]; n++)
            before += n == 1 ? 0.0 : exp((double)log_p[n] / temperature);
        double own = exp((double)log_p[symbols[i]] / temperature);
        ck_assert(uniform[i] * sum > before - 1e-5 && uniform[i] * sum < before + own + 1e-5);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/copy_best");
    TCase *tests = tcase_create("copy_best");

    tcase_add_checked_fixture(tests, create, destroy);
    tcase_add_test(tests, probabilities_are_those_of_the_losses);
    tcase_add_loop_test(tests, the_likeliest_come_first, 0, 2);
    tcase_add_loop_test(tests, ties_have_an_order, 0, 2);
    tcase_add_loop_test(tests, predictions_are_the_likeliest_or_drawn, 0, 2);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
