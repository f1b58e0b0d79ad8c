/* test_parallel.c - a model that writes all places of an output at once. */
#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "unit_check.h"

enum { SYMBOLS = 12, WIDTH = 8, SENTENCES = 3, ROWS = 10, GRAINS = 2 };

/* Sources of 2, 0 and 5 symbols and their <end>. */
static const int32_t source_ids[ROWS] = {4, 5, 2, 2, 6, 7, 8, 9, 10, 2};
static const int32_t source_offsets[] = {0, 3, 4, 10}, source_rows[] = {0, 3, 10};
/* Truths of 3, 1 and 6 symbols. */
static const int32_t truth_ids[ROWS] = {5, 6, 7, 8, 9, 10, 11, 5, 6, 7};
static const int32_t truth_offsets[] = {0, 3, 4, 10}, truth_rows[] = {0, 3, 10};
static const int32_t grain_sequences[] = {0, 1, 3};

static arena memory;
static config options;

static packed pack(const int32_t *ids, const int32_t *offsets, const int32_t *rows)
{
    return (packed){.rows = ROWS,
                    .sequences = SENTENCES,
                    .grains = GRAINS,
                    .ids = ids,
                    .offsets = offsets,
                    .grain_rows = rows,
                    .grain_sequences = grain_sequences};
}

static void setup(void)
{
    options = (config){.model = {.width = WIDTH,
                                 .heads = 2,
                                 .feed_forward = 16,
                                 .encoder_layers = 1,
                                 .decoder_layers = 2,
                                 .decoder = DECODER_PARALLEL},
                       .data.max_length = 10,
                       .decode.max_length = 8,
                       .training.length_loss = 0.5};
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)16 << 20), STATUS_OK);
}

static void teardown(void)
{
    arena_free(&memory);
}

static transformer *create(int nodes)
{
    transformer *t;

    ck_assert_int_eq(transformer_create(&t, &options, SYMBOLS, SYMBOLS, nodes), STATUS_OK);
    parameters_initialize(transformer_parameters(t), 9);
    return t;
}

/* ---- what is seen ---- */

/* Is the first state of a sentence another when its last place is fed something else? */
static bool looks_ahead(int decoder)
{
    int32_t ids[ROWS];
    packed source = pack(source_ids, source_offsets, source_rows);
    packed fed = pack(ids, truth_offsets, truth_rows);
    pass pass = {.arena = &memory, .threads = 1};
    bool differs;

    options.model.decoder = decoder;
    transformer *t = create(0);
    memcpy(ids, truth_ids, sizeof(ids));
    body_memory encoded = transformer_encode(t, &pass, &source);
    matrix one = transformer_decode(t, &pass, &encoded, &fed);
    ids[ROWS - 1] = 4;
    matrix other = transformer_decode(t, &pass, &encoded, &fed);
    differs = memcmp(matrix_row(one, 4), matrix_row(other, 4), WIDTH * sizeof(float)) != 0;
    /* Other sentences never are. */
    ck_assert_mem_eq(matrix_row(one, 0), matrix_row(other, 0), 4 * WIDTH * sizeof(float));
    transformer_destroy(t);
    return differs;
}

START_TEST(every_place_sees_all_others)
{
    ck_assert(looks_ahead(DECODER_PARALLEL));
    ck_assert(!looks_ahead(DECODER_AUTOREGRESSIVE));
}
END_TEST

START_TEST(both_decoders_have_the_same_parameters)
{
    options.model.decoder_input = DECODER_INPUT_BEGIN;
    transformer *parallel = create(0);
    options.model.decoder = DECODER_AUTOREGRESSIVE;
    transformer *other = create(0);
    const parameters *p = transformer_parameters(parallel), *q = transformer_parameters(other);

    ck_assert_int_eq(p->count, q->count + 2);
    for (int i = 0; i < q->count; i++) {
        ck_assert_str_eq(p->list[i].name, q->list[i].name);
        ck_assert_mem_eq(parameters_values(p, i), parameters_values(q, i),
                         q->list[i].count * sizeof(float));
    }
    ck_assert_str_eq(p->list[q->count].name, "length.weight");
    ck_assert_int_eq(p->list[q->count].rows, 2 * 10 + 1);
    ck_assert_str_eq(p->list[q->count + 1].name, "length.bias");
    transformer_destroy(parallel);
    transformer_destroy(other);
}
END_TEST

/* ---- products ---- */

START_TEST(products_are_those_of_what_is_seen_and_scored)
{
    packed source = pack(source_ids, source_offsets, source_rows);
    packed fed = pack(truth_ids, truth_offsets, truth_rows);
    transformer *t = create(0);
    model_flops parallel = transformer_flops(t, &source, &fed, 4);

    transformer_destroy(t);
    options.model.decoder = DECODER_AUTOREGRESSIVE;
    t = create(0);
    model_flops masked = transformer_flops(t, &source, &fed, ROWS);
    ck_assert_double_eq(parallel.output, 6.0 * 4 * WIDTH * SYMBOLS);
    ck_assert_double_eq(masked.output, 6.0 * ROWS * WIDTH * SYMBOLS);
    /* Of m places m (m - 1) / 2 are hidden by a mask, in scores and in sums. */
    ck_assert_double_eq(parallel.attention - masked.attention,
                        6.0 * 2 * (2.0 * WIDTH * (3 + 0 + 15)));
    transformer_destroy(t);
}
END_TEST

