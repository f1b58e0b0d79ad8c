/* test_scored_rows.c - those rows of a batch that are scored; what they cost the others. */
#include "scored_rows.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "unit_check.h"

/* Sentences of 3, 0, 2 and 2 rows in three grains, of which the second has none. */
enum { ROWS = 7, SENTENCES = 4, GRAINS = 3 };
static const int32_t offsets[] = {0, 3, 3, 5, 7}, grain_rows[] = {0, 3, 3, 7};
static const int32_t grain_sequences[] = {0, 1, 2, 4};
static const int32_t gold[ROWS] = {-1, 4, -1, -1, -1, 6, 5};
static const packed batch = {.rows = ROWS,
                             .sequences = SENTENCES,
                             .grains = GRAINS,
                             .first_grain = 0,
                             .offsets = offsets,
                             .grain_rows = grain_rows,
                             .grain_sequences = grain_sequences};

static arena memory;

static void setup(void)
{
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, 1 << 24), STATUS_OK);
}

static void teardown(void)
{
    arena_free(&memory);
}

START_TEST(scored_rows_are_a_batch_of_their_own)
{
    pass pass = {.arena = &memory, .threads = 2};
    stream all = stream_push(&pass, &batch);
    scored_rows s = scored_rows_push(&pass, &all, gold);
    const packed *p = &s.stream.packed;
    matrix m = made_matrix_create(ROWS, 2, 0, 1), back = made_matrix_create(ROWS, 2, 0, 2);

    ck_assert_int_eq(p->rows, 3);
    ck_assert_mem_eq(s.rows, ((int32_t[]){1, 5, 6}), 3 * sizeof(int32_t));
    ck_assert_mem_eq(s.gold, ((int32_t[]){4, 6, 5}), 3 * sizeof(int32_t));
    ck_assert_mem_eq(p->offsets, ((int32_t[]){0, 1, 1, 1, 3}), 5 * sizeof(int32_t));
    ck_assert_mem_eq(p->grain_rows, ((int32_t[]){0, 1, 1, 3}), 4 * sizeof(int32_t));
    matrix rows = scored_rows_gather(&s, &pass, m);
    scored_rows_scatter(&s, &pass, rows, back);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < 2; i++)
            ck_assert_float_eq(matrix_row(back, r)[i], gold[r] < 0 ? 0 : matrix_row(m, r)[i]);
    made_matrix_free(m);
    made_matrix_free(back);
}
END_TEST

static transformer *create(void)
{
    transformer *t;
    config c = {.model = {.width = 8,
                          .heads = 2,
                          .feed_forward = 8,
                          .encoder_layers = 1,
                          .decoder_layers = 1,
                          .decoder = DECODER_PARALLEL,
                          .decoder_input = DECODER_INPUT_MASK},
                .data.max_length = 9,
                .training = {.label_smoothing = 0.1, .length_loss = 1.0}};

    ck_assert_int_eq(transformer_create(&t, &c, 9, 9, 1), STATUS_OK);
    parameters_initialize(transformer_parameters(t), 3);
    return t;
}

static void learn(transformer *t, const packed *source, const packed *fed, const int32_t *truth,
                  float row, head_result *out)
{
    tree_run tree;

    ck_assert_int_eq(tree_run_init(&tree, 0, GRAINS, GRAINS), STATUS_OK);
    pass pass = {.arena = &memory, .tree = &tree, .threads = 1};
    body_memory encoded = transformer_encode(t, &pass, source);
    transformer_learn(t, &pass, &encoded, fed, truth, (loss_scale){row, 0.0f}, out);
    tree_run_free(&tree);
}

static const parameter *tensor(const parameters *p, const char *name)
{
    return &p->list[parameters_find(p, name)];
}

static bool all_zero(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != 0.0f)
            return false;
    return true;
}

/* What is not scored has no loss and teaches nothing, though it is fed; a sentence without a
 * scored row gives its source no gradient, and one with many is all that counts. */
START_TEST(rows_that_are_not_scored_teach_nothing)
{
    static const int32_t source_ids[] = {7, 2, 8, 2, 7, 2, 7, 2};
    static const int32_t source_offsets[] = {0, 2, 4, 6, 8}, source_rows[] = {0, 2, 4, 8};
    static const int32_t fed_ids[ROWS] = {3, 3, 3, 4, 3, 3, 3};
    static const int32_t only_last[ROWS] = {-1, -1, -1, -1, -1, -1, 5};
    static const int32_t none[ROWS] = {-1, -1, -1, -1, -1, -1, -1};
    packed source = batch, fed = batch;
    transformer *t = create();
    const parameters *p = transformer_parameters(t);
    head_result result;

    source.rows = 8;
    source.ids = source_ids;
    source.offsets = source_offsets;
    source.grain_rows = source_rows;
    fed.ids = fed_ids;
    learn(t, &source, &fed, only_last, 1.0f, &result);
    for (int r = 0; r < ROWS; r++) {
        ck_assert(r == ROWS - 1 ? result.rows.nll[r] > 0 : result.rows.nll[r] == 0);
        ck_assert(r == ROWS - 1 ? result.rows.loss[r] > 0 : result.rows.loss[r] == 0);
    }
    const parameter *table = tensor(p, "source_embedding.weight");
    const float *gradient = p->gradients + table->gradient[0];
    ck_assert(!all_zero(gradient + 7 * 8, 8));
    ck_assert(all_zero(gradient + 8 * 8, 8)); /* the second sentence's alone */
    const parameter *length = tensor(p, "length.weight");
    ck_assert(all_zero(p->gradients + length->gradient[0], length->count));

    learn(t, &source, &fed, none, 1.0f, &result);
    for (int i = 0; i < p->count; i++)
        for (int use = 0; use < p->list[i].uses; use++)
            ck_assert_msg(all_zero(p->gradients + p->list[i].gradient[use], p->list[i].count),
                          "%s", p->list[i].name);
    transformer_destroy(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model/scored_rows");
    TCase *tests = tcase_create("scored_rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, scored_rows_are_a_batch_of_their_own);
    tcase_add_test(tests, rows_that_are_not_scored_teach_nothing);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
