/* bench.c - lockstep bench: how near training comes to the rate of sgemm. */
#include "lockstep/train/bench.h"

#include <stdio.h>

#include "lockstep/base/json.h"
#include "lockstep/base/log.h"
#include "shared_config.h"
#include "trial_flags.h"
#include "verb.h"

static const char *const part_keys[] = {
#define X(name, key, text) key,
    BENCH_PARTS(X)
#undef X
};

static const char *const part_texts[] = {
#define X(name, key, text) text,
    BENCH_PARTS(X)
#undef X
};

/* ---- for programs ---- */

static void add_kernels(json *j, const bench_result *r)
{
    json_add_text(j, "processor", r->environment.processor);
    json_add_text(j, "openblas_core", r->environment.blas);
    json_add_text(j, "openblas_core_why", r->environment.why);
    json_add_text(j, "kernels", r->environment.kernels);
    json_add_text(j, "products", r->products);
    json_add_text(j, "precision", r->precision);
    json_add_fixed(j, "peak_gflops", r->peak_gflops, 3);
    json_add_fixed(j, "sgemm_share_of_peak", r->sgemm_gflops / r->peak_gflops, 4);
}

static void add_rates(json *j, const bench_result *r)
{
    json_add_fixed(j, "sgemm_gflops", r->sgemm_gflops, 3);
    json_add_fixed(j, "step_gflops", r->step_gflops, 3);
    json_add_fixed(j, "utilisation", r->utilisation, 4);
    json_add_fixed(j, "tokens_per_second", r->target_rate, 2);
    json_add_fixed(j, "source_tokens_per_second", r->source_rate, 2);
    json_add_fixed(j, "step_seconds", r->step_seconds, 6);
    json_add_fixed(j, "best_step_seconds", r->best_seconds, 6);
}

static void add_memory(json *j, const bench_result *r)
{
    json_add_fixed(j, "peak_memory_bytes", r->peak_memory, 0);
    json_add_fixed(j, "value_bytes", r->value_memory, 0);
    json_add_fixed(j, "gradient_bytes", r->gradient_memory, 0);
    json_add_fixed(j, "optimizer_bytes", r->optimizer_memory, 0);
    json_add_fixed(j, "batch_bytes", r->batch_memory, 0);
    json_add_integer(j, "parameters", r->parameters);
}

static void add_parts(json *j, const bench_result *r)
{
    json_begin(j, "seconds");
    for (int p = 0; p < BENCH_PART_COUNT; p++)
        json_add_fixed(j, part_keys[p], r->seconds[p], 6);
    json_end(j);
    json_begin(j, "products_seconds");
    for (int p = 0; p < BENCH_PART_COUNT; p++)
        json_add_fixed(j, part_keys[p], r->products_seconds[p], 6);
    json_end(j);
    json_add_fixed(j, "packing_seconds", r->packing_seconds, 6);
}

static void add_traffic(json *j, const bench_result *r)
{
    json_add_fixed(j, "communication_seconds", r->in_flight, 6);
    json_add_fixed(j, "communication_waited_seconds", r->exposed, 6);
    json_add_fixed(j, "communication_hidden", r->hidden, 4);
    json_add_fixed(j, "communication_bytes", r->bytes, 0);
    json_add_fixed(j, "communication_messages", r->messages, 1);
}

static status print_json(const bench_result *r)
{
    json j = {.failure = STATUS_OK};

    json_begin(&j, NULL);
    add_kernels(&j, r);
    add_rates(&j, r);
    add_memory(&j, r);
    json_add_integer(&j, "ranks", r->ranks);
    json_add_integer(&j, "threads", r->threads);
    json_add_fixed(&j, "waited_seconds", r->waited, 6);
    json_add_fixed(&j, "load_waited_seconds", r->load_waited, 6);
    if (r->ranks > 1)
        add_traffic(&j, r);
    json_add_fixed(&j, "processor_share", r->processor_share, 4);
    json_add_fixed(&j, "mean_step_seconds", r->mean_seconds, 6);
    add_parts(&j, r);
    json_end(&j);
    return json_print(&j);
}

/* ---- for people ---- */

