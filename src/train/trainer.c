/* trainer.c - a whole training run. */
#include "lockstep/train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/trace.h"
#include "lockstep/infer/evaluation.h"
#include "lockstep/infer/validation.h"
#include "lockstep/train/averaging.h"
#include "lockstep/train/fresh_dataset.h"
#include "lockstep/train/report.h"
#include "lockstep/train/saving.h"

typedef struct trainer {
    world *world;
    const config *config;
    dataset *dataset;
    loader *train, *valid; /* valid: NULL without validation */
    training training;
    evaluation *evaluation; /* of the model's own output, or NULL when nobody asks for it */
    const metric *metric;   /* of that output, or NULL */
    report report;
    saving saving;
} trainer;

/* ---- opening ---- */

static bool is_first(const trainer *t)
{
    return world_rank(t->world) == 0;
}

static status save_config(const config *c)
{
    char path[FILE_PATH_MAX], *text;

    TRY(file_join(path, c->run.folder, "config.yaml"));
    TRY(config_print(c, &text));
    status saved = file_save(path, text, strlen(text));
    memory_destroy(text);
    return saved;
}

/* Rank 0 alone. */
static status open_folder(trainer *t, bool trace)
{
    const config *c = t->config;
    char path[FILE_PATH_MAX];

    TRY(file_make_folder(c->run.folder));
    TRY(saving_lock(&t->saving, c));
    TRY(file_join(path, c->run.folder, "train.log"));
    TRY(log_copy_to(path));
    if (!trace)
        return STATUS_OK;
    TRY(file_join(path, c->run.folder, "trace.json"));
    return trace_open(path, 0);
}

static status open_loaders(trainer *t)
{
    loader_settings settings =
        loader_settings_from(t->config, world_rank(t->world), world_size(t->world));

    settings.shuffle = true;
    TRY(loader_create(&t->train, t->dataset, SPLIT_TRAIN, &settings));
    settings.shuffle = false;
    if (t->config->validation.every == 0)
        return STATUS_OK;
    return loader_create(&t->valid, t->dataset, SPLIT_VALID, &settings);
}

static status open_evaluation(trainer *t)
{
    const config *c = t->config;
    bool of_text =
        c->validation.metric != METRIC_LOSS && c->validation.metric != METRIC_ACCURACY;

    if (c->validation.every == 0 || (!of_text && !c->validation.free_running))
        return STATUS_OK;
    if (of_text) {
        t->metric = metric_find(config_word("validation.metric", c->validation.metric));
        CHECK(t->metric != NULL);
    }
    return evaluation_create(&t->evaluation, t->world, t->dataset, SPLIT_VALID, c);
}

/* One paragraph: what is trained, on what, and where it begins. */
static void describe(trainer *t)
{
    const config *c = t->config;
    int ranks = world_size(t->world), hosts = world_hosts(t->world);
    double parameters = (double)parameters_total(transformer_parameters(t->training.model));

    log_line("model: %.2f million parameters, %d+%d layers of width %d, vocabularies %d and %d",
             parameters * 1e-6, c->model.encoder_layers, c->model.decoder_layers,
             c->model.width, vocabulary_size(dataset_source_vocabulary(t->dataset)),
             vocabulary_size(dataset_target_vocabulary(t->dataset)));
    log_line("on: %d rank%s x %d thread%s, %d host%s; OpenBLAS %s, kernels %s", ranks,
             ranks == 1 ? "" : "s", c->run.threads, c->run.threads == 1 ? "" : "s", hosts,
             hosts == 1 ? "" : "s", t->training.environment.blas,
             t->training.environment.kernels);
    log_line("data: %lld pairs; batches of %d tokens in %d grains%s",
             (long long)loader_pairs(t->train), c->batch.tokens, c->batch.grains,
             c->batch.accumulate > 1 ? ", accumulated" : "");
    if (c->training.average_decay > 0.0)
        log_line("validated: the moving average of the parameters, decay %g",
                 c->training.average_decay);
    if (t->training.step > 0)
        log_line("resumed: step %lld of %lld, epoch %lld", (long long)t->training.step,
                 (long long)c->training.steps, (long long)loader_tell(t->train).epoch);
    else
        log_line("begins at step 0 of %lld, seed %lld", (long long)c->training.steps,
                 (long long)c->run.seed);
}

static status open_all(trainer *t, bool trace)
{
    environment environment;

    TRY(environment_open(t->world, &environment));
    TRY(world_agree(t->world, is_first(t) ? open_folder(t, trace) : STATUS_OK));
    TRY(fresh_dataset_open(&t->dataset, t->world, t->config));
    TRY(training_open(&t->training, t->world, t->config, &environment,
                      vocabulary_size(dataset_source_vocabulary(t->dataset)),
                      vocabulary_size(dataset_target_vocabulary(t->dataset))));
    TRY(world_agree(t->world, open_loaders(t)));
    TRY(open_evaluation(t));
    TRY(saving_resume(&t->saving, &t->training, t->dataset, t->train));
    TRY(world_agree(t->world, is_first(t) ? save_config(t->config) : STATUS_OK));
    TRY(world_agree(t->world,
                    report_open(&t->report, t->config, t->training.step, is_first(t))));
    describe(t);
    world_set_stall(t->world, t->config->distributed.stall_seconds);
    return STATUS_OK;
}

static void close_all(trainer *t)
{
    evaluation_destroy(t->evaluation);
    report_close(&t->report);
    saving_close(&t->saving);
    training_close(&t->training);
    loader_destroy(t->train);
    loader_destroy(t->valid);
    dataset_close(t->dataset);
}

/* ---- validation ---- */

