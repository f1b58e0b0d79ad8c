/* test_overlap.c - parameters that are on their way while the next step begins end in the same
 * bits as those that are waited for, early or late; a refused step leaves nothing behind. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "averaging.h"
#include "lockstep/base/memory.h"
#include "lockstep/infer/share.h"
#include "lockstep/store/store.h"
#include "mpi_check.h"
#include "synthetic.h"
#include "traffic.h"

enum { VOCABULARY = 60, LENGTH = 10, PAIRS = 3000, STEPS = 4, WORDS = 8 };

/* Many buckets, so that most of them leave while the next step reads others. */
static const char text[] =
    "run: {folder: none}\n"
    "data: {train: {pairs: none.tsv}, max_length: 20}\n"
    "model: {width: 64, heads: 4, feed_forward: 128, encoder_layers: 2, dropout: 0.1}\n"
    "batch: {tokens: 300, grains: 5}\n"
    "training: {schedule: {name: constant, peak: 0.003}}\n"
    "validation: {every: 0}\n"
    "distributed: {bucket_bytes: 20000}\n";

static const char *const models[][WORDS] = {
    {"model.tie=target", "training.average_decay=0.9"},
    {"model.tie=all", "data.vocabulary=joint", "run.threads=2"},
    {"model.tie=all", "data.vocabulary=joint", "distributed.gradients=bfloat16"},
    {"model.tie=none", "model.norm_position=pre", "model.positions=learned",
     "decode.max_length=20", "batch.accumulate=2"},
    {"model.encoder_norm=batch", "model.decoder_norm=batch"},
    {"training.scheduled_sampling.schedule=constant", "training.scheduled_sampling.value=0.5",
     "training.scheduled_sampling.passes=2", "training.teacher_noise.swap=0.2"},
    {"model.decoder=parallel"},
    {"model.task=label"},
    {"model.task=tag"}};
enum { MODELS = sizeof(models) / sizeof(models[0]) };

typedef struct run {
    config config;
    synthetic sentences;
    loader *loader;
    training training;
} run;

static void open_run(run *r, int model)
{
    environment e;
    int count = 0;

    while (count < WORDS && models[model][count] != NULL)
        count++;
    *r = (run){.sentences = {.seed = 1, .vocabulary = VOCABULARY, .length = LENGTH}};
    status opened = config_load_text(&r->config, "test", text, models[model], count);
    ck_assert_msg(opened == STATUS_OK, "%s", error_message());
    r->sentences.output = task_of(&r->config)->output;
    ck_assert_all(environment_open(test_world, &r->config, &e) == STATUS_OK);
    ck_assert_all(training_open(&r->training, test_world, &r->config, &e, VOCABULARY,
                                VOCABULARY) == STATUS_OK);
    pair_source source = synthetic_source(&r->sentences, PAIRS);
    loader_settings settings = share_settings(&r->config, test_world);
    settings.shuffle = true;
    ck_assert_all(loader_create_from(&r->loader, &source, &settings) == STATUS_OK);
}

static void close_run(run *r)
{
    training_close(&r->training);
    loader_destroy(r->loader);
    config_free(&r->config);
}

typedef enum manner {
    WAITED,  /* every step begins with all parameters everywhere */
    LATE,    /* they may arrive while it goes on, and the last rank takes its time */
    SWAPPED, /* the same, and the moving average is looked at between steps */
    MANNERS
} manner;

static void dawdle(void)
{
    if (world_rank(test_world) == world_size(test_world) - 1)
        nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
}

static void between_steps(training *t, manner how)
{
    if (how == WAITED)
        training_settle(t);
    if (how == LATE)
        dawdle();
    if (how == SWAPPED) {
        averaging_swap(t);
        ck_assert_all(world_differs(test_world, transformer_parameters(t->model)->values,
                                    transformer_parameters(t->model)->floats * sizeof(float)) <
                      0);
        averaging_swap(t);
    }
}

/* The same on all ranks. */
static uint64_t values_after(int model, manner how)
{
    run r;
    step_result step;

    open_run(&r, model);
    const parameters *p = transformer_parameters(r.training.model);
    for (int i = 0; i < STEPS; i++) {
        ck_assert_all(training_step(&r.training, r.loader, &step) == STATUS_OK);
        between_steps(&r.training, how);
    }
    training_settle(&r.training);
    ck_assert_all(world_differs(test_world, p->values, p->floats * sizeof(float)) < 0);
    uint64_t hash = store_hash(p->values, p->floats * sizeof(float));
    close_run(&r);
    return hash;
}

START_TEST(when_parameters_arrive_changes_nothing)
{
    uint64_t expected = values_after(_i, WAITED);

    for (manner how = LATE; how < MANNERS; how++)
        ck_assert_all(values_after(_i, how) == expected);
}
END_TEST

START_TEST(a_run_may_end_with_parameters_on_their_way)
{
    run r;
    step_result step;

    for (int i = 0; i < 3; i++) {
        open_run(&r, 1);
        ck_assert_all(training_step(&r.training, r.loader, &step) == STATUS_OK);
        close_run(&r);
    }
}
END_TEST

START_TEST(a_gradient_that_is_not_finite_changes_nothing)
{
    run r;
    step_result step;

    open_run(&r, 0);
    ck_assert_all(training_step(&r.training, r.loader, &step) == STATUS_OK);
    training_settle(&r.training);
    parameters *p = transformer_parameters(r.training.model);
    size_t bytes = p->floats * sizeof(float);
    float *before = memory_create(1, bytes);
    if (world_rank(test_world) == world_size(test_world) - 1)
        for (int i = 0; i < VOCABULARY; i++) /* whatever symbols the batch has */
            p->values[p->list[0].first + (size_t)(i * p->list[0].cols)] = NAN;
    memcpy(before, p->values, bytes);
    ck_assert_all(training_step(&r.training, r.loader, &step) == STATUS_NUMBER);
    training_settle(&r.training);
    ck_assert_all(memcmp(before, p->values, bytes) == 0);
    memory_destroy(before);
    close_run(&r);
}
END_TEST

START_TEST(what_travelled_is_counted)
{
    run r;
    step_result step;
    bool alone = world_size(test_world) == 1;

    open_run(&r, 0);
    const double all = 4.0 * (double)transformer_parameters(r.training.model)->floats;
    for (int i = 0; i < STEPS; i++)
        ck_assert_all(training_step(&r.training, r.loader, &step) == STATUS_OK);
    training_settle(&r.training);
    exchange_traffic t = traffic_since(&r.training, (exchange_traffic){.bytes = 0.0});
    ck_assert_all(t.waited <= t.in_flight && alone == (t.in_flight == 0.0));
    /* Of each step at least half of all gradients leaves some rank, and half of all values. */
    ck_assert_all(alone ? t.messages == 0 : t.bytes > 0.5 * STEPS * all);
    ck_assert_all(traffic_hidden(&t) >= 0.0 && traffic_hidden(&t) <= 1.0);
    exchange_traffic none = traffic_since(&r.training, t);
    ck_assert_all(none.bytes == 0.0 && none.in_flight == 0.0);
    close_run(&r);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("overlap");
    TCase *tests = tcase_create("overlap");

    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, when_parameters_arrive_changes_nothing, 0, MODELS);
    tcase_add_test(tests, a_run_may_end_with_parameters_on_their_way);
    tcase_add_test(tests, a_gradient_that_is_not_finite_changes_nothing);
    tcase_add_test(tests, what_travelled_is_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
