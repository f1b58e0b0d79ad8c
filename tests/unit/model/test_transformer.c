/* test_transformer.c - the assembled model: nothing allocated in a step, the same bits with
 * dropout on any threads and ranks, and decoding that agrees with training. */
#include <math.h>
#include <string.h>

#include "gradient_sum.h"
#include "lockstep/base/memory.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "packed_run.h"
#include "unit_check.h"

enum { GRAINS = 5, SEQUENCES = 60, SYMBOLS = 40, MOST_ROWS = SEQUENCES * 24, CASES = 4 };

static config options;
static arena memory;
static int32_t source_ids[MOST_ROWS], target_ids[MOST_ROWS], gold[MOST_ROWS];
static int32_t source_offsets[SEQUENCES + 1], target_offsets[SEQUENCES + 1];
/* A grain of two tiles and more, an empty one. */
static const int32_t grain_sequences[GRAINS + 1] = {0, 35, 35, 40, 59, 60};

static int32_t symbol(int i)
{
    return (int32_t)(3 + i * 7 % (SYMBOLS - 3));
}

static void make_batch(void)
{
    for (int s = 0; s < SEQUENCES; s++) {
        source_offsets[s + 1] = source_offsets[s] + 1 + s * 5 % 24;
        target_offsets[s + 1] = target_offsets[s] + 1 + s * 11 % 23;
    }
    for (int r = 0; r < MOST_ROWS; r++) {
        source_ids[r] = symbol(r);
        target_ids[r] = symbol(r * r);
        gold[r] = symbol(r * r + 2 * r + 1);
    }
}

/* Every case has another norm position, activation, kind of positions and tie. */
static void setup_case(int number)
{
    bool odd = number & 1, high = number & 2;

    memset(&options, 0, sizeof(options));
    options.model.width = 24;
    options.model.heads = 4;
    options.model.feed_forward = 40;
    options.model.encoder_layers = 2;
    options.model.decoder_layers = 2;
    options.model.norm_position = odd ? NORM_PRE : NORM_POST;
    options.model.activation = high ? ACTIVATION_GELU : ACTIVATION_RELU;
    options.model.positions = odd != high ? POSITIONS_LEARNED : POSITIONS_SINUSOIDAL;
    options.model.tie = (int[CASES]){TIE_TARGET, TIE_NONE, TIE_ALL, TIE_ALL}[number];
    options.model.dropout = 0.2;
    options.model.attention_dropout = 0.1;
    options.model.activation_dropout = 0.3;
    options.training.label_smoothing = 0.1;
    options.data.max_length = 24;
    options.decode.max_length = 30;
    make_batch();
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)256 << 20), STATUS_OK);
}

static transformer *create(int nodes)
{
    transformer *t;

    ck_assert_int_eq(transformer_create(&t, &options, SYMBOLS, SYMBOLS, nodes), STATUS_OK);
    parameters_initialize(transformer_parameters(t), 9);
    return t;
}

typedef struct outcome {
    int nodes;
    size_t allocated;
} outcome;

