/* test_pool.c - one row for each sentence. */
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/pool.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "unit_check.h"

enum { COLS = 5, POOLS = 2, MOST = 65536 };

static const struct {
    matrix (*forward)(pass *pass, const stream *stream, matrix x);
    void (*backward)(const pass *pass, const stream *stream, matrix dpooled, matrix dx);
} pools[POOLS] = {{pool_mean_forward, pool_mean_backward},
                  {pool_first_forward, pool_first_backward}};

static int number; /* of the pool that is tested */
static parameters none;

/* y is what each sentence becomes, at its first row, and 0 at the others. */
static void run(const layer_run *r)
{
    const packed *p = &r->queries->packed;
    size_t size = (size_t)r->x.cols * sizeof(float);
    matrix pooled = pools[number].forward(r->pass, r->queries, r->x);

    for (int row = 0; row < r->y.rows; row++)
        memset(matrix_row(r->y, row), 0, size);
    for (int s = 0; s < p->sequences; s++)
        memcpy(matrix_row(r->y, p->offsets[s]), matrix_row(pooled, s), size);
    if (!r->backward)
        return;
    for (int s = 0; s < p->sequences; s++)
        memcpy(matrix_row(pooled, s), matrix_row(r->dy, p->offsets[s]), size);
    pools[number].backward(r->pass, r->queries, pooled, r->dx);
}

static layer_check check_of(int pool)
{
    number = pool;
    parameters_init(&none);
    ck_assert_int_eq(parameters_allocate(&none, LAYER_CHECK_GRAINS), STATUS_OK);
    return (layer_check){.run = run, .parameters = &none, .x_cols = COLS, .y_cols = COLS};
}

START_TEST(gradients_are_central_differences)
{
    layer_check check = check_of(_i);

    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    parameters_free(&none);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    layer_check check = check_of(_i);

    layer_check_bits(&check);
    parameters_free(&none);
}
END_TEST

START_TEST(sentences_are_pooled_apart)
{
    static const int32_t ids[6], offsets[] = {0, 2, 3, 6}, grains[] = {0, 1, 3};
    static float values[] = {1, 2, 3, 4, 10, 20, 5, 6, 7, 8, 9, 13};
    static const float want[POOLS][6] = {{2, 3, 10, 20, 7, 9}, {1, 2, 10, 20, 5, 6}};
    packed_run run = packed_run_create(ids, offsets, grains, 0, 2);
    arena memory;

    ck_assert_int_eq(arena_init(&memory, MOST), STATUS_OK);
    pass pass = {.arena = &memory, .threads = 2};
    stream stream = stream_push(&pass, &run.packed);
    matrix pooled = pools[_i].forward(&pass, &stream, matrix_view(values, 6, 2));
    ck_assert_int_eq(pooled.rows, 3);
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq_tol(pooled.data[i], want[_i][i], 1e-6f);
    arena_free(&memory);
    packed_run_free(&run);
}
END_TEST

static void open_kernels(void)
{
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
}

int main(void)
{
    Suite *suite = suite_create("nn/pool");
    TCase *tests = tcase_create("pool");

    tcase_add_checked_fixture(tests, open_kernels, NULL);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, POOLS);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, POOLS);
    tcase_add_loop_test(tests, sentences_are_pooled_apart, 0, POOLS);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
