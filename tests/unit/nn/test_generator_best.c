/* test_generator_best.c - the likeliest symbols and their probabilities against all logits in
 * double precision. */
#include "lockstep/nn/generator_best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { WIDTH = 16, ROWS = 150, MOST = 8, MANY = 1300 };

static parameters p;
static weight_slab weights;
static generator layer;
static arena memory;
static matrix x;
static float *copy; /* of the weights, packed */
static int32_t symbols[ROWS * MANY], alone[ROWS * MANY];
static float log_p[ROWS * MANY];

static void create(int count, bool pack)
{
    linear_indices indices;

    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)64 << 20), STATUS_OK);
    parameters_init(&p);
    ck_assert_int_eq(linear_add(&p, &indices, "generator.", WIDTH, count), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, 0), STATUS_OK);
    layer_check_fill(&p);
    copy = memory_create(p.floats + WEIGHT_PACKED_SLACK, sizeof(float));
    weights =
        (weight_slab){.values = p.values, .packed = pack ? copy : NULL, .packed_end = p.floats};
    weight_pack(&weights, p.list[indices.weight].first, count, WIDTH, copy);
    layer = (generator){.output = linear_view(&p, &weights, indices)};
    x = made_matrix_create(ROWS, WIDTH, 3, 1);
}

static void destroy(void)
{
    made_matrix_free(x);
    memory_destroy(copy);
    parameters_free(&p);
    arena_free(&memory);
}

static int count_of(void)
{
    return layer.output.out;
}

/* Without probabilities the symbols are the same. */
static void best(matrix rows, const generator_best_query *query, int32_t *out, float *out_log_p)
{
    pass pass = {.arena = &memory, .threads = 1};
    size_t before = memory_allocations();

    generator_best(&layer, &pass, rows, query, out, out_log_p);
    generator_best(&layer, &pass, rows, query, alone, NULL);
    ck_assert_mem_eq(alone, out, (size_t)(rows.rows * query->count) * sizeof(*out));
    ck_assert_uint_eq(memory.used, 0);
    ck_assert_uint_eq(memory_allocations(), before);
}

/* ---- against a plain computation ---- */

typedef struct candidate {
    double log_p;
    int32_t symbol;
} candidate;

static int by_log_p(const void *one, const void *other)
{
    const candidate *a = one, *b = other;

    if (a->log_p != b->log_p)
        return a->log_p > b->log_p ? -1 : 1;
    return a->symbol < b->symbol ? -1 : 1;
}

/* log softmax of a row in double precision. */
static void expected_log_p(int row, double *out)
{
    const float *weight = parameters_values(&p, 0), *bias = parameters_values(&p, 1);
    double sum = 0.0;

    for (int c = 0; c < count_of(); c++) {
        out[c] = (double)bias[c];
        for (int k = 0; k < WIDTH; k++)
            out[c] += (double)matrix_row(x, row)[k] * (double)weight[c * WIDTH + k];
        sum += exp(out[c]);
    }
    for (int c = 0; c < count_of(); c++)
        out[c] -= log(sum);
}

static bool is_never(const generator_best_query *query, int32_t symbol)
{
    for (int i = 0; i < query->nevers; i++)
        if (query->never[i] == symbol)
            return true;
    return false;
}

/* Place i of a row's list, where `want` is the i-th of a sort: of two that are as good as equal
 * either may come first. */
static bool is_right(const generator_best_query *query, int row, int i, const double *expected,
                     double want)
{
    const int32_t *got = symbols + row * query->count;
    double at = (double)log_p[row * query->count + i];

    for (int j = 0; j < i; j++)
        if (got[j] == got[i])
            return false;
    return got[i] >= 0 && got[i] < count_of() && !is_never(query, got[i]) &&
           fabs(at - want) <= 1e-5 && fabs(at - expected[got[i]]) <= 1e-5;
}

