/* test_step.c - a training step on one rank: it learns, allocates nothing, and stops before
 * a gradient that is not finite. */
#include "training.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "averaging.h"
#include "lockstep/base/memory.h"
#include "lockstep/infer/share.h"
#include "synthetic.h"
#include "unit_check.h"

enum { VOCABULARY = 60, LENGTH = 10, PAIRS = 3000 };

static const char text[] = "run: {folder: none}\n"
                           "data: {train: {pairs: none.tsv}, max_length: 20}\n"
                           "model: {width: 32, heads: 4, feed_forward: 64, encoder_layers: 1,\n"
                           "        decoder_layers: 1, dropout: 0.1}\n"
                           "batch: {tokens: 300, grains: 5}\n"
                           "training: {schedule: {name: constant, peak: 0.003}}\n"
                           "validation: {every: 0}\n";

/* A run of one rank on random sentences. */
typedef struct run {
    config config;
    world *world;
    environment environment;
    synthetic sentences;
    loader *loader;
    training training;
} run;

static void open_run(run *r, const char *const *overrides, int count)
{
    char name[] = "test", *words[] = {name, NULL}, **argv = words;
    int argc = 1;

    *r = (run){.sentences = {.seed = 1, .vocabulary = VOCABULARY, .length = LENGTH}};
    status opened = config_load_text(&r->config, "test", text, overrides, count);
    ck_assert_msg(opened == STATUS_OK, "%s", error_message());
    ck_assert_int_eq(world_open(&r->world, &argc, &argv), STATUS_OK);
    ck_assert_int_eq(environment_open(r->world, &r->config, &r->environment), STATUS_OK);
    ck_assert_int_eq(training_open(&r->training, r->world, &r->config, &r->environment,
                                   VOCABULARY, VOCABULARY),
                     STATUS_OK);
    pair_source source = synthetic_source(&r->sentences, PAIRS);
    loader_settings settings = share_settings(&r->config, r->world);
    settings.shuffle = true;
    ck_assert_int_eq(loader_create_from(&r->loader, &source, &settings), STATUS_OK);
}

static void close_run(run *r)
{
    training_close(&r->training);
    loader_destroy(r->loader);
    world_close(r->world);
    config_free(&r->config);
}

static step_result take_step(run *r)
{
    step_result step;
    int64_t before = r->training.step;

    ck_assert_int_eq(training_step(&r->training, r->loader, &step), STATUS_OK);
    ck_assert_int_eq(r->training.step, before + 1);
    return step;
}

/* Once the thread that reads the next window has made its room. */
static size_t allocations_at_rest(void)
{
    enum { CALM = 20 };
    const struct timespec moment = {.tv_nsec = 5000000};
    size_t count = memory_allocations();

    for (int calm = 0; calm < CALM; calm++) {
        nanosleep(&moment, NULL);
        if (memory_allocations() != count)
            calm = 0;
        count = memory_allocations();
    }
    return count;
}

static void check_allocates_nothing(const char *const *overrides, int count)
{
    run r;

    open_run(&r, overrides, count);
    take_step(&r); /* opens the first window, and has the next one read */
    size_t before = allocations_at_rest();
    for (int i = 0; i < 5; i++)
        take_step(&r);
    ck_assert_uint_eq(memory_allocations(), before);
    ck_assert_uint_eq(r.training.arena.used, 0);
    close_run(&r);
}

START_TEST(test_allocates_nothing)
{
    check_allocates_nothing(NULL, 0);
    check_allocates_nothing((const char *[]){"batch.accumulate=3"}, 1);
    check_allocates_nothing((const char *[]){"training.average_decay=0.9"}, 1);
    check_allocates_nothing((const char *[]){"model.norm_position=pre", "model.tie=none",
                                             "model.attention_dropout=0.1", "run.threads=2"},
                            4);
    check_allocates_nothing((const char *[]){"training.scheduled_sampling.schedule=constant",
                                             "training.scheduled_sampling.value=0.5",
                                             "training.scheduled_sampling.prediction=sample",
                                             "training.scheduled_sampling.passes=2",
                                             "training.teacher_noise.swap=0.2"},
                            5);
}
END_TEST

