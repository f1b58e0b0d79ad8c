/* trainer.c - a whole training run: what is due when. */
#include "lockstep/train/trainer.h"

#include "averaging.h"
#include "divergence.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/trace.h"
#include "lockstep/train/gathering.h"
#include "trainer_open.h"

/* ---- what is due ---- */

static bool is_due(int64_t step, int64_t every)
{
    return every > 0 && step > 0 && step % every == 0;
}

static bool is_report_due(const trainer *t)
{
    return is_due(t->training.step, t->config->training.report_every) || trainer_is_finished(t);
}

/* Once a step: a run that resumes at one may have done it. */
static bool is_validation_due(const trainer *t)
{
    return is_due(t->training.step, t->config->validation.every) &&
           t->saving.progress.validated_step < t->training.step;
}

static bool is_to_keep(const trainer *t)
{
    const checkpoint_progress *progress = &t->saving.progress;
    int64_t step = t->training.step;

    return progress->best_step == step ||
           ranking_has(&progress->ranking, step, t->config->checkpoint.keep_best);
}

/* Once, before what the last step leaves is validated and saved. */
static bool is_gathering_due(const trainer *t)
{
    return t->config->training.gather_pairs > 0 && t->training.batch_sum != NULL &&
           !t->gathered && t->training.step >= t->config->training.steps &&
           (t->training.step > t->saving.saved_step || is_validation_due(t));
}

/* What was saved before its validation is saved again, so that it knows its score. */
static bool is_save_due(const trainer *t)
{
    bool is_news = t->validated || t->training.step > t->saving.saved_step;

    return is_news && ((t->validated && is_to_keep(t)) || t->stopping || t->late ||
                       trainer_is_finished(t) ||
                       is_due(t->training.step, t->config->checkpoint.every.steps));
}

/* By this rank's clock. */
static bool is_late(const trainer *t)
{
    int64_t seconds = t->config->checkpoint.every.seconds;

    return seconds > 0 && clock_seconds() - t->saving.saved_at >= (double)seconds;
}

/* [collective] A signal to any rank, the clock of rank 0 and what became of its last
 * checkpoint: all ranks heed them after the same step. Who stops saves anyway. */
static void look_up(trainer *t)
{
    enum { NOTHING, SAVE, STOP, FAIL };
    bool late = world_rank(t->world) == 0 && is_late(t);
    int mine = stop_signal() != 0 ? STOP : late ? SAVE : NOTHING;
    int asked = world_max(t->world, saving_failed(&t->saving) ? FAIL : mine);

    t->stopping = asked == STOP;
    t->late = asked == SAVE;
    t->failed = asked == FAIL;
}

/* ---- doing it ---- */

static status step_and_report(trainer *t)
{
    step_result step;
    int64_t epoch = loader_tell(t->loader).epoch;

    TRY(training_step(&t->training, t->loader, &step));
    t->validated = false;
    report_step(&t->report, &t->training, epoch, &step);
    if (!is_report_due(t))
        return STATUS_OK;
    TRY(world_agree(t->world, saving_check(&t->saving, t->config)));
    return world_agree(t->world, report_add(&t->report, &t->training, epoch, &step));
}

/* Of the parameters that are used: the moving average, where there is one. */
static status gather(trainer *t)
{
    int64_t taken = 0;

    averaging_swap(&t->training);
    status done = gathering_run(t->world, t->config, t->dataset, t->training.model,
                                t->config->training.gather_pairs, &taken);
    averaging_swap(&t->training);
    if (done == STATUS_STOPPED) {
        t->stopping = true;
        return STATUS_OK;
    }
    TRY(done);
    t->gathered = true;
    log_line("step %lld  running values gathered over %lld training pairs",
             (long long)t->training.step, (long long)taken);
    return STATUS_OK;
}

static status validate(trainer *t)
{
    validation_result v;
    status done = judge_validate(&t->judge, &t->training, &t->saving.progress, &v);

    if (done == STATUS_STOPPED) {
        t->stopping = true;
        return STATUS_OK;
    }
    TRY(done);
    t->validated = true;
    TRY(world_agree(t->world, report_validation(&t->report, &t->training,
                                                loader_tell(t->loader).epoch, &v)));
    judge_rate(&t->training, v.better);
    return STATUS_OK;
}

/* What was checked after each step was not so after the last. */
static status save(trainer *t)
{
    if (t->config->distributed.check_every > 0)
        TRY(divergence_check(&t->training));
    return saving_save(&t->saving, &t->training, t->loader);
}

/* Validating and saving are not in the rate of the steps that follow. */
static void begin_stretch(trainer *t)
{
    if (t->validated || t->training.step == t->saving.saved_step)
        report_begin(&t->report, &t->training);
}

/* ---- the loop ---- */

/* A run that resumes at a step may find its validation due, and nothing else before it. */
static status run_steps(trainer *t)
{
    for (;;) {
        if (is_gathering_due(t))
            TRY(gather(t));
        if (is_validation_due(t) && !t->stopping)
            TRY(validate(t));
        if (is_save_due(t))
            TRY(save(t));
        if (t->stopping || t->failed || trainer_is_finished(t))
            return saving_end(&t->saving, t->world, t->stopping);
        begin_stretch(t);
        TRY(step_and_report(t));
        look_up(t);
    }
}

static void say_end(const trainer *t)
{
    long long step = t->training.step;

    if (t->stopping)
        log_line(
            "stopped by a signal at step %lld; the state is saved, the same command goes on",
            step);
    else if (step < t->config->training.steps)
        log_line("stopped early at step %lld: %d validations without a better one (best: %lld)",
                 step, t->config->validation.patience, (long long)t->saving.progress.best_step);
    else
        log_line("done: %lld step%s", step, PLURAL(step));
}

/* Nothing was saved, since nothing was new. */
static void say_early_end(const trainer *t)
{
    long long step = t->training.step;

    if (step > 0)
        log_line(
            "stopped by a signal at step %lld, where the run had resumed; the same command "
            "goes on",
            step);
    else
        log_line("stopped by a signal before the first step: nothing was trained yet; the same "
                 "command goes on");
}

static status run(trainer *t, bool trace)
{
    status opened = trainer_open(t, trace);

    if (opened == STATUS_STOPPED)
        say_early_end(t);
    TRY(opened);
    TRY(run_steps(t));
    say_end(t);
    return t->stopping ? STATUS_STOPPED : STATUS_OK;
}

status trainer_run(world *world, config *c, const trainer_call *call, bool trace)
{
    trainer t = {.world = world, .config = c, .call = call};

    status done = run(&t, trace);
    trainer_close(&t);
    status traced = trace_close();
    return done == STATUS_OK ? world_agree(world, traced) : done;
}
