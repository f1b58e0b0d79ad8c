/* test_attention_block.c - multi-head attention with its residual and norm. */
#include <string.h>

#include "layer_check.h"
#include "lockstep/nn/attention_block.h"
#include "unit_check.h"

enum { CASES = 16 };

static parameters p;
static weight_slab weights;

typedef struct layer {
    attention_block block;
    bool twice; /* backward two times, the second adding to the memory's gradient */
} layer;

/* Bits of `number`: cross, norm first, dropout, batch norm. */
static void create(layer *l, int width, int number)
{
    attention_block_indices indices;
    bool cross = number & 1, norm_first = number & 2, over_batch = number & 8;
    double rate = number & 4 ? 0.3 : 0.0;

    parameters_init(&p);
    ck_assert_int_eq(
        attention_block_add(&p, &indices, "l.", "self_attn", "norm1", width, over_batch),
        STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    *l = (layer){.block = {.attention = {.heads = 2,
                                         .head_width = width / 2,
                                         .causal = !cross,
                                         .dropout = rate,
                                         .site = 8},
                           .cross = cross,
                           .norm_first = norm_first,
                           .dropout = rate,
                           .site = 7}};
    weights.values = p.values;
    attention_block_view(&p, &weights, &indices, &l->block);
    ck_assert_int_eq(l->block.width, width);
}

static void run(const layer_run *r)
{
    const layer *l = r->layer;
    attention_block_saved saved;
    matrix dmemory = l->block.cross ? r->dother : (matrix){0};

    attention_memory memory = attention_memory_push(&l->block, r->pass, r->other);
    attention_block_forward(&l->block, r->pass, r->queries, r->keys, r->x, &memory, r->y,
                            &saved);
    /* A second pass over the memory finds its keys and values made. */
    if (l->block.cross)
        attention_block_forward(&l->block, r->pass, r->queries, r->keys, r->x, &memory, r->y,
                                &saved);
    if (!r->backward)
        return;
    matrix again = pass_matrix(r->pass, r->dy.rows, r->dy.cols);
    memcpy(again.data, r->dy.data, (size_t)r->dy.rows * (size_t)r->dy.cols * sizeof(float));
    attention_block_backward(&l->block, r->pass, r->queries, r->keys, r->dy, r->dx, dmemory,
                             false, &saved);
    if (!l->twice)
        return;
    attention_block_backward(&l->block, r->pass, r->queries, r->keys, again, r->dx, dmemory,
                             true, &saved);
    for (int i = 0; i < dmemory.rows * dmemory.cols; i++)
        dmemory.data[i] *= 0.5f;
}

static layer_check check_of(layer *l)
{
    return (layer_check){.run = run,
                         .layer = l,
                         .parameters = &p,
                         .x_cols = l->block.width,
                         .other_cols = l->block.cross ? l->block.width : 0,
                         .y_cols = l->block.width,
                         .dropout = l->block.dropout > 0.0};
}

START_TEST(gradients_are_central_differences)
{
    layer l;

    create(&l, 6, _i);
    layer_check check = check_of(&l);
    ck_assert_double_lt(layer_check_gradients(&check), 2e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(the_gradient_of_the_memory_may_be_added)
{
    layer l;

    create(&l, 6, 1 | 2);
    l.twice = true;
    layer_check check = check_of(&l);
    ck_assert_double_lt(layer_check_gradients(&check), 2e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    layer l;

    create(&l, 24, _i);
    layer_check check = check_of(&l);
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_what_is_kept_rounded)
{
    layer l;

    create(&l, _i % 3 == 0 ? 18 : 24, _i);
    layer_check check = check_of(&l);
    layer_check_rounded(&check);
    parameters_free(&p);
}
END_TEST

static Suite *attention_block_suite(void)
{
    Suite *suite = suite_create("nn/attention_block");
    TCase *tests = tcase_create("attention_block");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, CASES);
    tcase_add_test(tests, the_gradient_of_the_memory_may_be_added);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, CASES);
    tcase_add_loop_test(tests, bits_do_not_depend_on_what_is_kept_rounded, 0, CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(attention_block_suite());
}
