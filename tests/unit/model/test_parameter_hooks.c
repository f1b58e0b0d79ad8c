/* test_parameter_hooks.c - a pass says in time which values it is about to read, and not too
 * early which gradients are final. */
#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "unit_check.h"

enum { SENTENCES = 6, ROWS = 27, SYMBOLS = 12, GRAINS = 3, CASES = 10 };

static const int32_t source_offsets[SENTENCES + 1] = {0, 4, 5, 11, 13, 20, 27};
static const int32_t target_offsets[SENTENCES + 1] = {0, 6, 9, 10, 18, 19, 24};
static const int32_t label_offsets[SENTENCES + 1] = {0, 1, 2, 3, 4, 5, 6};
static const int32_t grain_sequences[GRAINS + 1] = {0, 2, 2, 6};

static config options;
static arena memory;
static transformer *model;
static parameters *p;

static void setup(int number)
{
    memset(&options, 0, sizeof(options));
    options.model.width = 8;
    options.model.heads = 2;
    options.model.feed_forward = 12;
    options.model.encoder_layers = 2;
    options.model.decoder_layers = 2;
    options.model.norm_position = number % 2 ? NORM_PRE : NORM_POST;
    options.model.positions =
        number % 3 == 0 || number == 4 ? POSITIONS_SINUSOIDAL : POSITIONS_LEARNED;
    options.model.tie = (int[]){TIE_NONE, TIE_TARGET, TIE_ALL, TIE_TARGET, 0}[number / 2];
    if (number >= 8)
        options.model.task = number == 8 ? TASK_LABEL : TASK_TAG;
    else if (number >= 6) { /* with a classifier of lengths; ids are its truth */
        options.model.decoder = DECODER_PARALLEL;
        options.training.length_loss = 0.5;
    }
    options.data.max_length = options.decode.max_length = 10;
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)16 << 20), STATUS_OK);
    ck_assert_int_eq(transformer_create(&model, &options, SYMBOLS, SYMBOLS, 1), STATUS_OK);
    p = transformer_parameters(model);
    parameters_initialize(p, 5);
}

static void teardown(void)
{
    transformer_destroy(model);
    arena_free(&memory);
}

static const int32_t *truth_offsets(void)
{
    if (options.model.task == TASK_GENERATE)
        return target_offsets;
    return options.model.task == TASK_LABEL ? label_offsets : source_offsets;
}

static void learn(const parameter_hooks *hooks)
{
    int symbols = transformer_symbols(model);
    int32_t ids[ROWS], gold[ROWS];
    for (int i = 0; i < ROWS; i++) {
        ids[i] = (int32_t)(i * 5 % SYMBOLS);
        gold[i] = (int32_t)(i * 7 % symbols);
    }
    packed_run source = packed_run_create(ids, source_offsets, grain_sequences, 0, GRAINS);
    packed_run target = packed_run_create(ids, truth_offsets(), grain_sequences, 0, GRAINS);
    head_result result;
    tree_run tree;

    ck_assert_int_eq(tree_run_init(&tree, 0, GRAINS, GRAINS), STATUS_OK);
    pass pass = {.arena = &memory, .tree = &tree, .threads = 1, .parameters = hooks};
    body_memory encoded = transformer_encode(model, &pass, &source.packed);
    transformer_learn(model, &pass, &encoded, &target.packed, gold, (loss_scale){1.0f, 2.0f},
                      &result);
    arena_release(&memory, 0);
    tree_run_free(&tree);
    packed_run_free(&source);
    packed_run_free(&target);
}

/* The parameters reach this rank only when they are asked for, and gradients leave it as soon
 * as they are announced. */
typedef struct elsewhere {
    float *values;     /* [floats] what the parameters are */
    float *left;       /* [gradient_floats] as they were when announced */
    int needed, ready; /* the last of each call */
    int announced;     /* calls that said something new */
} elsewhere;

static void deliver(void *user, int last)
{
    elsewhere *e = user;

    ck_assert_int_ge(last, e->needed);
    ck_assert_int_lt(last, p->count);
    for (int i = e->needed + 1; i <= last; i++)
        memcpy(p->values + p->list[i].first, e->values + p->list[i].first,
               p->list[i].count * sizeof(float));
    e->needed = last;
}

static void take(void *user, int first)
{
    elsewhere *e = user;

    ck_assert_int_le(first, e->ready);
    e->announced += first < e->ready;
    for (int i = first; i < e->ready; i++)
        for (int use = 0; use < p->list[i].uses; use++)
            memcpy(e->left + p->list[i].gradient[use], p->gradients + p->list[i].gradient[use],
                   p->list[i].count * sizeof(float));
    e->ready = first;
}

static float *copy(const float *from, size_t count)
{
    float *to = memory_create(count, sizeof(*to));

    ck_assert_ptr_nonnull(to);
    memcpy(to, from, count * sizeof(*to));
    return to;
}

START_TEST(values_may_come_late_and_gradients_leave_early)
{
    setup(_i);
    learn(NULL);
    float *expected = copy(p->gradients, p->gradient_floats);
    elsewhere e = {.values = copy(p->values, p->floats),
                   .left = memory_create(p->gradient_floats, sizeof(float)),
                   .needed = -1,
                   .ready = p->count};
    const parameter_hooks hooks = {.ready = take, .need = deliver, .user = &e};

    for (size_t i = 0; i < p->floats; i++)
        p->values[i] = NAN;
    learn(&hooks);
    ck_assert_int_eq(e.needed, p->count - 1);
    ck_assert_int_eq(e.ready, 0);
    /* Each layer, the output, the embeddings. */
    ck_assert_int_ge(e.announced, options.model.task == TASK_GENERATE ? 2 + 2 + 2 : 2 + 1 + 1);
    ck_assert_mem_eq(e.left, expected, p->gradient_floats * sizeof(float));
    memory_destroy(expected);
    memory_destroy(e.values);
    memory_destroy(e.left);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parameter_hooks");
    TCase *cases = tcase_create("pass");

    tcase_add_loop_test(cases, values_may_come_late_and_gradients_leave_early, 0, CASES);
    suite_add_tcase(suite, cases);
    return unit_check(suite);
}
