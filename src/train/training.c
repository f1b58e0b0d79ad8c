/* training.c - everything a training run holds. */
#include "training.h"

#include "averaging.h"
#include "lockstep/base/trace.h"
#include "lockstep/infer/scratch.h"
#include "lockstep/scaling/job.h"
#include "lockstep/tensor/gemm_reserve.h"

static status open_optimizer(training *t)
{
    const config *c = t->config;
    optimizer_settings settings = {.beta1 = c->training.optimizer.beta1,
                                   .beta2 = c->training.optimizer.beta2,
                                   .alpha = c->training.optimizer.alpha,
                                   .epsilon = c->training.optimizer.epsilon,
                                   .momentum = c->training.optimizer.momentum,
                                   .weight_decay = c->training.optimizer.weight_decay,
                                   .nesterov = c->training.optimizer.nesterov != 0};
    const optimizer_rule *rule =
        optimizer_find(config_word("training.optimizer.name", c->training.optimizer.name));

    CHECK(rule != NULL);
    t->schedule =
        schedule_find(config_word("training.schedule.name", c->training.schedule.name));
    CHECK(t->schedule != NULL);
    return optimizer_init(&t->optimizer, rule, &settings, exchange_owned(t->exchange),
                          c->run.threads);
}

static status open_local(training *t, int source_symbols, int target_symbols)
{
    const config *c = t->config;
    int grains = c->batch.grains, first, last;

    if (world_size(t->world) > grains)
        return fail(STATUS_CONFIG,
                    "%d ranks for batch.grains %d: start at most as many ranks as grains",
                    world_size(t->world), grains);
    tree_split(grains, world_rank(t->world), world_size(t->world), &first, &last);
    TRY(tree_run_init(&t->tree, first, last, grains));
    TRY(transformer_create(&t->model, c, source_symbols, target_symbols, t->tree.nodes));
    parameters_initialize(transformer_parameters(t->model), (uint64_t)c->run.seed);
    TRY(exchange_create(&t->exchange, t->world, transformer_parameters(t->model),
                        job_exchange(c, grains, transformer_parameters(t->model)->half)));
    if (transformer_parameters(t->model)->buffers != NULL)
        TRY(batch_sum_create(&t->batch_sum, t->world, grains, 1 + 2 * c->model.width));
    TRY(open_optimizer(t));
    TRY(moving_average_init(&t->average, c->training.average_decay, exchange_owned(t->exchange),
                            c->run.threads));
    averaging_begin(t);
    TRY(tally_init(&t->tally, grains));
    TRY(gemm_reserve(c->run.threads));
    return scratch_open(&t->arena, t->world);
}

status training_open(training *t, world *world, const config *c, const environment *environment,
                     int source_symbols, int target_symbols)
{
    *t = (training){.world = world, .config = c, .environment = *environment};
    return world_agree(world, open_local(t, source_symbols, target_symbols));
}

double training_rate(const training *t)
{
    const config *c = t->config;
    schedule_settings settings = {.peak = c->training.schedule.peak,
                                  .floor = c->training.schedule.floor,
                                  .decay = c->training.schedule.decay,
                                  .warmup = c->training.schedule.warmup,
                                  .until = c->training.schedule.until,
                                  .every = c->training.schedule.every,
                                  .cuts = t->plateau.cuts};

    return t->schedule->rate(&settings, t->step + 1);
}

void training_settle(const training *t)
{
    trace_begin(TRACE_GATHER_PARAMETERS);
    exchange_gather_end(t->exchange);
    trace_end();
}

void training_close(training *t)
{
    if (t->exchange != NULL)
        training_settle(t);
    exchange_destroy(t->exchange);
    batch_sum_destroy(t->batch_sum);
    optimizer_free(&t->optimizer);
    moving_average_free(&t->average);
    transformer_destroy(t->model);
    tree_run_free(&t->tree);
    tally_free(&t->tally);
    arena_free(&t->arena);
    *t = (training){0};
}
