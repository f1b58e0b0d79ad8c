/* rehearsal.c - a few steps as one rank of a larger job would compute them, recorded. */
#include "lockstep/train/rehearsal.h"

#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/trace.h"
#include "recorder.h"
#include "trial.h"

enum { WARM_UP = 2 };

typedef struct rehearsal {
    world *job, *alone;
    config config; /* as given, but for the batch; what it points to is the giver's */
    const rehearsal_settings *settings;
    trial trial;
    recorder recorder;
    double target; /* tokens of all recorded steps */
} rehearsal;

static status warm_up(rehearsal *r)
{
    for (int i = 0; i < WARM_UP; i++) {
        step_result step;
        TRY(training_step(&r->trial.training, r->trial.loader, &step));
    }
    return STATUS_OK;
}

static status run_steps(rehearsal *r)
{
    for (int i = 0; i < r->settings->steps; i++) {
        step_result step;
        recorder_begin_step(&r->recorder);
        TRY(training_step(&r->trial.training, r->trial.loader, &step));
        TRY(recorder_end_step(&r->recorder));
        r->target += (double)step.target_tokens;
        log_progress("%d grains a rank: step %d/%d", r->settings->grains, i + 1,
                     r->settings->steps);
        if (stop_signal() != 0)
            return STATUS_STOPPED;
    }
    return STATUS_OK;
}

static status record(rehearsal *r, recording *out)
{
    training *t = &r->trial.training;

    TRY(warm_up(r));
    TRY(recorder_init(&r->recorder, t->exchange, transformer_parameters(t->model),
                      r->settings->steps, out));
    t->recorder = &r->recorder;
    TRY(trace_open(NULL, world_rank(r->job)));
    status done = run_steps(r);
    TRY(trace_close());
    t->recorder = NULL;
    TRY(done);
    recorder_finish(&r->recorder, trace_seconds(TRACE_NORM), trace_seconds(TRACE_UPDATE));
    out->ranks = world_size(r->job);
    out->threads = r->config.run.threads;
    out->grains = r->settings->grains;
    out->tokens = r->target / out->steps;
    return STATUS_OK;
}

/* All begin to compute together. */
static status run(rehearsal *r, recording *out, const environment *environment)
{
    const trial_settings settings = {r->settings->vocabulary, r->settings->length,
                                     r->settings->steps + WARM_UP};

    TRY(world_agree(
        r->job, trial_open(&r->trial, r->job, r->alone, &r->config, environment, &settings)));
    return world_agree(r->job, record(r, out));
}

status rehearsal_run(recording *out, world *world, const config *c,
                     const environment *environment, const rehearsal_settings *settings)
{
    rehearsal r = {.job = world, .config = *c, .settings = settings};

    *out = (recording){.ranks = 0};
    r.config.batch.tokens =
        (int)((long long)c->batch.tokens * settings->grains / c->batch.grains);
    r.config.batch.grains = settings->grains;
    TRY(world_agree(world, world_open_alone(&r.alone)));
    status done = run(&r, out, environment);
    recorder_free(&r.recorder);
    trial_close(&r.trial);
    world_close(r.alone);
    return done;
}
