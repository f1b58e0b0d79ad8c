/* plan.c - lockstep plan: what a job on more hosts would be like, before it is submitted. */
#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/json.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/number.h"
#include "lockstep/scaling/job.h"
#include "lockstep/train/rehearsal.h"
#include "plan_advice.h"
#include "shared_config.h"
#include "trial_flags.h"
#include "verb.h"

enum { MOST_HOSTS = 65536 };

typedef struct plan {
    const arguments *arguments;
    config config;
    network network;
    recording *recordings; /* [count] */
    int count;
    int hosts;  /* at most */
    int faster; /* than this one, each of them */
    int ranks;  /* of each, that those here stand for */
    rehearsal_settings rehearsal;
} plan;

/* ---- what was asked ---- */

static status read_settings(plan *p)
{
    const arguments *a = p->arguments;
    int64_t hosts = 0, faster = 1, ranks = world_size(a->world);
    trial_flags asked;

    TRY(trial_flags_read(&asked, a));
    if (!arguments_has(a, "--hosts"))
        return fail(STATUS_USAGE, "--hosts says on how many hosts the job may run");
    if (arguments_has(a, "--recording") && arguments_has(a, "--record"))
        return fail(STATUS_USAGE, "--recording reads what --record has written: give one");
    if (arguments_has(a, "--recording") && arguments_has(a, "--ranks"))
        return fail(STATUS_USAGE, "--ranks is of what is measured; --recording has its own");
    TRY(arguments_integer(a, "--hosts", 1, MOST_HOSTS, &hosts));
    TRY(arguments_integer(a, "--faster", 1, MOST_HOSTS, &faster));
    TRY(arguments_integer(a, "--ranks", 1, MOST_HOSTS, &ranks));
    p->hosts = (int)hosts;
    p->faster = (int)faster;
    p->ranks = (int)ranks;
    p->rehearsal = (rehearsal_settings){
        .vocabulary = asked.vocabulary, .length = asked.length, .steps = asked.steps};
    return network_load(&p->network, arguments_text(a, "--network"));
}

static bool is_weak(const plan *p)
{
    return arguments_has(p->arguments, "--weak");
}

/* 1, 2, 4, ..., and the last one. */
static int next_hosts(const plan *p, int hosts)
{
    return hosts < p->hosts && 2 * hosts > p->hosts ? p->hosts : 2 * hosts;
}

/* ---- recordings ---- */

static bool has_share(const plan *p, int share)
{
    for (int i = 0; i < p->count; i++)
        if (p->recordings[i].grains == share)
            return true;
    return false;
}

static status rehearse_share(plan *p, const environment *e, int share)
{
    recording *list =
        memory_resize(p->recordings, (size_t)p->count + 1, sizeof(*p->recordings));
    status room =
        list != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory for %d recordings", p->count);

    p->recordings = list != NULL ? list : p->recordings;
    TRY(world_agree(p->arguments->world, room));
    p->rehearsal.grains = share;
    recording *new = &p->recordings[p->count++];
    TRY(rehearsal_run(new, p->arguments->world, &p->config, e, &p->rehearsal));
    new->ranks = p->ranks;
    return STATUS_OK;
}

/* As the ranks of one host, each share of the batch that they would have with more. */
static status rehearse(plan *p)
{
    world *w = p->arguments->world;
    environment e;

    if (world_hosts(w) > 1)
        return fail(STATUS_USAGE,
                    "plan runs on the ranks of one host, whose number is that of "
                    "each host; these are on %d hosts",
                    world_hosts(w));
    TRY(environment_open(w, &p->config, &e));
    for (int hosts = 1; hosts <= p->hosts; hosts = next_hosts(p, hosts)) {
        int share = job_share(&p->config, is_weak(p), hosts, p->ranks);

        if (!has_share(p, share))
            TRY(rehearse_share(p, &e, share));
    }
    return STATUS_OK;
}

/* A file that cannot be made is better known before the measurement. */
static status prepare_record(const plan *p)
{
    const char *path = arguments_text(p->arguments, "--record");

    if (path == NULL || world_rank(p->arguments->world) != 0)
        return STATUS_OK;
    return file_make_parent(path);
}

static status save(const plan *p)
{
    const char *path = arguments_text(p->arguments, "--record");
    status done = STATUS_OK;

    if (path == NULL || world_rank(p->arguments->world) != 0)
        return STATUS_OK;
    for (int i = 0; i < p->count && done == STATUS_OK; i++)
        done = recording_add(&p->recordings[i], path);
    return done;
}