static void print_rates(const bench_result *r)
{
    const environment *e = &r->environment;

    printf("processor    %s\n", e->processor);
    printf("kernels      OpenBLAS %s (%s), own %s; products by %s in %s\n", e->blas, e->why,
           e->kernels, r->products, r->precision);
    printf(
        "peak         %.1f GFLOP/s together, multiplying and adding in registers (measured)\n",
        r->peak_gflops);
    printf("cores        %d rank%s x %d thread%s: sgemm %.1f GFLOP/s together, %.0f%% of the "
           "peak\n",
           r->ranks, r->ranks == 1 ? "" : "s", r->threads, r->threads == 1 ? "" : "s",
           r->sgemm_gflops, 1e2 * r->sgemm_gflops / r->peak_gflops);
    printf("step         %.1f ms (median), %.1f GFLOP/s in products\n", 1e3 * r->step_seconds,
           r->step_gflops);
    printf("utilisation  %.1f%% of sgemm, %.1f%% of the peak\n", 1e2 * r->utilisation,
           1e2 * r->step_gflops / r->peak_gflops);
    printf("rate         %.0f target tokens/s, %.0f source tokens/s\n", r->target_rate,
           r->source_rate);
    printf("model        %.2f million parameters: %.1f MB, gradients %.1f MB, optimizer "
           "%.1f MB\n",
           1e-6 * (double)r->parameters, 1e-6 * r->value_memory, 1e-6 * r->gradient_memory,
           1e-6 * r->optimizer_memory);
    printf("memory       %.1f MB at most%s, %.1f MB of it for a batch\n", 1e-6 * r->peak_memory,
           r->ranks > 1 ? " on a rank" : "", 1e-6 * r->batch_memory);
}

static void print_part(const char *text, double seconds, double products, double whole)
{
    printf("%-22s %9.2f %6.1f%%", text, 1e3 * seconds, 1e2 * seconds / whole);
    if (products > 0.0)
        printf(" %9.2f", 1e3 * products);
}

/* The last column: how near to sgemm the products alone would bring the part. */
static void print_parts(const bench_result *r)
{
    double products = 0.0;

    printf("\n%-22s %9s %7s %9s %9s\n", "where a step goes", "ms", "share", "products",
           "of sgemm");
    for (int p = 0; p < BENCH_PART_COUNT; p++) {
        products += r->products_seconds[p];
        print_part(part_texts[p], r->seconds[p], r->products_seconds[p], r->mean_seconds);
        if (r->gflop[p] > 0.0)
            printf(" %8.1f%%", 1e2 * r->gflop[p] / r->seconds[p] / r->sgemm_gflops);
        printf("\n");
    }
    print_part("whole, mean", r->mean_seconds, products, r->mean_seconds);
    printf("\n");
    if (r->packing_seconds > 0.0)
        printf("%-22s %9.2f %6.1f%%\n", "packing, in the above", 1e3 * r->packing_seconds,
               1e2 * r->packing_seconds / r->mean_seconds);
    if (r->ranks == 1)
        return;
    printf("%-22s %9.2f %6.1f%%\n", "waiting, in the above", 1e3 * r->waited,
           1e2 * r->waited / r->mean_seconds);
    printf(
        "\ncommunication  %.1f ms a step, %.1f%% of it hidden behind computing, %.1f ms waited "
        "for; a rank sends %.1f MB in %.0f messages\n",
        1e3 * r->in_flight, 1e2 * r->hidden, 1e3 * r->exposed, 1e-6 * r->bytes, r->messages);
}

/* A machine that others use shows its full rate in a short product, not in a long step. */
static void warn_of_others(const bench_result *r)
{
    if (r->processor_share < 0.9)
        log_warning(
            "the processes were given %.0f%% of their cores' time; something else runs, "
            "or there are fewer cores than ranks x threads, so the rates are too low",
            1e2 * r->processor_share);
}

/* The share of sgemm that steps reach hides an sgemm that is slow itself. */
static void warn_of_slow_sgemm(const bench_result *r)
{
    const environment *e = &r->environment;

    if (r->sgemm_gflops < 0.5 * r->peak_gflops)
        log_warning(
            "sgemm reaches %.0f%% of what the processor can do, with OpenBLAS's kernels "
            "for %s (%s): OPENBLAS_CORETYPE or another OpenBLAS may have better ones, "
            "unless something else runs",
            1e2 * r->sgemm_gflops / r->peak_gflops, e->blas, e->why);
}

static status print(const arguments *a, const bench_result *r)
{
    if (world_rank(a->world) != 0)
        return STATUS_OK;
    warn_of_others(r);
    warn_of_slow_sgemm(r);
    if (arguments_has(a, "--json"))
        return print_json(r);
    print_rates(r);
    print_parts(r);
    return STATUS_OK;
}

static status run(const arguments *a)
{
    trial_flags asked;
    bench_result result;
    config c;

    TRY(trial_flags_read(&asked, a));
    const bench_settings settings = {asked.vocabulary, asked.length, asked.steps};
    TRY(shared_config_load(&c, a));
    status done = bench_run(a->world, &c, &settings, &result);
    config_free(&c);
    if (done == STATUS_OK)
        done = print(a, &result);
    if (done == STATUS_STOPPED)
        log_line("stopped by a signal; nothing was measured to the end");
    return done;
}

static const argument_flag flags[] = {TRIAL_FLAGS, ARGUMENT_SET, ARGUMENT_JSON, {0}};

const verb verb_bench = {
    .name = "bench",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .summary = "measure training steps against the rate of sgemm",
    .flags = flags,
    .ranks = true,
    .run = run,
};
