/* simulate.c - training steps on hosts that are not there: the exchange that trains, under
 * SimGrid, with recorded computing in place of the model.
 *
 *     simulate platform HOSTS NETWORK
 *     simulate run CONFIG RECORDINGS NETWORK strong|weak STEPS FASTER [KEY=VALUE...]
 *
 * scripts/simulate.sh calls both by smpirun, and says what they are for. NETWORK is a file
 * (config/network.h), or - for the usual one. The first prints the platform of the
 * second, which prints a line of JSON. The computing is that of the recording whose share of
 * grains is nearest to what each rank has, FASTER times as fast; with `weak` batch.grains are
 * those of each host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "additions.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/json.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/comm/simulated.h"
#include "lockstep/config/config.h"
#include "lockstep/scaling/forecast.h"
#include "lockstep/scaling/job.h"
#include "platform.h"
#include "player.h"

typedef struct simulation {
    world *world;
    config config;
    network network;
    recording *recordings; /* [count] */
    int count;
    int hosts, ranks_a_host;
    bool weak;
    long steps;    /* that are measured, after one that is not */
    double faster; /* than the hosts where it was recorded */

    const recording *recording;
    exchange_settings exchange;
    double slowdown;
    player player;
} simulation;

typedef struct outcome {
    double seconds, computing, waiting, bytes; /* of a step of rank 0, the mean */
} outcome;

/* ---- what was asked ---- */

static status load_network(network *out, const char *path)
{
    return network_load(out, strcmp(path, "-") != 0 ? path : NULL);
}

static status find_recording(simulation *s)
{
    int share = job_share(&s->config, s->weak, s->hosts, s->ranks_a_host);

    s->recording = recording_nearest(s->recordings, s->count, s->ranks_a_host, 0, share);
    if (s->recording == NULL)
        return fail(STATUS_INPUT, "no recording is of %d ranks on a host", s->ranks_a_host);
    s->slowdown = (double)share / s->recording->grains / s->faster;
    s->exchange =
        job_exchange(&s->config, job_grains(&s->config, s->weak, s->hosts, s->ranks_a_host),
                     s->recording->half);
    return STATUS_OK;
}

static void set_costs(const simulation *s)
{
    const network *n = &s->network;
    const simulated_costs costs = {.between = {n->between.message, n->between.byte},
                                   .within = {n->within.message, n->within.byte},
                                   .ranks_a_host = s->ranks_a_host};

    simulated_set_costs(&costs);
    additions_take(n->add);
}

static status open_all(simulation *s, int count, char **words)
{
    s->hosts = world_hosts(s->world);
    s->ranks_a_host = world_size(s->world) / s->hosts;
    s->weak = strcmp(words[3], "weak") == 0;
    s->steps = strtol(words[4], NULL, 10);
    if (s->steps < 1)
        return fail(STATUS_USAGE, "`%s` is no number of steps", words[4]);
    s->faster = strtod(words[5], NULL);
    if (!(s->faster > 0.0))
        return fail(STATUS_USAGE, "`%s` is not how many times as fast", words[5]);
    TRY(config_load(&s->config, words[0], (const char *const *)words + 6, count - 6));
    TRY(recording_load(&s->recordings, &s->count, words[1]));
    TRY(load_network(&s->network, words[2]));
    TRY(find_recording(s));
    set_costs(s);
    return player_open(&s->player, s->world, s->recording, s->exchange, s->slowdown);
}

static void close_all(simulation *s)
{
    player_close(&s->player);
    for (int i = 0; i < s->count; i++)
        recording_free(&s->recordings[i]);
    memory_destroy(s->recordings);
    config_free(&s->config);
}

/* ---- what comes of it ---- */

static outcome look(const simulation *s)
{
    exchange_traffic t = exchange_traffic_of(s->player.exchange);

    return (outcome){clock_seconds(), s->player.computing, t.waited, t.bytes};
}

/* A step ends while its parameters are on their way: their bytes are counted when all are
 * there, and time by the steps between. */
static outcome run_steps(simulation *s)
{
    outcome first = {.seconds = 0.0}, last;
    double steps = (double)s->steps;

    for (int step = 0; step <= s->steps; step++) {
        player_step(&s->player, step);
        if (step == 0)
            first = look(s);
    }
    last = look(s);
    exchange_gather_end(s->player.exchange);
    return (outcome){.seconds = (last.seconds - first.seconds) / steps,
                     .computing = (last.computing - first.computing) / steps,
                     .waiting = (last.waiting - first.waiting) / steps,
                     .bytes = look(s).bytes / (steps + 1.0)};
}

/* What the model of scaling/forecast.h says of the same. */
static status make_forecast(const simulation *s, forecast *out)
{
    const forecast_settings settings = {.network = &s->network,
                                        .hosts = s->hosts,
                                        .ranks_a_host = s->ranks_a_host,
                                        .exchange = s->exchange,
                                        .slowdown = s->slowdown};

    return forecast_make(out, s->recording, &settings);
}

static status print(const simulation *s, const outcome *o)
{
    json j = {.failure = STATUS_OK};
    forecast f;

    TRY(make_forecast(s, &f));
    json_begin(&j, NULL);
    json_add_integer(&j, "hosts", s->hosts);
    json_add_integer(&j, "ranks", world_size(s->world));
    json_add_integer(&j, "threads", s->recording->threads);
    json_add_integer(&j, "grains", s->exchange.grains);
    json_add_fixed(&j, "step_seconds", o->seconds, 6);
    json_add_fixed(&j, "computing_seconds", o->computing, 6);
    json_add_fixed(&j, "waiting_seconds", o->waiting, 6);
    json_add_fixed(&j, "bytes", o->bytes, 0);
    json_add_fixed(&j, "forecast_seconds", f.seconds, 6);
    json_add_text(&j, "exchange", f.route);
    json_end(&j);
    return json_print(&j);
}

static status run_simulation(simulation *s, int count, char **words)
{
    TRY(world_agree(s->world, open_all(s, count, words)));
    outcome o = run_steps(s);
    return world_rank(s->world) == 0 ? print(s, &o) : STATUS_OK;
}

/* ---- the program ---- */

static status print_platform(char **words)
{
    long hosts = strtol(words[0], NULL, 10);
    network n;

    if (hosts < 1 || hosts > 65536)
        return fail(STATUS_USAGE, "`%s` is no number of hosts from 1 to 65536", words[0]);
    TRY(load_network(&n, words[1]));
    platform_write(stdout, &n, (int)hosts);
    return fflush(stdout) == 0 ? STATUS_OK : fail(STATUS_IO, "cannot write the platform");
}

static status run(world *w, int count, char **words)
{
    simulation s = {.world = w};

    if (count == 4 && strcmp(words[1], "platform") == 0)
        return print_platform(words + 2);
    if (count < 8 || strcmp(words[1], "run") != 0)
        return fail(STATUS_USAGE, "scripts/simulate.sh says how to use it");
    status done = run_simulation(&s, count - 2, words + 2);
    close_all(&s);
    return done;
}

int main(int argc, char **argv)
{
    world *w = NULL;
    status result = world_open(&w, &argc, &argv);

    if (result == STATUS_OK)
        result = run(w, argc, argv);
    /* world_agree has said what several ranks failed in, and left no message. */
    if (result != STATUS_OK && *error_message() != '\0' && (w == NULL || world_rank(w) == 0))
        log_error("%s", error_message());
    world_close(w);
    return status_exit_code(result);
}
