/* training_step.c - one optimizer step. */
#include <math.h>

#include "divergence.h"
#include "feeding.h"
#include "lockstep/base/trace.h"
#include "lockstep/optim/clip.h"
#include "lockstep/tensor/gemm.h"
#include "sampling.h"
#include "training.h"
#include "update.h"

static void add_sizes(step_result *to, const transformer *model, const batch *b, const feed *f)
{
    model_flops flops = transformer_flops(model, &b->source, &f->fed, f->scored);

    to->source_tokens += b->global_source_tokens;
    to->target_tokens += b->global_target_tokens;
    to->flops.input += flops.input;
    to->flops.attention += flops.attention;
    to->flops.feed_forward += flops.feed_forward;
    to->flops.output += flops.output;
}

/* The step divides by the tokens of the truth, be they scored or not; of what sentences lose
 * that is to leave the mean. */
static loss_scale scale_of(const batch *b)
{
    return (loss_scale){1.0f,
                        (float)((double)b->global_target_tokens / (double)b->global_pairs)};
}

static const parameter_hooks *hooks_of(const training *t)
{
    return t->recorder != NULL ? &t->recorder->hooks : exchange_hooks(t->exchange);
}

static void end_exchange(const training *t)
{
    if (t->recorder != NULL)
        recorder_begin_end(t->recorder);
    trace_begin(TRACE_SUM_GRADIENTS);
    exchange_end(t->exchange);
    trace_end();
    if (t->recorder != NULL)
        recorder_end_end(t->recorder);
}

static void pack_weights(void *user, int last)
{
    const training *t = user;

    transformer_pack_next(t->model, last, t->config->run.threads);
}

/* Gradients of the sum of the losses of one batch, set or added to the step's, which divides by
 * its tokens. */
static void run_batch(training *t, const batch *b, uint32_t draw, bool add, step_result *out)
{
    size_t mark = arena_mark(&t->arena);
    const config *c = t->config;
    pass p = {.arena = &t->arena,
              .tree = &t->tree,
              .threads = c->run.threads,
              .dropout = true,
              .batch = t->batch_sum == NULL ? NULL : batch_sum_hook(t->batch_sum),
              .parameters = hooks_of(t),
              .seed = (uint64_t)c->run.seed,
              .draw = draw & 0xFFFFFF};
    const packing_hook packing = {pack_weights, t};
    head_result result;

    if (gemm_wants_packed())
        p.packing = &packing;
    trace_begin(TRACE_LEARNING);
    body_memory memory = transformer_encode(t->model, &p, &b->source);
    trace_end();
    feed f = feeding_push(t->model, c, t->step, &p, &memory, &b->target);
    add_sizes(out, t->model, b, &f);
    exchange_begin(t->exchange, add);
    trace_begin(TRACE_LEARNING);
    transformer_learn(t->model, &p, &memory, &f.fed, f.gold, scale_of(b), &result);
    tally_add(&t->tally, &f, &result);
    arena_release(&t->arena, mark);
    trace_end();
    end_exchange(t);
}

static status run_batches(training *t, loader *from, step_result *out)
{
    int accumulate = t->config->batch.accumulate;

    if (gemm_wants_packed())
        TRY(transformer_pack_begin(t->model));
    for (int i = 0; i < accumulate; i++) {
        batch b;
        bool end;
        double waited = world_waited(t->world);
        trace_begin(TRACE_LOAD);
        status loaded = world_agree(t->world, loader_next(from, &b, &end));
        trace_end();
        out->load_waited += world_waited(t->world) - waited;
        TRY(loaded);
        run_batch(t, &b, (uint32_t)(t->step * accumulate + i), i > 0, out);
    }
    if (gemm_wants_packed())
        transformer_unpack(t->model); /* the update makes other weights */
    return STATUS_OK;
}

/* Other passes, of validation for example, have the engine that was chosen before. */
static status run_batches_in_precision(training *t, loader *from, step_result *out)
{
    if (t->config->model.precision == FLOAT32)
        return run_batches(t, from, out);
    gemm_engine before =
        gemm_choose(t->config->run.bfloat16_sums == SUMS_TILES ? GEMM_TILES : GEMM_PAIRS);
    status done = run_batches(t, from, out);
    gemm_choose(before);
    return done;
}

/* Every rank has the same norm, so rank 0 speaks for all. */
static status refuse_norm(const training *t, double norm, double rate)
{
    status local = STATUS_OK;

    if (world_rank(t->world) == 0)
        local = fail(STATUS_NUMBER,
                     "step %lld: the gradient is not finite (norm %g, learning rate %g); the "
                     "parameters were not changed. Lower training.schedule.peak, warm up for "
                     "longer, or clip gradients at less (training.clip_norm or clip_value), in "
                     "another run.folder; training.initialize_from: %s starts it from the best "
                     "checkpoint of this run, if there is one",
                     (long long)t->step + 1, norm, rate, t->config->run.folder);
    return world_agree(t->world, local);
}

status training_step(training *t, loader *from, step_result *out)
{
    const config *c = t->config;

    *out = (step_result){.rate = training_rate(t),
                         .teacher_forcing = sampling_at(c, t->step).teacher_forcing};
    TRY(run_batches_in_precision(t, from, out));
    if (divergence_is_due(t))
        TRY(divergence_check(t));
    double tokens = (double)out->target_tokens;
    trace_begin(TRACE_NORM);
    out->norm = exchange_norm(t->exchange) / tokens;
    trace_end();
    if (!isfinite(out->norm))
        return refuse_norm(t, out->norm, out->rate);
    t->step++;
    t->tokens += out->target_tokens;
    update_run(t, out->rate, clip_factor(out->norm, c->training.clip_norm) / tokens);
    return STATUS_OK;
}