START_TEST(test_tells_what_it_did)
{
    run r, s;

    open_run(&r, NULL, 0);
    open_run(&s, (const char *[]){"batch.accumulate=2"}, 1);
    step_result one = take_step(&r), two = take_step(&r), both = take_step(&s);
    ck_assert_double_eq(one.rate, 0.003);
    ck_assert_double_gt(one.norm, 0.0);
    ck_assert_int_gt(one.target_tokens, 200);
    ck_assert_int_le(one.target_tokens, 300);
    ck_assert_int_eq(both.target_tokens, one.target_tokens + two.target_tokens);
    ck_assert_int_eq(both.source_tokens, one.source_tokens + two.source_tokens);
    /* 6 for every token and number of the output layer, and of linear1 and linear2. */
    ck_assert_double_eq(one.flops.output, 6.0 * 32 * VOCABULARY * (double)one.target_tokens);
    ck_assert_double_eq(one.flops.feed_forward,
                        6.0 * 2 * 32 * 64 * (double)(one.source_tokens + one.target_tokens));
    ck_assert_double_gt(one.flops.attention,
                        6.0 * 32 * 32 *
                            (double)(6 * one.source_tokens + 6 * one.target_tokens));
    ck_assert_double_eq_tol(both.flops.attention, one.flops.attention + two.flops.attention,
                            1.0);
    close_run(&r);
    close_run(&s);
}
END_TEST

START_TEST(test_learns)
{
    run r;

    open_run(&r, NULL, 0);
    for (int i = 0; i < 10; i++)
        take_step(&r);
    double first = tally_take(&r.training.tally, r.world).nll;
    for (int i = 0; i < 90; i++)
        take_step(&r);
    tally_take(&r.training.tally, r.world);
    for (int i = 0; i < 10; i++)
        take_step(&r);
    double last = tally_take(&r.training.tally, r.world).nll;
    /* Where a sentence ends can be learned, and that specials do not occur. */
    ck_assert_double_lt(last, first - 0.1);
    ck_assert_double_lt(last, log(VOCABULARY));
    close_run(&r);
}
END_TEST

START_TEST(test_a_gradient_that_is_not_finite_changes_nothing)
{
    run r;
    step_result step;

    open_run(&r, NULL, 0);
    take_step(&r);
    parameters *p = transformer_parameters(r.training.model);
    size_t bytes = p->floats * sizeof(float);
    p->values[p->list[0].first] = NAN;
    for (int i = 0; i < VOCABULARY; i++) /* whatever symbols the batch has */
        p->values[p->list[0].first + (size_t)(i * p->list[0].cols)] = NAN;
    float *before = memory_create(1, bytes);
    memcpy(before, p->values, bytes);
    ck_assert_int_eq(training_step(&r.training, r.loader, &step), STATUS_NUMBER);
    ck_assert_ptr_nonnull(strstr(error_message(), "step 2: the gradient is not finite"));
    ck_assert_int_eq(memcmp(before, p->values, bytes), 0);
    ck_assert_int_eq(r.training.step, 1);
    memory_destroy(before);
    close_run(&r);
}
END_TEST

/* It begins as the parameters do, follows them, and changes places with them. */
START_TEST(test_the_moving_average)
{
    run r, plain;

    open_run(&r, (const char *[]){"training.average_decay=0.9"}, 1);
    open_run(&plain, NULL, 0);
    const parameters *p = transformer_parameters(r.training.model);
    size_t bytes = p->floats * sizeof(float);
    float *raw = memory_create(1, bytes), *average = memory_create(1, bytes);
    ck_assert_uint_eq(r.training.average.count, p->floats);
    ck_assert_mem_eq(r.training.average.values, p->values, bytes);
    for (int i = 0; i < 3; i++) {
        take_step(&r);
        take_step(&plain);
    }
    memcpy(raw, p->values, bytes);
    memcpy(average, r.training.average.values, bytes);
    ck_assert_mem_ne(raw, average, bytes);
    ck_assert_mem_eq(raw, transformer_parameters(plain.training.model)->values, bytes);
    averaging_swap(&r.training);
    ck_assert_mem_eq(p->values, average, bytes);
    averaging_swap(&r.training);
    ck_assert_mem_eq(p->values, raw, bytes);
    ck_assert_mem_eq(r.training.average.values, average, bytes);

    ck_assert_ptr_null(plain.training.average.values);
    averaging_swap(&plain.training);
    ck_assert_mem_eq(raw, transformer_parameters(plain.training.model)->values, bytes);
    memory_destroy(raw);
    memory_destroy(average);
    close_run(&r);
    close_run(&plain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step");
    TCase *tests = tcase_create("step");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_allocates_nothing);
    tcase_add_test(tests, test_tells_what_it_did);
    tcase_add_test(tests, test_learns);
    tcase_add_test(tests, test_a_gradient_that_is_not_finite_changes_nothing);
    tcase_add_test(tests, test_the_moving_average);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