static void compare_row(const generator_best_query *query, int row)
{
    static double expected[MANY];
    static candidate all[MANY];
    int found = 0;

    expected_log_p(row, expected);
    for (int32_t c = 0; c < count_of(); c++)
        if (!is_never(query, c))
            all[found++] = (candidate){expected[c], c};
    qsort(all, (size_t)found, sizeof(all[0]), by_log_p);
    for (int i = 0; i < query->count; i++) {
        int at = row * query->count + i;
        bool right = i < found ? is_right(query, row, i, expected, all[i].log_p)
                               : symbols[at] == -1 && log_p[at] == -INFINITY;
        if (!right)
            ck_abort_msg("row %d, place %d: symbol %d with %g", row, i, symbols[at], log_p[at]);
    }
}

static const int32_t never[] = {1, 511, 512, 0};
static const generator_best_query queries[] = {
    {.count = 1, .favoured = -1},
    {.count = 1, .favoured = 2, .never = never, .nevers = 1},
    {.count = 5, .favoured = 2, .never = never, .nevers = 4},
    {.count = MOST, .favoured = -1, .never = never, .nevers = 2},
};
static const int counts[] = {1, 5, 511, 512, 513, MANY}; /* of symbols */
enum { QUERIES = 4, COUNTS = 6 };

static void compare(const generator_best_query *query, int first, int rows)
{
    best(matrix_rows(x, first, rows), query, symbols + first * query->count,
         log_p + first * query->count);
    for (int r = first; r < first + rows; r++)
        compare_row(query, r);
}

START_TEST(the_likeliest_with_their_probabilities)
{
    create(counts[_i / 2], _i % 2 == 1);
    for (int i = 0; i < QUERIES; i++)
        if (queries[i].favoured < count_of()) {
            compare(&queries[i], 0, ROWS);
            compare(&queries[i], 3, 1);
            compare(&queries[i], 3, 64);
        }
    destroy();
}
END_TEST

/* A list that would hold all symbols and more. */
START_TEST(a_list_longer_than_the_vocabulary)
{
    const generator_best_query query = {
        .count = 17, .favoured = 3, .never = never, .nevers = 1};

    create(9, _i % 2 == 1);
    compare(&query, 0, ROWS);
    destroy();
}
END_TEST

/* The favoured symbol is known before the others, and must come where it belongs. */
START_TEST(logits_of_any_size)
{
    const generator_best_query query = {.count = 3, .favoured = 600};

    create(MANY, _i % 2 == 1);
    for (int k = 0; k < 3; k++) {
        parameters_values(&p, 1)[600] = (float[]){-80.0f, 0.0f, 80.0f}[k];
        parameters_values(&p, 1)[1100] = 30.0f;
        compare(&query, 0, 20);
    }
    destroy();
}
END_TEST

/* ---- ties ---- */

/* Biases alone: of the symbols that are not named -1, of those named 0, and 7 of `never`. */
static const struct {
    int32_t equal[4], favoured, expected[4];
} ties[] = {
    {{700, 20, 1000, 3}, -1, {3, 20, 700, 1000}},
    {{700, 20, 1000, 3}, 1000, {1000, 3, 20, 700}},
    {{511, 512, 513, 600}, 512, {512, 511, 513, 600}},
    {{511, 513, 600, 700}, 2, {511, 513, 600, 700}}, /* less likely, however favoured */
    {{1299, 0, 64, 63}, 64, {64, 0, 63, 1299}},
};