static double measured(const trainer *t, const validation_result *v)
{
    if (t->metric != NULL)
        return v->score;
    return t->config->validation.metric == METRIC_ACCURACY ? v->losses.accuracy : v->losses.nll;
}

static bool higher_is_better(const trainer *t)
{
    return t->metric != NULL ? t->metric->higher_is_better
                             : t->config->validation.metric == METRIC_ACCURACY;
}

static void judge_plateau(trainer *t, bool better)
{
    training *training = &t->training;
    const config *c = t->config;
    int patience = c->training.schedule.patience;
    double before = training_rate(training);

    if (c->training.schedule.name == SCHEDULE_PLATEAU &&
        plateau_add(&training->plateau, better, patience) &&
        before > c->training.schedule.floor)
        log_line("step %lld  learning rate cut, now %.3g: %d validation%s without a better one",
                 (long long)training->step, training_rate(training), patience,
                 patience == 1 ? "" : "s");
}

/* [collective] */
static status measure(trainer *t, validation_result *v)
{
    training *training = &t->training;

    TRY(validation_losses(t->world, t->valid, t->config, training->model, &training->arena,
                          &v->losses));
    if (t->evaluation == NULL)
        return STATUS_OK;
    return evaluation_run(t->evaluation, training->model, &training->arena, &t->metric,
                          t->metric != NULL, &v->score, v->decoded ? &v->free_running : NULL);
}

/* [collective] Validate and judge. STATUS_STOPPED leaves it to be done again. */
static status validate(trainer *t)
{
    validation_result v = {.metric = t->metric, .decoded = t->config->validation.free_running};
    training *training = &t->training;
    checkpoint_progress *progress = &t->saving.progress;

    averaging_swap(training);
    status done = measure(t, &v);
    averaging_swap(training);
    TRY(done);
    double value = measured(t, &v);
    progress->ranking.higher = higher_is_better(t);
    v.best = isnan(progress->best_metric) ||
             ranking_prefers(&progress->ranking, value, progress->best_metric);
    ranking_add(&progress->ranking, training->step, value);
    progress->validated_step = training->step;
    progress->validated_metric = value;
    progress->without_better = v.best ? 0 : progress->without_better + 1;
    if (v.best) {
        progress->best_metric = value;
        progress->best_step = training->step;
    }
    status reported = world_agree(
        t->world, report_validation(&t->report, training, loader_tell(t->train).epoch, &v));
    judge_plateau(t, v.best);
    return reported;
}

/* ---- the loop ---- */

static bool is_due(int64_t step, int64_t every)
{
    return every > 0 && step > 0 && step % every == 0;
}

static bool is_finished(const trainer *t)
{
    const config *c = t->config;
    int64_t patience = c->validation.every > 0 ? c->validation.patience : 0;

    return t->training.step >= c->training.steps ||
           (patience > 0 && t->saving.progress.without_better >= patience);
}

static bool is_to_keep(const trainer *t, int64_t step)
{
    const checkpoint_progress *progress = &t->saving.progress;

    return progress->best_step == step ||
           ranking_has(&progress->ranking, step, t->config->checkpoint.keep_best);
}

/* What is due after a step that ended, or after resuming at one. */
static status after_step(trainer *t, bool *stopping)
{
    const config *c = t->config;
    int64_t step = t->training.step;
    bool validated = false;

    if (is_due(step, c->validation.every) && t->saving.progress.validated_step < step) {
        status done = validate(t);
        if (done == STATUS_STOPPED)
            *stopping = true;
        else
            TRY(done);
        validated = done == STATUS_OK;
    }
    bool best = validated && is_to_keep(t, step);
    /* What was saved before its validation is saved again, so that it knows its score. */
    if ((validated || step > t->saving.saved_step) &&
        (best || *stopping || is_due(step, c->checkpoint.every) || is_finished(t)))
        TRY(saving_save(&t->saving, &t->training, t->dataset, t->train));
    if (validated || step == t->saving.saved_step)
        report_begin(&t->report, &t->training);
    return STATUS_OK;
}

static status one_step(trainer *t)
{
    step_result step;
    int64_t epoch = loader_tell(t->train).epoch;

    TRY(training_step(&t->training, t->train, &step));
    report_step(&t->report, &t->training, epoch, &step);
    if (!is_due(t->training.step, t->config->training.report_every) && !is_finished(t))
        return STATUS_OK;
    return world_agree(t->world, report_add(&t->report, &t->training, epoch, &step));
}

static status run_steps(trainer *t)
{
    bool stopping = false;

    report_begin(&t->report, &t->training);
    TRY(after_step(t, &stopping));
    while (!stopping && !is_finished(t)) {
        TRY(one_step(t));
        stopping = world_max(t->world, stop_signal()) != 0;
        TRY(after_step(t, &stopping));
    }
    if (stopping)
        log_line(
            "stopped by a signal at step %lld; the state is saved, the same command goes on",
            (long long)t->training.step);
    else if (t->training.step < t->config->training.steps)
        log_line("stopped early at step %lld: %d validations without a better one (best: %lld)",
                 (long long)t->training.step, t->config->validation.patience,
                 (long long)t->saving.progress.best_step);
    else
        log_line("done: %lld steps", (long long)t->training.step);
    return stopping ? STATUS_STOPPED : STATUS_OK;
}

status trainer_run(world *world, const config *c, bool trace)
{
    trainer t = {.world = world, .config = c};

    stop_open();
    status done = open_all(&t, trace);
    if (done == STATUS_OK)
        done = run_steps(&t);
    close_all(&t);
    status traced = trace_close();
    return done == STATUS_OK ? world_agree(world, traced) : done;
}