static status find_recordings(plan *p)
{
    const char *path = arguments_text(p->arguments, "--recording");

    world *w = p->arguments->world;

    if (path != NULL)
        return world_agree(w, world_rank(w) == 0
                                  ? recording_load(&p->recordings, &p->count, path)
                                  : STATUS_OK);
    TRY(world_agree(w, prepare_record(p)));
    TRY(rehearse(p));
    return world_agree(w, save(p));
}

/* ---- rows ---- */

/* Of recordings that differ in their share alone the first. */
static bool is_first_of_kind(const plan *p, int index)
{
    for (int i = 0; i < index; i++)
        if (p->recordings[i].ranks == p->recordings[index].ranks &&
            p->recordings[i].threads == p->recordings[index].threads)
            return false;
    return true;
}

typedef void (*row_print)(void *user, const plan_row *row);

/* Visit the rows of one kind; `*last` is the last of them. */
static status visit_kind(const plan *p, const plan_question *q, const recording *kind,
                         row_print print, void *user, plan_row *last)
{
    plan_row one;

    for (int hosts = 1; hosts <= p->hosts; hosts = next_hosts(p, hosts)) {
        if (!q->weak && hosts * kind->ranks > p->config.batch.grains) {
            log_warning("%d ranks on each of %d hosts need a batch.grains of at least %d; it "
                        "is %d",
                        kind->ranks, hosts, hosts * kind->ranks, p->config.batch.grains);
            return STATUS_OK;
        }
        TRY(plan_row_make(last, q, kind, hosts, hosts == 1 ? NULL : &one));
        if (hosts == 1)
            one = *last;
        print(user, last);
    }
    return STATUS_OK;
}

static plan_question question(const plan *p)
{
    return (plan_question){.config = &p->config,
                           .network = &p->network,
                           .recordings = p->recordings,
                           .count = p->count,
                           .faster = p->faster,
                           .weak = is_weak(p)};
}

/* `*best` is the fastest row, `*advice` what its hosts would do better. */
static status visit_rows(const plan *p, row_print print, void *user, plan_row *best,
                         plan_advice *advice)
{
    const plan_question q = question(p);

    *advice = (plan_advice){.ranks = 0};
    *best = (plan_row){.rate = 0.0};
    for (int i = 0; i < p->count; i++) {
        plan_row last = {.rate = 0.0};

        if (!is_first_of_kind(p, i))
            continue;
        TRY(visit_kind(p, &q, &p->recordings[i], print, user, &last));
        *best = last.rate > best->rate ? last : *best;
    }
    return best->ranks > 0 ? plan_advice_make(advice, &q, best) : STATUS_OK;
}

/* ---- for people ---- */

static void print_row(void *user, const plan_row *r)
{
    const forecast *f = &r->step;
    char end[NUMBER_TEXT];

    *(bool *)user |= r->scaled;
    printf("%5d %6d %7d %7d%c %9.1f %9.0f %6.1f%% %9.1f %8.1f %8.1f %8.1f %9s  %s\n", r->hosts,
           r->ranks, r->threads, r->share, r->scaled ? '*' : ' ', 1e3 * f->seconds, r->rate,
           1e2 * r->efficiency, 1e3 * f->computing, 1e3 * (f->messages),
           1e3 * (f->waiting + f->agreeing), 1e3 * f->slowest,
           number_text(r->to_the_end / 3600.0, 2, end), r->limit != NULL ? r->limit : "-");
}

static void print_advice(const plan_advice *a)
{
    if (a->with_ranks > 0.0)
        printf("%d ranks of each host, which share its threads and grains, would take %.1f ms "
               "a step: the best number, if they compute as fast as fewer do\n",
               a->ranks, 1e3 * a->with_ranks);
    if (a->with_courier > 0.0)
        printf("distributed.courier: true would take %.1f ms, with a core of each rank's own "
               "for it beside those of its threads\n",
               1e3 * a->with_courier);
}

static void print_best(const plan *p, const plan_row *best)
{
    int ranks = best->ranks, grains = p->config.batch.grains;

    if (ranks == 0)
        return;
    printf("\nfastest: %d hosts with %d ranks of %d thread%s each, %s\n", best->hosts,
           ranks / best->hosts, best->threads, best->threads == 1 ? "" : "s", best->step.route);
    if (!is_weak(p) && grains % ranks != 0)
        printf("batch.grains: %d would give all of these ranks as many grains; %d does not\n",
               (grains + ranks - 1) / ranks * ranks, grains);
    printf("the rate to the end leaves out validations and checkpoints\n");
}