START_TEST(the_favoured_wins_ties_and_else_the_lowest_number)
{
    create(MANY, _i % 2 == 1);
    generator_best_query query = {
        .favoured = ties[_i / 2].favoured, .never = never, .nevers = 1};
    memset(parameters_values(&p, 0), 0, p.list[0].count * sizeof(float));
    weight_pack(&weights, p.list[0].first, MANY, WIDTH, copy);
    for (int v = 0; v < MANY; v++)
        parameters_values(&p, 1)[v] = v == never[0] ? 7.0f : -1.0f;
    for (int i = 0; i < 4; i++)
        parameters_values(&p, 1)[ties[_i / 2].equal[i]] = 0.0f;
    for (query.count = 1; query.count <= 4; query.count++) {
        best(x, &query, symbols, log_p);
        for (int r = 0; r < ROWS; r++)
            ck_assert_mem_eq(symbols + r * query.count, ties[_i / 2].expected,
                             (size_t)query.count * sizeof(*symbols));
    }
    destroy();
}
END_TEST

/* ---- bits, and what is no number ---- */

START_TEST(packed_a_row_has_the_same_bits_in_any_company)
{
    int32_t one[MOST];
    float one_log_p[MOST];

    create(MANY, true);
    best(x, &queries[2], symbols, log_p);
    for (int r = 0; r < ROWS; r++) {
        size_t first = (size_t)(r * queries[2].count);
        best(matrix_rows(x, r, 1), &queries[2], one, one_log_p);
        ck_assert_mem_eq(one, symbols + first, 5 * sizeof(*one));
        ck_assert_mem_eq(one_log_p, log_p + first, 5 * sizeof(*one_log_p));
    }
    destroy();
}
END_TEST

START_TEST(a_state_that_is_no_number_has_no_likely_symbol)
{
    generator_best_query query = {.count = 3, .favoured = -1};

    create(MANY, _i % 2 == 1);
    matrix_row(x, 70)[4] = _i < 2 ? NAN : -NAN;
    for (; query.favoured <= 7; query.favoured += 8) {
        best(x, &query, symbols, log_p);
        for (int r = 0; r < ROWS; r++)
            if (r != 70)
                compare_row(&query, r);
        ck_assert_int_eq(symbols[210], query.favoured);
        ck_assert(query.favoured < 0 ? log_p[210] == -INFINITY : isnan(log_p[210]));
        for (int i = 211; i < 213; i++)
            ck_assert(symbols[i] == -1 && log_p[i] == -INFINITY);
        query.count = 1;
        best(x, &query, symbols, log_p);
        ck_assert_int_eq(symbols[70], query.favoured);
        query.count = 3;
    }
    destroy();
}
END_TEST

/* ---- all of them ---- */

START_TEST(all_probabilities)
{
    double expected[MANY];

    create(counts[_i / 2], _i % 2 == 1);
    parameters_values(&p, 1)[0] = 60.0f;
    matrix out = made_matrix_create(ROWS, count_of(), 3, 7);
    generator_log_p(&layer, x, out);
    made_matrix_check(out, 3);
    for (int r = 0; r < ROWS; r++) {
        expected_log_p(r, expected);
        for (int c = 0; c < count_of(); c++)
            if (!(fabs((double)matrix_row(out, r)[c] - expected[c]) <= 2e-5))
                ck_abort_msg("row %d: log p of %d is %g, not %g", r, c, matrix_row(out, r)[c],
                             expected[c]);
    }
    made_matrix_free(out);
    destroy();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/generator_best");
    TCase *tests = tcase_create("generator_best");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, the_likeliest_with_their_probabilities, 0, 2 * COUNTS);
    tcase_add_loop_test(tests, a_list_longer_than_the_vocabulary, 0, 2);
    tcase_add_loop_test(tests, logits_of_any_size, 0, 2);
    tcase_add_loop_test(tests, the_favoured_wins_ties_and_else_the_lowest_number, 0,
                        2 * (int)(sizeof(ties) / sizeof(ties[0])));
    tcase_add_test(tests, packed_a_row_has_the_same_bits_in_any_company);
    tcase_add_loop_test(tests, a_state_that_is_no_number_has_no_likely_symbol, 0, 4);
    tcase_add_loop_test(tests, all_probabilities, 0, 2 * COUNTS);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
