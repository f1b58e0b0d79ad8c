/* test_answers.c - models without a decoder: what a label and tags are made of, and scored
 * against. */
#include <math.h>
#include <string.h>

#include "gradcheck.h"
#include "lockstep/base/token.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "unit_check.h"

enum { SENTENCES = 4, ROWS = 11, SYMBOLS = 9, CLASSES = SYMBOLS - TOKEN_SPECIALS, KINDS = 3 };

static const int32_t source_ids[ROWS] = {1, 5, 3, 1, 8, 1, 7, 7, 4, 1, 6};
static const int32_t source_offsets[] = {0, 3, 5, 9, 11}, grains[] = {0, 2, 2, 4};
static const int32_t label_ids[SENTENCES] = {4, TOKEN_UNK, 8, 3};
static const int32_t label_offsets[] = {0, 1, 2, 3, 4};
static const int32_t tag_ids[ROWS] = {3, -1, 5, -1, 8, TOKEN_UNK, 4, -1, 4, 3, -1};

static arena memory;
static transformer *model;
static bool tags;
static packed_run source, truth;

/* Kind 0: a label of the mean; 1: of <begin>'s state; 2: tags. */
static void setup(int kind)
{
    config c = {.model = {.task = kind == 2 ? TASK_TAG : TASK_LABEL,
                          .pool = kind == 1 ? POOL_BEGIN : POOL_MEAN,
                          .width = 8,
                          .heads = 2,
                          .feed_forward = 12,
                          .encoder_layers = 2,
                          .decoder_layers = 3,
                          .activation = ACTIVATION_GELU,
                          .tie = TIE_ALL},
                .data.max_length = 6,
                .decode.max_length = 100,
                .training.label_smoothing = 0.1};

    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)16 << 20), STATUS_OK);
    ck_assert_int_eq(transformer_create(&model, &c, SYMBOLS, SYMBOLS, 1), STATUS_OK);
    parameters_initialize(transformer_parameters(model), 3);
    tags = kind == 2;
    source = packed_run_create(source_ids, source_offsets, grains, 0, 3);
    truth = tags ? packed_run_create(tag_ids, source_offsets, grains, 0, 3)
                 : packed_run_create(label_ids, label_offsets, grains, 0, 3);
}

static void teardown(void)
{
    packed_run_free(&source);
    packed_run_free(&truth);
    transformer_destroy(model);
    arena_free(&memory);
}

START_TEST(there_is_no_decoder)
{
    setup(_i);
    const parameters *p = transformer_parameters(model);

    for (int i = 0; i < p->count; i++)
        ck_assert_msg(strncmp(p->list[i].name, "encoder.", 8) == 0 ||
                          strncmp(p->list[i].name, "source_", 7) == 0 ||
                          strncmp(p->list[i].name, "classifier.", 11) == 0,
                      "%s", p->list[i].name);
    ck_assert_int_eq(transformer_symbols(model), CLASSES);
    ck_assert_int_eq(p->list[parameters_find(p, "classifier.weight")].rows, CLASSES);
    ck_assert_int_eq(transformer_places(model), 7); /* whatever decode.max_length says */
    ck_assert(transformer_task(model)->source_begin == (_i == 1));
    teardown();
}
END_TEST

START_TEST(gold_counts_from_the_first_class)
{
    static const int32_t labels[] = {1, GOLD_UNKNOWN, 5, 0};
    static const int32_t marks[] = {0, -1, 2, -1, 5, GOLD_UNKNOWN, 1, -1, 1, 0, -1};

    setup(_i);
    pass pass = {.arena = &memory, .threads = 1};
    feed f = transformer_feed(model, &pass, &truth.packed, true);
    ck_assert_int_eq(f.fed.rows, tags ? ROWS : SENTENCES);
    ck_assert_mem_eq(f.gold, tags ? marks : labels, (size_t)f.fed.rows * sizeof(*f.gold));
    ck_assert_int_eq(f.scored, tags ? 6 : 3);
    teardown();
}
END_TEST

static bool is_zero(const float *values, int count)
{
    for (int i = 0; i < count; i++)
        if (values[i] != 0.0f)
            return false;
    return true;
}

/* The sum of losses, and with a tree its gradients. */
static double run(const tree_run *tree, const int32_t *gold, head_result *out)
{
    pass pass = {.arena = &memory, .tree = tree, .threads = 1};
    double sum = 0.0;

    if (tree == NULL) {
        transformer_forward(model, &pass, &source.packed, &truth.packed, gold, out);
    } else {
        body_memory encoded = transformer_encode(model, &pass, &source.packed);
        transformer_learn(model, &pass, &encoded, &truth.packed, gold, (loss_scale){1.0f, 0.0f},
                          out);
    }
    for (int r = 0; r < truth.packed.rows; r++)
        sum += (double)out->rows.loss[r];
    return sum;
}