/* ---- lengths ---- */

START_TEST(a_fixed_length_is_the_only_one)
{
    packed source = pack(source_ids, source_offsets, source_rows);
    pass pass = {.arena = &memory, .threads = 1};
    int32_t lengths[2 * SENTENCES];
    float log_p[2 * SENTENCES];

    options.model.length.kind = LENGTH_FIXED;
    options.model.length.tokens = 11;
    options.model.decoder_input = DECODER_INPUT_MASK;
    transformer *t = create(0);
    ck_assert_int_eq(transformer_filler(t), TOKEN_MASK);
    ck_assert_int_eq(transformer_places(t), 11);
    ck_assert_int_lt(parameters_find(transformer_parameters(t), "length.weight"), 0);
    body_memory encoded = transformer_encode(t, &pass, &source);
    transformer_lengths(t, &pass, &encoded, 2, lengths, log_p);
    for (int i = 0; i < 2 * SENTENCES; i++) {
        ck_assert_int_eq(lengths[i], i % 2 ? -1 : 11);
        ck_assert(i % 2 ? isinf(log_p[i]) : log_p[i] == 0.0f);
    }
    transformer_destroy(t);
}
END_TEST

/* The last sentence by itself. */
static void check_alone(const transformer *t, const int32_t *lengths, const float *log_p)
{
    static const int32_t offsets[] = {0, 6}, grains[] = {0, 1};
    packed alone = {.rows = 6,
                    .sequences = 1,
                    .grains = 1,
                    .ids = source_ids + 4,
                    .offsets = offsets,
                    .grain_rows = offsets,
                    .grain_sequences = grains};
    pass pass = {.arena = &memory, .threads = 1};
    body_memory encoded = transformer_encode(t, &pass, &alone);
    int32_t again[10];
    float log_p_again[10];

    transformer_lengths(t, &pass, &encoded, 10, again, log_p_again);
    ck_assert_mem_eq(again, lengths, sizeof(again));
    ck_assert_mem_eq(log_p_again, log_p, sizeof(log_p_again));
}

/* What the loss says of a length is what the choice says of it, and no sentence knows of the
 * others. */
START_TEST(lengths_agree_with_their_losses)
{
    packed source = pack(source_ids, source_offsets, source_rows);
    packed fed = pack(truth_ids, truth_offsets, truth_rows);
    pass pass = {.arena = &memory, .threads = 1};
    int32_t lengths[10 * SENTENCES];
    float log_p[10 * SENTENCES];
    head_result result;
    transformer *t = create(0);

    ck_assert_int_eq(transformer_pack(t, 1), STATUS_OK);
    ck_assert_int_eq(transformer_filler(t), TOKEN_BEGIN);
    ck_assert_int_eq(transformer_places(t), 11);
    transformer_forward(t, &pass, &source, &fed, truth_ids, &result);
    body_memory encoded = transformer_encode(t, &pass, &source);
    transformer_lengths(t, &pass, &encoded, 10, lengths, log_p);
    for (int s = 0; s < SENTENCES; s++) {
        int seen = 0, truth = truth_offsets[s + 1] - truth_offsets[s];
        for (int i = 10 * s; i < 10 * (s + 1); i++) {
            ck_assert_int_ge(lengths[i], 1); /* 1 to 10, each once */
            ck_assert_int_le(lengths[i], 10);
            ck_assert(!(seen >> lengths[i] & 1));
            seen |= 1 << lengths[i];
            ck_assert(i == 10 * s || log_p[i] <= log_p[i - 1]);
            if (lengths[i] == truth)
                ck_assert_float_eq_tol(log_p[i], -result.sentences.nll[s], 1e-5f);
        }
    }
    check_alone(t, lengths + 20, log_p + 20);
    transformer_destroy(t);
}
END_TEST

/* ---- a step ---- */

START_TEST(a_step_allocates_nothing)
{
    packed source = pack(source_ids, source_offsets, source_rows);
    packed truth = pack(truth_ids, truth_offsets, truth_rows);
    tree_run tree;
    head_result result;

    options.model.decoder_input = DECODER_INPUT_MASK;
    transformer *t = create(1);
    ck_assert_int_eq(tree_run_init(&tree, 0, GRAINS, GRAINS), STATUS_OK);
    pass pass = {.arena = &memory, .tree = &tree, .threads = 2, .dropout = true};
    size_t before = memory_allocations();
    body_memory encoded = transformer_encode(t, &pass, &source);
    feed f = transformer_feed(t, &pass, &truth, true);
    transformer_learn(t, &pass, &encoded, &f.fed, f.gold, (loss_scale){1.0f, 1.0f}, &result);
    ck_assert_uint_eq(memory_allocations(), before);
    tree_run_free(&tree);
    transformer_destroy(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model/parallel");
    TCase *tests = tcase_create("parallel");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_place_sees_all_others);
    tcase_add_test(tests, both_decoders_have_the_same_parameters);
    tcase_add_test(tests, products_are_those_of_what_is_seen_and_scored);
    tcase_add_test(tests, a_fixed_length_is_the_only_one);
    tcase_add_test(tests, lengths_agree_with_their_losses);
    tcase_add_test(tests, a_step_allocates_nothing);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