static status print(const plan *p)
{
    plan_row best;
    plan_advice advice;
    bool scaled = false;

    printf("%5s %6s %7s %8s %9s %9s %7s %9s %8s %8s %8s %9s  %s\n", "hosts", "ranks", "threads",
           "grains", "step ms", "tokens/s", "effic.", "computing", "messages", "waiting",
           "slowest", "hours", "limited by");
    TRY(visit_rows(p, print_row, &scaled, &best, &advice));
    if (scaled)
        printf("* computing in proportion to a recording of other grains\n");
    print_best(p, &best);
    print_advice(&advice);
    return STATUS_OK;
}

/* ---- for programs ---- */

static void add_row(void *user, const plan_row *r)
{
    json *j = user;
    const forecast *f = &r->step;

    json_begin(j, NULL);
    json_add_integer(j, "hosts", r->hosts);
    json_add_integer(j, "ranks", r->ranks);
    json_add_integer(j, "threads", r->threads);
    json_add_integer(j, "grains", r->grains);
    json_add_integer(j, "grains_of_a_rank", r->share);
    json_add_bool(j, "scaled", r->scaled);
    json_add_fixed(j, "step_seconds", f->seconds, 6);
    json_add_fixed(j, "tokens_per_second", r->rate, 2);
    json_add_fixed(j, "efficiency", r->efficiency, 4);
    json_add_fixed(j, "computing_seconds", f->computing, 6);
    json_add_fixed(j, "message_seconds", f->messages, 6);
    json_add_fixed(j, "courier_seconds", f->carried, 6);
    json_add_fixed(j, "waiting_seconds", f->waiting, 6);
    json_add_fixed(j, "agreeing_seconds", f->agreeing, 6);
    json_add_fixed(j, "slowest_seconds", f->slowest, 6);
    json_add_fixed(j, "bytes", f->bytes, 0);
    json_add_fixed(j, "cable_seconds", f->cable, 6);
    json_add_fixed(j, "seconds_to_the_end", r->to_the_end, 1);
    json_add_text(j, "exchange", f->route);
    json_add_text(j, "limited_by", r->limit != NULL ? r->limit : "");
    json_end(j);
}

static void add_advice(json *j, const plan_advice *a)
{
    json_begin(j, "advice");
    if (a->with_ranks > 0.0) {
        json_add_integer(j, "ranks_of_a_host", a->ranks);
        json_add_fixed(j, "ranks_step_seconds", a->with_ranks, 6);
    }
    if (a->with_courier > 0.0)
        json_add_fixed(j, "courier_step_seconds", a->with_courier, 6);
    json_end(j);
}

static status print_json(const plan *p)
{
    json j = {.failure = STATUS_OK};
    plan_row best;
    plan_advice advice;

    json_begin(&j, NULL);
    json_begin_list(&j, "rows");
    status done = visit_rows(p, add_row, &j, &best, &advice);
    json_end_list(&j);
    add_advice(&j, &advice);
    json_end(&j);
    if (done == STATUS_OK)
        return json_print(&j);
    json_free(&j);
    return done;
}

/* ---- the verb ---- */

static status answer(plan *p)
{
    TRY(find_recordings(p));
    if (world_rank(p->arguments->world) != 0)
        return STATUS_OK;
    if (p->config.model.encoder_norm == NORM_BATCH ||
        p->config.model.decoder_norm == NORM_BATCH)
        log_warning("batch norm sums over all ranks in every layer, which the forecast leaves "
                    "out: more hosts will be slower than it says");
    return arguments_has(p->arguments, "--json") ? print_json(p) : print(p);
}

static status run(const arguments *a)
{
    plan p = {.arguments = a};

    TRY(world_agree(a->world, read_settings(&p)));
    TRY(shared_config_load(&p.config, a));
    status done = answer(&p);
    for (int i = 0; i < p.count; i++)
        recording_free(&p.recordings[i]);
    memory_destroy(p.recordings);
    config_free(&p.config);
    if (done == STATUS_STOPPED)
        log_line("stopped by a signal; nothing was measured to the end");
    return done;
}

static const argument_flag flags[] = {
    {"--hosts", "N", "forecast 1, 2, 4, ... and N hosts like this one"},
    {"--network", "FILE", "what connects them (10 Gbit/s Ethernet)"},
    {"--ranks", "R", "ranks of each host, where those here are not as many"},
    {"--faster", "F", "hosts that compute F times as fast as this one (1)"},
    {"--weak", NULL, "the batch is one host's: more hosts make it larger"},
    {"--record", "FILE", "add what was measured to FILE, as recordings"},
    {"--recording", "FILE", "measure nothing: use the recordings of FILE"},
    TRIAL_FLAGS,
    ARGUMENT_SET,
    ARGUMENT_JSON,
    {0}};

const verb verb_plan = {
    .name = "plan",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .summary = "forecast the rate on more hosts, measuring steps here",
    .flags = flags,
    .ranks = true,
    .run = run,
};