static int32_t *gold_of(void)
{
    static int32_t gold[ROWS];
    pass pass = {.arena = &memory, .threads = 1};
    feed f = transformer_feed(model, &pass, &truth.packed, false);

    memcpy(gold, f.gold, (size_t)f.fed.rows * sizeof(*gold));
    arena_release(&memory, 0);
    return gold;
}

static double loss_of(void *user)
{
    head_result result;
    double sum = run(NULL, user, &result);

    arena_release(&memory, 0);
    return sum;
}

START_TEST(gradients_are_central_differences)
{
    head_result result;
    tree_run tree;

    setup(_i);
    parameters *p = transformer_parameters(model);
    ck_assert_int_eq(tree_run_init(&tree, 0, 3, 3), STATUS_OK);
    int32_t *gold = gold_of();
    run(&tree, gold, &result);
    arena_release(&memory, 0);
    for (int i = 0; i < p->count; i++)
        ck_assert_msg(gradcheck_error(loss_of, gold, p->values + p->list[i].first,
                                      p->gradients + p->list[i].gradient[0],
                                      (int)p->list[i].count) < 2e-3,
                      "%s", p->list[i].name);
    tree_run_free(&tree);
    teardown();
}
END_TEST

/* What the head cannot say is wrong, and so is no loss; a row without a word is neither. */
START_TEST(what_is_unknown_has_no_loss)
{
    head_result result;
    tree_run tree;

    setup(_i);
    ck_assert_int_eq(tree_run_init(&tree, 0, 3, 3), STATUS_OK);
    int32_t *gold = gold_of();
    run(&tree, gold, &result);
    for (int r = 0; r < truth.packed.rows; r++) {
        ck_assert((result.rows.nll[r] > 0.0f) == (gold[r] >= 0));
        ck_assert((result.rows.loss[r] > 0.0f) == (gold[r] >= 0));
        ck_assert(gold[r] >= 0 || !result.rows.correct[r]);
    }
    for (int r = 0; r < truth.packed.rows; r++)
        gold[r] = r % 2 ? GOLD_NONE : GOLD_UNKNOWN;
    ck_assert_double_eq(run(&tree, gold, &result), 0.0);
    const parameters *p = transformer_parameters(model);
    for (int i = 0; i < p->count; i++)
        ck_assert_msg(is_zero(p->gradients + p->list[i].gradient[0], (int)p->list[i].count),
                      "%s", p->list[i].name);
    tree_run_free(&tree);
    teardown();
}
END_TEST

/* The likeliest of all classes, as the states' log p has it, and their numbers are those of
 * the vocabulary. */
START_TEST(answers_are_symbols)
{
    setup(_i);
    pass pass = {.arena = &memory, .threads = 1};
    body_memory encoded = transformer_encode(model, &pass, &source.packed);
    matrix states = transformer_states(model, &pass, &encoded, &truth.packed);
    matrix log_p = pass_matrix(&pass, states.rows, CLASSES);
    int32_t best[ROWS * CLASSES];
    float found[ROWS * CLASSES];

    ck_assert_int_eq(states.rows, tags ? 7 : SENTENCES);
    transformer_log_p(model, &pass, states, NULL, log_p);
    transformer_best(model, &pass, states,
                     &(generator_best_query){.count = CLASSES, .favoured = -1}, best, found);
    for (int r = 0; r < states.rows; r++)
        for (int n = 0; n < CLASSES; n++) {
            int at = r * CLASSES + n;

            ck_assert_int_ge(best[at], TOKEN_SPECIALS);
            ck_assert_int_lt(best[at], SYMBOLS);
            ck_assert_float_eq_tol(found[at], matrix_row(log_p, r)[best[at] - TOKEN_SPECIALS],
                                   1e-6f);
            ck_assert(n == 0 || found[at] <= found[at - 1]);
        }
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model/answers");
    TCase *tests = tcase_create("answers");

    tcase_add_loop_test(tests, there_is_no_decoder, 0, KINDS);
    tcase_add_loop_test(tests, gold_counts_from_the_first_class, 0, KINDS);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, KINDS);
    tcase_add_loop_test(tests, what_is_unknown_has_no_loss, 0, KINDS);
    tcase_add_loop_test(tests, answers_are_symbols, 0, KINDS);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
