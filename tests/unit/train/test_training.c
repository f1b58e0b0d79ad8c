/* test_training.c - the keys of training.optimizer and training.schedule reach those who
 * compute with them. */
#include "training.h"

#include "unit_check.h"

static const char text[] = "run: {folder: none}\n"
                           "data: {train: {pairs: none.tsv}, max_length: 20}\n"
                           "model: {width: 32, heads: 4, feed_forward: 64, encoder_layers: 1,\n"
                           "        decoder_layers: 1}\n"
                           "batch: {tokens: 300, grains: 5}\n"
                           "training: {steps: 50}\n";

typedef struct run {
    config config;
    world *world;
    training training;
} run;

static void open_run(run *r, const char *const *overrides, int count)
{
    char name[] = "test", *words[] = {name, NULL}, **argv = words;
    environment environment;
    int argc = 1;

    *r = (run){.world = NULL};
    status opened = config_load_text(&r->config, "test", text, overrides, count);
    ck_assert_msg(opened == STATUS_OK, "%s", error_message());
    ck_assert_int_eq(world_open(&r->world, &argc, &argv), STATUS_OK);
    ck_assert_int_eq(environment_open(r->world, &r->config, &environment), STATUS_OK);
    ck_assert_int_eq(training_open(&r->training, r->world, &r->config, &environment, 60, 60),
                     STATUS_OK);
}

static void close_run(run *r)
{
    training_close(&r->training);
    world_close(r->world);
    config_free(&r->config);
}

/* Its name, and its settings. */
static optimizer_settings opened(const char *name, const char *const *overrides, int count)
{
    run r;

    open_run(&r, overrides, count);
    ck_assert_str_eq(r.training.optimizer.rule->name, name);
    optimizer_settings settings = r.training.optimizer.settings;
    close_run(&r);
    return settings;
}

START_TEST(test_optimizers)
{
    optimizer_settings s =
        opened("adamw",
               (const char *[]){"validation.every=0", "training.optimizer.name=adamw",
                                "training.optimizer.beta1=0.1", "training.optimizer.beta2=0.2",
                                "training.optimizer.epsilon=0.3",
                                "training.optimizer.weight_decay=0.4"},
               6);

    ck_assert(s.beta1 == 0.1 && s.beta2 == 0.2 && s.epsilon == 0.3 && s.weight_decay == 0.4);
    s = opened("rmsprop",
               (const char *[]){"validation.every=0", "training.optimizer.name=rmsprop",
                                "training.optimizer.alpha=0.5"},
               3);
    ck_assert(s.alpha == 0.5 && s.epsilon == 1e-9);
    s = opened("sgd",
               (const char *[]){"validation.every=0", "training.optimizer.name=sgd",
                                "training.optimizer.momentum=0.6",
                                "training.optimizer.nesterov=true"},
               4);
    ck_assert(s.momentum == 0.6 && s.nesterov);
    ck_assert_int_eq(opened("adam", (const char *[]){"validation.every=0"}, 1).nesterov, false);
}
END_TEST

/* The rate of the step after `step`, of which `cuts` were made before. */
static double rate_after(run *r, int64_t step, int64_t cuts)
{
    r->training.step = step;
    r->training.plateau.cuts = cuts;
    return training_rate(&r->training);
}

START_TEST(test_schedules)
{
    run r;

    open_run(&r,
             (const char *[]){"validation.every=0", "training.schedule.name=linear",
                              "training.schedule.peak=0.5", "training.schedule.floor=0.25",
                              "training.schedule.warmup=10"},
             5);
    ck_assert_double_eq(rate_after(&r, 4, 0), 0.25);
    ck_assert_double_eq(rate_after(&r, 9, 0), 0.5);
    ck_assert_double_eq(rate_after(&r, 29, 0), 0.375); /* until is training.steps */
    close_run(&r);
    open_run(&r,
             (const char *[]){"validation.every=0", "training.schedule.name=steps",
                              "training.schedule.peak=0.5", "training.schedule.decay=0.25",
                              "training.schedule.every=7", "training.schedule.warmup=0"},
             6);
    ck_assert_double_eq(rate_after(&r, 5, 0), 0.5);
    ck_assert_double_eq(rate_after(&r, 6, 0), 0.125);
    close_run(&r);
}
END_TEST

START_TEST(test_cuts)
{
    run r;

    open_run(&r,
             (const char *[]){"data.valid.pairs=none.tsv", "training.schedule.name=plateau",
                              "training.schedule.peak=0.5", "training.schedule.decay=0.25",
                              "training.schedule.warmup=0"},
             5);
    ck_assert_double_eq(rate_after(&r, 1000, 0), 0.5);
    ck_assert_double_eq(rate_after(&r, 1000, 2), 0.03125);
    close_run(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("training");
    TCase *tcase = tcase_create("core");

    tcase_add_test(tcase, test_optimizers);
    tcase_add_test(tcase, test_schedules);
    tcase_add_test(tcase, test_cuts);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}
