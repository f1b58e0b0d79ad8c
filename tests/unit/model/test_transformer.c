/* test_transformer.c - the assembled model: nothing allocated in a step, the same bits with
 * dropout on any threads and ranks. */
#include <math.h>

#include "gradient_sum.h"
#include "lockstep/base/memory.h"
#include "made_cases.h"

typedef struct outcome {
    int nodes;
    size_t allocated;
} outcome;

/* One rank's grains; losses go to `loss`. */
static outcome run_rank(transformer *t, int first, int last, int threads, float *loss)
{
    packed_run source = source_grains(first, last);
    packed_run target =
        packed_run_create(target_ids, target_offsets, grain_sequences, first, last);
    head_result result;
    tree_run tree;

    ck_assert_int_eq(tree_run_init(&tree, first, last, GRAINS), STATUS_OK);
    pass pass = {.arena = &memory,
                 .tree = &tree,
                 .threads = threads,
                 .dropout = true,
                 .seed = 3,
                 .draw = 12};
    size_t before = memory_allocations();
    body_memory encoded = transformer_encode(t, &pass, &source.packed);
    transformer_learn(t, &pass, &encoded, &target.packed, gold + target.first_row,
                      (loss_scale){1e-3f, 0.0f}, &result);
    outcome out = {tree.nodes, memory_allocations() - before};
    memcpy(loss + target.first_row, result.rows.loss,
           (size_t)target.packed.rows * sizeof(float));
    arena_release(&memory, 0);
    tree_run_free(&tree);
    packed_run_free(&source);
    packed_run_free(&target);
    return out;
}