/* One rank's grains; losses go to `loss`. */
static outcome run_rank(transformer *t, int first, int last, int threads, float *loss)
{
    packed_run source =
        packed_run_create(source_ids, source_offsets, grain_sequences, first, last);
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

/* -log p of gold from logits. */
static double nll_of(const float *logits, int at)
{
    float largest = logits[0]; /* of double, gcc 12 for aarch64 ends in an internal error */
    double sum = 0.0;

    for (int c = 0; c < SYMBOLS; c++)
        largest = fmaxf(largest, logits[c]);
    for (int c = 0; c < SYMBOLS; c++)
        sum += exp((double)logits[c] - largest);
    return largest + log(sum) - logits[at];
}

START_TEST(decoding_agrees_with_training)
{
    float logits[SYMBOLS];
    head_result result;

    setup_case(_i);
    transformer *t = create(0);
    packed_run source =
        packed_run_create(source_ids, source_offsets, grain_sequences, 0, GRAINS);
    packed_run target =
        packed_run_create(target_ids, target_offsets, grain_sequences, 0, GRAINS);
    pass pass = {.arena = &memory, .threads = 2};
    transformer_forward(t, &pass, &source.packed, &target.packed, gold, &result);
    body_memory encoded = transformer_encode(t, &pass, &source.packed);
    matrix y = transformer_decode(t, &pass, &encoded, &target.packed);
    for (int r = 0; r < target.packed.rows; r++) {
        transformer_log_p(t, &pass, matrix_rows(y, r, 1), NULL,
                          matrix_view(logits, 1, SYMBOLS));
        if (!(fabs(result.rows.nll[r] - nll_of(logits, gold[r])) < 1e-5))
            ck_abort_msg("row %d: %g, but %g decoded", r, result.rows.nll[r],
                         nll_of(logits, gold[r]));
    }
    packed_run_free(&source);
    packed_run_free(&target);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* The log p of all symbols are those of a distribution, packed or not, and the likeliest is its
 * largest. */
static void compare_choice(const transformer *t, pass *pass, matrix state)
{
    const generator_best_query query = {.count = 1, .favoured = -1};
    float all[SYMBOLS], log_p;
    double sum = 0.0;
    int32_t symbol;

    transformer_log_p(t, pass, state, NULL, matrix_view(all, 1, SYMBOLS));
    transformer_best(t, pass, state, &query, &symbol, &log_p);
    for (int c = 0; c < SYMBOLS; c++) {
        sum += exp(all[c]);
        ck_assert(all[c] <= all[symbol]);
    }
    ck_assert_double_eq_tol(sum, 1.0, 1e-5);
    ck_assert_double_eq_tol(log_p, all[symbol], 1e-5);
}

START_TEST(the_head_chooses_by_the_logits)
{
    setup_case(_i);
    transformer *t = create(0);
    pass pass = {.arena = &memory, .threads = 1};
    matrix states = made_matrix_create(10, options.model.width, 0, 5);
    for (int r = 0; r < states.rows; r++)
        compare_choice(t, &pass, matrix_rows(states, r, 1));
    ck_assert_int_eq(transformer_pack(t, 2), STATUS_OK);
    for (int r = 0; r < states.rows; r++)
        compare_choice(t, &pass, matrix_rows(states, r, 1));
    made_matrix_free(states);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* The decoder's states of sentences [first, first + count), which are one grain. */
static matrix decode_some(const transformer *t, int threads, int first, int count)
{
    const int32_t sequences[] = {0, count};
    pass pass = {.arena = &memory, .threads = threads};
    int32_t offsets[2][SEQUENCES + 1];
    const int32_t s = source_offsets[first], f = target_offsets[first];

    for (int i = 0; i <= count; i++) {
        offsets[0][i] = source_offsets[first + i] - s;
        offsets[1][i] = target_offsets[first + i] - f;
    }
    packed_run source = packed_run_create(source_ids + s, offsets[0], sequences, 0, 1);
    packed_run target = packed_run_create(target_ids + f, offsets[1], sequences, 0, 1);
    body_memory encoded = transformer_encode(t, &pass, &source.packed);
    matrix states = transformer_decode(t, &pass, &encoded, &target.packed);
    packed_run_free(&source);
    packed_run_free(&target);
    return states;
}

/* In a batch of more rows than a tile has, and alone. */
START_TEST(packed_a_sentence_has_the_same_bits_in_any_batch)
{
    setup_case(_i);
    transformer *t = create(0);
    ck_assert_int_eq(transformer_pack(t, 1), STATUS_OK);
    matrix all = decode_some(t, 2, 0, SEQUENCES);
    ck_assert_int_gt(source_offsets[SEQUENCES], TILE_ROWS);
    for (int s = 0; s < SEQUENCES; s++) {
        matrix one = decode_some(t, 1, s, 1);
        ck_assert_mem_eq(one.data, matrix_row(all, target_offsets[s]),
                         (size_t)(one.rows * one.cols) * sizeof(float));
    }
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

static bool any_loss_is_nan(transformer *t)
{
    packed_run source =
        packed_run_create(source_ids, source_offsets, grain_sequences, 0, GRAINS);
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

    setup_case(1);
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
    tcase_add_loop_test(tests, decoding_agrees_with_training, 0, CASES);
    tcase_add_loop_test(tests, the_head_chooses_by_the_logits, 0, CASES);
    tcase_add_loop_test(tests, packed_a_sentence_has_the_same_bits_in_any_batch, 0, CASES);
    tcase_add_loop_test(tests, a_parameter_that_is_no_number_shows_in_the_loss, 1, 3);
    tcase_add_test(tests, places_reach_as_far_as_needed);
    tcase_add_test(tests, a_model_that_does_not_fit_is_refused);
    tcase_add_test(tests, more_places_for_dropout_than_16_bits_tell_apart_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(transformer_suite());
}
