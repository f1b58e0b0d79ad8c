/* bench.c - the rate of training steps, and where their time goes. */
#include "lockstep/train/bench.h"

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/trace.h"
#include "lockstep/infer/crowding.h"
#include "lockstep/tensor/gemm_rate.h"
#include "lockstep/tensor/peak_rate.h"
#include "lockstep/tensor/product_clock.h"
#include "median.h"
#include "traffic.h"
#include "trial.h"

enum { WARM_UP = 2 };

typedef struct bench {
    world *world;
    config *config;
    const bench_settings *settings;
    trial trial;
    double *seconds;         /* [steps] */
    double *flops;           /* [steps] of this rank, then of all */
    double *source, *target; /* [steps] tokens */
    model_flops by_part;     /* of this rank, all steps */
    double waited;           /* this rank, all steps */
    double load_waited;      /* of it, for others to have loaded */
    exchange_traffic traffic;
    environment environment;
    double sgemm, most; /* this rank's GFLOP/s, and what it could do */
    double processor;   /* seconds of processor time, all steps */
    double packing;     /* seconds of all threads, all steps */
    double peak;        /* bytes of this process up to the last step */
} bench;

/* ---- opening ---- */

/* Before and after the steps, since a machine's rate changes with its temperature and with
 * what else runs on it. Never while the memory of the steps is counted. */
static status measure_sgemm(bench *b)
{
    double rate = 0.0;

    world_barrier(b->world);
    TRY(world_agree(b->world, gemm_rate(b->config->run.threads, &rate)));
    b->sgemm = rate > b->sgemm ? rate : b->sgemm;
    world_barrier(b->world);
    rate = peak_rate(b->config->run.threads);
    b->most = rate > b->most ? rate : b->most;
    return STATUS_OK;
}

static status open_lists(bench *b)
{
    size_t steps = (size_t)b->settings->steps;

    b->seconds = memory_create(steps, sizeof(double));
    b->flops = memory_create(steps, sizeof(double));
    b->source = memory_create(steps, sizeof(double));
    b->target = memory_create(steps, sizeof(double));
    if (b->seconds == NULL || b->flops == NULL || b->source == NULL || b->target == NULL)
        return fail(STATUS_NOMEM, "no memory for the times of %d steps", b->settings->steps);
    return STATUS_OK;
}

static status open_all(bench *b)
{
    const trial_settings settings = {b->settings->vocabulary, b->settings->length,
                                     b->settings->steps + WARM_UP};

    TRY(environment_open(b->world, b->config, &b->environment));
    TRY(crowding_warn(b->world, b->config->run.threads));
    TRY(measure_sgemm(b));
    TRY(trial_open(&b->trial, b->world, b->world, b->config, &b->environment, &settings));
    return world_agree(b->world, open_lists(b));
}

static void close_all(bench *b)
{
    memory_destroy(b->seconds);
    memory_destroy(b->flops);
    memory_destroy(b->source);
    memory_destroy(b->target);
    trial_close(&b->trial);
}

/* ---- measuring ---- */

/* The first steps bring the model and the arena into memory. */
static status warm_up(bench *b)
{
    for (int i = 0; i < WARM_UP; i++) {
        step_result step;
        log_progress("warming up %d/%d", i + 1, WARM_UP);
        TRY(training_step(&b->trial.training, b->trial.loader, &step));
    }
    return STATUS_OK;
}

static void add_step(bench *b, int i, const step_result *step)
{
    const model_flops *f = &step->flops;

    b->flops[i] = f->input + f->attention + f->feed_forward + f->output;
    b->source[i] = (double)step->source_tokens;
    b->target[i] = (double)step->target_tokens;
    b->load_waited += step->load_waited;
    b->by_part.input += f->input;
    b->by_part.attention += f->attention;
    b->by_part.feed_forward += f->feed_forward;
    b->by_part.output += f->output;
}

static status run_steps(bench *b)
{
    for (int i = 0; i < b->settings->steps; i++) {
        step_result step;
        double waited = world_waited(b->world), processor = clock_processor_seconds();
        double begin = clock_seconds();
        TRY(training_step(&b->trial.training, b->trial.loader, &step));
        b->seconds[i] = clock_seconds() - begin;
        b->processor += clock_processor_seconds() - processor;
        b->waited += world_waited(b->world) - waited;
        add_step(b, i, &step);
        log_progress("step %d/%d  %.0f ms", i + 1, b->settings->steps, 1e3 * b->seconds[i]);
        if (world_max(b->world, stop_signal()) != 0)
            return STATUS_STOPPED;
    }
    return STATUS_OK;
}

/* [collective] What has been sent, when nothing is on its way. */
static exchange_traffic settled_traffic(bench *b, exchange_traffic since)
{
    training_settle(&b->trial.training);
    return traffic_since(&b->trial.training, since);
}