START_TEST(a_step_allocates_nothing)
{
    float loss[MOST_ROWS];

    setup_case(_i);
    transformer *t = create(1);
    ck_assert_uint_eq(run_rank(t, 0, GRAINS, 1, loss).allocated, 0);
    ck_assert_uint_eq(run_rank(t, 0, GRAINS, 2, loss).allocated, 0);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

static gradient_sum run_ranks(transformer *t, int ranks, int threads, float *loss)
{
    const parameters *p = transformer_parameters(t);
    gradient_sum sum = gradient_sum_create(GRAINS, ranks, p->gradient_floats);

    for (int rank = 0; rank < ranks; rank++) {
        int first, last;
        tree_split(GRAINS, rank, ranks, &first, &last);
        gradient_sum_add(&sum, p, run_rank(t, first, last, threads, loss).nodes);
    }
    return sum;
}

START_TEST(dropout_too_has_the_same_bits_everywhere)
{
    static const int splits[][2] = {{1, 2}, {1, 3}, {2, 1}, {3, 2}, {5, 1}};
    static float alone_loss[MOST_ROWS], loss[MOST_ROWS];

    setup_case(_i);
    transformer *t = create(GRAINS);
    size_t bytes = transformer_parameters(t)->gradient_floats * sizeof(float);
    gradient_sum alone = run_ranks(t, 1, 1, alone_loss);
    for (size_t s = 0; s < sizeof(splits) / sizeof(splits[0]); s++) {
        gradient_sum sum = run_ranks(t, splits[s][0], splits[s][1], loss);
        ck_assert_mem_eq(sum.values, alone.values, bytes);
        ck_assert_mem_eq(loss, alone_loss, (size_t)target_offsets[SEQUENCES] * sizeof(float));
        gradient_sum_free(&sum);
    }
    for (size_t k = 0; k < bytes / sizeof(float); k++)
        if (!isfinite(alone.values[k]))
            ck_abort_msg("gradient %zu is not finite", k);
    gradient_sum_free(&alone);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST
static bool any_loss_is_nan(transformer *t)
{
    packed_run source = source_grains(0, GRAINS);
    packed_run target =
        packed_run_create(target_ids, target_offsets, grain_sequences, 0, GRAINS);
    pass pass = {.arena = &memory, .threads = 1};
    head_result result;
    bool any = false;

    transformer_forward(t, &pass, &source.packed, &target.packed, gold, &result);
    for (int r = 0; r < target.packed.rows; r++)
        any = any || isnan(result.rows.loss[r]);
    arena_release(&memory, 0);
    packed_run_free(&source);
    packed_run_free(&target);
    return any;
}

/* Training must stop at the first number that is none, whatever tensor it is in. */
START_TEST(a_parameter_that_is_no_number_shows_in_the_loss)
{
    setup_case(_i);
    transformer *t = create(0);
    const parameters *p = transformer_parameters(t);
    ck_assert(!any_loss_is_nan(t));
    for (int i = 0; i < p->count; i++) {
        float *values = parameters_values(p, i);
        size_t at = (size_t)symbol(0) * (size_t)p->list[i].cols; /* of a table: a used row */
        if (p->list[i].rows == 1 || at >= p->list[i].count)
            at = p->list[i].count - 1;
        float kept = values[at];
        values[at] = NAN;
        ck_assert_msg(any_loss_is_nan(t), "NaN in %s does not show", p->list[i].name);
        values[at] = kept;
    }
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* The map of frames is multiplied by and its gradient made, but none of the frames. */
START_TEST(frames_need_products)
{
    setup_case(4);
    transformer *t = create(0);
    packed_run source = source_grains(0, GRAINS);
    double rows = source.packed.rows;
    ck_assert_double_eq(transformer_flops(t, &source.packed, &source.packed, 1).input,
                        4.0 * rows * FRAME_WIDTH * options.model.width);
    transformer_destroy(t);
    arena_free(&memory);
    setup_case(1);
    t = create(0);
    ck_assert_double_eq(transformer_flops(t, &source.packed, &source.packed, 1).input, 0.0);
    packed_run_free(&source);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

START_TEST(places_reach_as_far_as_needed)
{
    setup_case(0);
    transformer *fixed = create(0);
    ck_assert_int_eq(transformer_places(fixed), 31);
    ck_assert_int_eq(transformer_symbols(fixed), SYMBOLS);
    transformer_destroy(fixed);
    options.model.positions = POSITIONS_LEARNED;
    transformer *learned = create(0);
    ck_assert_int_eq(transformer_places(learned), 25);
    transformer_destroy(learned);
    arena_free(&memory);
}
END_TEST

/* Any allocation may fail: a message, and nothing leaked. */
START_TEST(a_model_that_does_not_fit_is_refused)
{
    transformer *t = NULL;
    status result = STATUS_NOMEM;

    setup_case(_i);
    for (size_t n = 1; result != STATUS_OK; n++) {
        ck_assert_uint_lt(n, 1000);
        memory_fail_after(n);
        result = transformer_create(&t, &options, SYMBOLS, SYMBOLS, 1);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* Two embeddings; in each encoder layer an attention with its heads and a block with two. */
START_TEST(more_places_for_dropout_than_16_bits_tell_apart_are_refused)
{
    transformer *t = NULL;

    setup_case(0);
    options.model.width = options.model.heads = 1024;
    options.model.decoder_layers = 1;
    options.model.encoder_layers = 62; /* 2 + 62 * 1,027 + 2,052 = 65,728 of 65,536 */
    ck_assert_int_eq(transformer_create(&t, &options, 4, 4, 0), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "model.encoder_layers"));
    arena_free(&memory);
}
END_TEST

static Suite *transformer_suite(void)
{
    Suite *suite = suite_create("model/transformer");
    TCase *tests = tcase_create("transformer");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_step_allocates_nothing, 0, CASES);
    tcase_add_loop_test(tests, dropout_too_has_the_same_bits_everywhere, 0, CASES);
    tcase_add_test(tests, frames_need_products);
    tcase_add_loop_test(tests, a_parameter_that_is_no_number_shows_in_the_loss, 1, CASES);
    tcase_add_test(tests, places_reach_as_far_as_needed);
    tcase_add_loop_test(tests, a_model_that_does_not_fit_is_refused, 1, CASES);
    tcase_add_test(tests, more_places_for_dropout_than_16_bits_tell_apart_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(transformer_suite());
}
