/* test_parameter_hooks.c - a pass says in time which values it is about to read, and not too
 * early which gradients are final. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "recorded_sums.h"
#include "unit_check.h"

enum { SENTENCES = 6, ROWS = 27, SYMBOLS = 12, GRAINS = 3, CASES = 14, MELS = 4 };

static const int32_t source_offsets[SENTENCES + 1] = {0, 4, 5, 11, 13, 20, 27};
static const int32_t target_offsets[SENTENCES + 1] = {0, 6, 9, 10, 18, 19, 24};
static const int32_t label_offsets[SENTENCES + 1] = {0, 1, 2, 3, 4, 5, 6};
static const int32_t grain_sequences[GRAINS + 1] = {0, 2, 2, 6};

static config options;
static arena memory;
static transformer *model;
static parameters *p;
static recorded_sums sums; /* where norms are over the batch */

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
    options.model.tie = (int[]){TIE_NONE, TIE_TARGET, TIE_ALL, TIE_TARGET, 0}[number / 2 % 5];
    if (number == 13)
        options.data.source = (config_side){.kind = INPUT_AUDIO, .mels = MELS, .stack = 2};
    if (number == 11 || number == 12)
        options.model.encoder_norm = options.model.decoder_norm = NORM_BATCH;
    if (number == 10)
        options.model.copy = 1;
    else if (number >= 8 && number < 10)
        options.model.task = number == 8 ? TASK_LABEL : TASK_TAG;
    else if (number >= 6 && number < 8) { /* with a classifier of lengths; ids are its truth */
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
    recorded_sums_init(&sums, GRAINS);
}

static void teardown(void)
{
    transformer_destroy(model);
    arena_free(&memory);
    recorded_sums_free(&sums);
}

static const int32_t *truth_offsets(void)
{
    if (options.model.task == TASK_GENERATE)
        return target_offsets;
    return options.model.task == TASK_LABEL ? label_offsets : source_offsets;
}

/* In place of symbols, where the model does. */
static void hear(packed *source)
{
    static float frames[ROWS * 2 * MELS];

    if (options.data.source.kind != INPUT_AUDIO)
        return;
    for (int i = 0; i < ROWS * 2 * MELS; i++)
        frames[i] = (float)(i * 11 % 17) / 17.0f;
    source->ids = NULL;
    source->frames = frames;
    source->frame_width = 2 * MELS;
}

static void learn(const parameter_hooks *hooks, int threads)
{
    int symbols = transformer_symbols(model);
    int32_t ids[ROWS], gold[ROWS];
    for (int i = 0; i < ROWS; i++) {
        ids[i] = (int32_t)(i * 5 % SYMBOLS);
        gold[i] = (int32_t)(i * 7 % symbols);
    }
    packed_run source = packed_run_create(ids, source_offsets, grain_sequences, 0, GRAINS);
    hear(&source.packed);
    packed_run target = packed_run_create(ids, truth_offsets(), grain_sequences, 0, GRAINS);
    head_result result;
    tree_run tree;

    ck_assert_int_eq(tree_run_init(&tree, 0, GRAINS, GRAINS), STATUS_OK);
    pass pass = {.arena = &memory, .tree = &tree, .threads = threads, .parameters = hooks};
    if (p->buffers != NULL)
        pass.batch = recorded_sums_begin(&sums, 0, GRAINS);
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
    bool *gone;        /* [count][PARAMETER_USES]: a use that was announced alone */
    int alone;         /* how many were */
    int moves;
} elsewhere;

static void deliver(void *user, int last)
{
    elsewhere *e = user;

    ck_assert_int_ge(last, e->needed);
    ck_assert_int_lt(last, p->count);
    ck_assert_int_eq(e->ready, p->count);
    for (int i = e->needed + 1; i <= last; i++)
        memcpy(p->values + p->list[i].first, e->values + p->list[i].first,
               p->list[i].count * sizeof(float));
    e->needed = last;
}

static void take_one(elsewhere *e, int index, int use)
{
    size_t at = p->list[index].gradient[use];

    memcpy(e->left + at, p->gradients + at, p->list[index].count * sizeof(float));
}

static void take(void *user, int first)
{
    elsewhere *e = user;

    ck_assert_int_eq(e->needed, p->count - 1);
    ck_assert_int_le(first, e->ready);
    e->announced += first < e->ready;
    for (int i = first; i < e->ready; i++)
        for (int use = 0; use < p->list[i].uses; use++)
            if (!e->gone[i * PARAMETER_USES + use])
                take_one(e, i, use);
    e->ready = first;
}

static void take_use(void *user, int index, int use)
{
    elsewhere *e = user;
    bool *gone = &e->gone[index * PARAMETER_USES + use];

    ck_assert_int_lt(index, e->ready);
    ck_assert_int_lt(use, p->list[index].uses);
    ck_assert(!*gone);
    if (p->list[index].uses > 1 &&
        use == p->list[index].uses - 1) /* the output layer's, long before the embeddings' */
        ck_assert_int_gt(e->ready, parameters_find(p, "decoder.layers.1.norm3.bias"));
    *gone = true;
    e->alone += p->list[index].uses > 1;
    take_one(e, index, use);
}

static void move(void *user)
{
    elsewhere *e = user;

    ck_assert_int_eq(omp_get_thread_num(), 0);
    e->moves++;
}

static int tied_uses(void)
{
    int uses = 0;

    for (int i = 0; i < p->count; i++)
        uses += p->list[i].uses > 1 ? p->list[i].uses : 0;
    return uses;
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
    setup(_i / 2);
    learn(NULL, 1);
    float *expected = copy(p->gradients, p->gradient_floats);
    elsewhere e = {.values = copy(p->values, p->floats),
                   .left = memory_create(p->gradient_floats, sizeof(float)),
                   .gone = memory_create((size_t)p->count * PARAMETER_USES, sizeof(bool)),
                   .needed = -1,
                   .ready = p->count};
    const parameter_hooks hooks = {
        .ready = take, .ready_use = take_use, .need = deliver, .move = move, .user = &e};

    for (size_t i = 0; i < p->floats; i++)
        p->values[i] = NAN;
    learn(&hooks, 1 + _i % 2);
    ck_assert_int_eq(e.needed, p->count - 1);
    ck_assert_int_eq(e.ready, 0);
    /* Both parts of each layer, the output, the embeddings. */
    ck_assert_int_ge(e.announced, options.model.task == TASK_GENERATE ? 4 + 4 + 2 : 4 + 1 + 1);
    ck_assert_int_eq(e.alone, tied_uses());
    /* At least once in each of the layers' two or three blocks, forward and backward. */
    ck_assert_int_ge(e.moves, 2 * (options.model.task == TASK_GENERATE ? 2 * 2 + 2 * 3 : 4));
    ck_assert_mem_eq(e.left, expected, p->gradient_floats * sizeof(float));
    memory_destroy(expected);
    memory_destroy(e.gone);
    memory_destroy(e.values);
    memory_destroy(e.left);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parameter_hooks");
    TCase *cases = tcase_create("pass");

    tcase_add_loop_test(cases, values_may_come_late_and_gradients_leave_early, 0, 2 * CASES);
    suite_add_tcase(suite, cases);
    return unit_check(suite);
}