static status measure(bench *b)
{
    TRY(warm_up(b));
    exchange_traffic before = settled_traffic(b, b->traffic);
    product_clock_run(true);
    trace_gauge(product_clock_products);
    TRY(trace_open(NULL, world_rank(b->world)));
    status done = run_steps(b);
    TRY(trace_close());
    trace_gauge(NULL);
    b->packing = product_clock_packing();
    product_clock_run(false);
    b->traffic = settled_traffic(b, before);
    b->peak = (double)memory_peak();
    return done == STATUS_OK ? measure_sgemm(b) : done;
}

/* ---- summing up ---- */

static double sum_of(const double *values, int count)
{
    double sum = 0.0;

    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

/* [collective] Sum of all ranks' values, position by position. */
static status sum_ranks(world *w, double *values, int count)
{
    int ranks = world_size(w);
    size_t width = (size_t)count;
    double *all = memory_create((size_t)ranks * width, sizeof(*all));

    TRY(world_agree(w, all != NULL ? STATUS_OK
                                   : fail(STATUS_NOMEM, "no memory for %d sums", count)));
    for (int i = 0; i < count; i++)
        all[(size_t)world_rank(w) * width + (size_t)i] = values[i];
    world_union(w, all, (size_t)ranks * width);
    for (int i = 0; i < count; i++) {
        values[i] = 0.0;
        for (int r = 0; r < ranks; r++)
            values[i] += all[(size_t)r * width + (size_t)i];
    }
    memory_destroy(all);
    return STATUS_OK;
}

static void set_rates(bench *b, bench_result *out)
{
    int steps = b->settings->steps;

    for (int i = 0; i < steps; i++) {
        b->flops[i] *= 1e-9 / b->seconds[i];
        b->source[i] /= b->seconds[i];
        b->target[i] /= b->seconds[i];
    }
    out->step_seconds = median(b->seconds, steps);
    out->best_seconds = b->seconds[0];
    out->step_gflops = median(b->flops, steps);
    out->source_rate = median(b->source, steps);
    out->target_rate = median(b->target, steps);
}

/* This rank's seconds under each part, all steps; `whole`: in steps altogether. What passes
 * of the decoder that only predict take is in "sampling" alone. */
static void set_parts(double parts[BENCH_PART_COUNT], double whole)
{
    double inner = 0.0, outer = 0.0;

    parts[BENCH_LOAD] = trace_seconds(TRACE_LOAD);
    parts[BENCH_EMBEDDING] = trace_seconds_within(TRACE_LEARNING, TRACE_EMBEDDING);
    parts[BENCH_ATTENTION] = trace_seconds_within(TRACE_LEARNING, TRACE_ATTENTION);
    parts[BENCH_FEED_FORWARD] = trace_seconds_within(TRACE_LEARNING, TRACE_FEED_FORWARD);
    parts[BENCH_OUTPUT] = trace_seconds_within(TRACE_LEARNING, TRACE_OUTPUT);
    for (int p = BENCH_EMBEDDING; p <= BENCH_OUTPUT; p++)
        inner += parts[p];
    inner += trace_seconds_within(TRACE_LEARNING, TRACE_SUM_GRADIENTS);
    inner += trace_seconds_within(TRACE_LEARNING, TRACE_GATHER_PARAMETERS);
    parts[BENCH_MODEL_REST] = trace_seconds(TRACE_LEARNING) - inner;
    parts[BENCH_SAMPLING] = trace_seconds(TRACE_SAMPLING) -
                            trace_seconds_within(TRACE_SAMPLING, TRACE_GATHER_PARAMETERS);
    parts[BENCH_EXCHANGE] = trace_seconds(TRACE_SUM_GRADIENTS);
    parts[BENCH_UPDATE] = trace_seconds(TRACE_NORM) + trace_seconds(TRACE_UPDATE);
    parts[BENCH_GATHER] = trace_seconds(TRACE_GATHER_PARAMETERS);
    for (int p = 0; p < BENCH_REST; p++)
        outer += parts[p];
    parts[BENCH_REST] = whole - outer;
}

/* All threads' seconds in products, part by part. */
static void set_products(double parts[BENCH_PART_COUNT])
{
    parts[BENCH_EMBEDDING] = trace_gauged_within(TRACE_LEARNING, TRACE_EMBEDDING);
    parts[BENCH_ATTENTION] = trace_gauged_within(TRACE_LEARNING, TRACE_ATTENTION);
    parts[BENCH_FEED_FORWARD] = trace_gauged_within(TRACE_LEARNING, TRACE_FEED_FORWARD);
    parts[BENCH_OUTPUT] = trace_gauged_within(TRACE_LEARNING, TRACE_OUTPUT);
    parts[BENCH_SAMPLING] = trace_gauged_within(TRACE_SAMPLING, TRACE_SAMPLING);
}

/* What is summed over the ranks besides the parts of a step. */
enum {
    WHOLE = BENCH_PART_COUNT,
    WAITED,
    LOAD_WAITED,
    IN_FLIGHT,
    EXPOSED,
    BYTES,
    MESSAGES,
    PROCESSOR,
    SGEMM,
    MOST,
    INPUT,
    ATTENTION,
    FEED_FORWARD,
    OUTPUT,
    PRODUCTS, /* part by part */
    PACKING = PRODUCTS + BENCH_PART_COUNT,
    SUMS
};

static void set_means(const double sums[SUMS], double runs, bench_result *out)
{
    for (int p = 0; p < BENCH_PART_COUNT; p++)
        out->seconds[p] = sums[p] / runs;
    for (int p = 0; p < BENCH_PART_COUNT; p++)
        out->products_seconds[p] = sums[PRODUCTS + p] / runs / out->threads;
    out->packing_seconds = sums[PACKING] / runs / out->threads;
    out->mean_seconds = sums[WHOLE] / runs;
    out->waited = sums[WAITED] / runs;
    out->load_waited = sums[LOAD_WAITED] / runs;
    out->in_flight = sums[IN_FLIGHT] / runs;
    out->exposed = sums[EXPOSED] / runs;
    out->bytes = sums[BYTES] / runs;
    out->messages = sums[MESSAGES] / runs;
    out->hidden = traffic_hidden(
        &(exchange_traffic){.in_flight = out->in_flight, .waited = out->exposed});
}

/* [collective] */
static status sum_up(bench *b, bench_result *out)
{
    double sums[SUMS] = {[WHOLE] = sum_of(b->seconds, b->settings->steps),
                         [WAITED] = b->waited,
                         [LOAD_WAITED] = b->load_waited,
                         [IN_FLIGHT] = b->traffic.in_flight,
                         [EXPOSED] = b->traffic.waited,
                         [BYTES] = b->traffic.bytes,
                         [MESSAGES] = (double)b->traffic.messages,
                         [PROCESSOR] = b->processor,
                         [SGEMM] = b->sgemm,
                         [MOST] = b->most,
                         [INPUT] = b->by_part.input,
                         [ATTENTION] = b->by_part.attention,
                         [FEED_FORWARD] = b->by_part.feed_forward,
                         [OUTPUT] = b->by_part.output,
                         [PACKING] = b->packing};
    int steps = b->settings->steps;
    double runs = (double)steps * out->ranks;

    set_parts(sums, sums[WHOLE]);
    set_products(sums + PRODUCTS);
    TRY(sum_ranks(b->world, sums, SUMS));
    TRY(sum_ranks(b->world, b->flops, steps));
    set_means(sums, runs, out);
    out->environment = b->environment;
    out->products = config_word("run.products", b->config->run.products);
    out->precision = environment_precision(b->config);
    out->sgemm_gflops = sums[SGEMM];
    out->peak_gflops = sums[MOST];
    out->gflop[BENCH_EMBEDDING] = 1e-9 * sums[INPUT] / steps;
    out->gflop[BENCH_ATTENTION] = 1e-9 * sums[ATTENTION] / steps;
    out->gflop[BENCH_FEED_FORWARD] = 1e-9 * sums[FEED_FORWARD] / steps;
    out->gflop[BENCH_OUTPUT] = 1e-9 * sums[OUTPUT] / steps;
    set_rates(b, out);
    out->processor_share = sums[PROCESSOR] / (runs * out->mean_seconds * out->threads);
    out->utilisation = out->step_gflops / out->sgemm_gflops;
    return STATUS_OK;
}

/* [collective] */
static void set_memory(const bench *b, bench_result *out)
{
    const training *t = &b->trial.training;
    const parameters *p = transformer_parameters(t->model);
    double gradients = (double)p->nodes * (double)p->gradient_floats;
    double slots = (double)t->optimizer.rule->slots * (double)t->optimizer.count;

    out->parameters = (int64_t)parameters_total(p);
    out->value_memory = (double)p->floats * sizeof(float);
    out->gradient_memory = world_max_double(b->world, gradients * sizeof(float));
    out->optimizer_memory = world_max_double(b->world, slots * sizeof(float));
    out->batch_memory = world_max_double(b->world, (double)t->arena.peak);
    out->peak_memory = world_max_double(b->world, b->peak);
}

status bench_run(world *world, config *c, const bench_settings *settings, bench_result *out)
{
    bench b = {.world = world, .config = c, .settings = settings};

    *out = (bench_result){.ranks = world_size(world), .threads = c->run.threads};
    status done = open_all(&b);
    if (done == STATUS_OK)
        done = measure(&b);
    if (done == STATUS_OK)
        done = sum_up(&b, out);
    if (done == STATUS_OK)
        set_memory(&b, out);
    close_all(&b);
    return done;
}
