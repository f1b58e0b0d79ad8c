/* average.c - lockstep average: the mean of a run's last or best checkpoints. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "gather.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "verb.h"

enum { TRIES = 50 };

/* Pairs that --gather takes: the batches of a few hundred are a mean already, those of
 * thousands one that does not change any more. */
enum { GATHER_PAIRS = 10000 };

/* Ranks would write the same file, all of them. */
static status refuse_ranks(world *w)
{
    return world_agree(w, world_size(w) == 1
                              ? STATUS_OK
                              : fail(STATUS_USAGE,
                                     "average is the work of one process: start it without "
                                     "mpirun"));
}

static status choose(mean *out, const arguments *a, bool best, int64_t count)
{
    return best ? mean_choose_best(out, a->operands[0], count)
                : mean_choose_last(out, a->operands[0], count);
}

/* A run that goes on removes checkpoints between their being chosen and read. */
static status choose_and_save(mean *m, const arguments *a, const char *path, bool best,
                              int64_t count, const mean_finish *finish)
{
    const char *run = a->operands[0];
    status result = STATUS_OK;

    for (int tries = 0; tries < TRIES; tries++) {
        mean_free(m);
        TRY(choose(m, a, best, count));
        result = mean_save(m, run, path, finish);
        if (result == STATUS_OK || result == STATUS_STOPPED || mean_is_there(m, run))
            return result;
    }
    return fail(
        STATUS_INPUT,
        "%s: its checkpoints are removed before they can be read; let the run keep more "
        "with checkpoint.keep, or ask for fewer",
        run);
}

static status output_path(char out[FILE_PATH_MAX], const arguments *a, bool best, int64_t count)
{
    const char *output = arguments_text(a, "--output");
    char name[64];

    snprintf(name, sizeof(name), "average-%s-%" PRId64 ".h5", best ? "best" : "last", count);
    if (output == NULL)
        return file_join(out, a->operands[0], name);
    if (snprintf(out, FILE_PATH_MAX, "%s", output) >= FILE_PATH_MAX)
        return fail(STATUS_INPUT, "option --output: too long a path");
    return STATUS_OK;
}

static void say(const mean *m, const char *path, const gather *g)
{
    for (size_t i = 0; i < m->count; i++) {
        printf("step %-10" PRId64, m->members[i].step);
        if (!isnan(m->members[i].score))
            printf("  validation %.6g", m->members[i].score);
        printf("\n");
    }
    if (g != NULL)
        printf("running values gathered over %" PRId64 " training pairs\n", g->taken);
    printf("%s: their mean\n", path);
}

static status average(const arguments *a, const char *path, bool best, int64_t count, gather *g)
{
    const mean_finish finish = {gather_finish, g};
    mean m = {0};
    status result = choose_and_save(&m, a, path, best, count, g != NULL ? &finish : NULL);

    if (result == STATUS_OK)
        say(&m, path, g);
    if (result == STATUS_STOPPED)
        log_line("%s; no file was written", error_message());
    mean_free(&m);
    return result;
}

static status check_usage(const arguments *a)
{
    if (arguments_has(a, "--best") && arguments_has(a, "--last"))
        return fail(STATUS_USAGE, "options --last and --best: give one of them");
    if (arguments_has(a, "--pairs") && !arguments_has(a, "--gather"))
        return fail(STATUS_USAGE, "option --pairs goes with --gather");
    return STATUS_OK;
}

static status run(const arguments *a)
{
    bool best = arguments_has(a, "--best");
    char path[FILE_PATH_MAX];
    int64_t count = 5;
    gather g = {.run = a->operands[0], .pairs = GATHER_PAIRS};

    TRY(check_usage(a));
    TRY(arguments_integer(a, best ? "--best" : "--last", 1, INT32_MAX, &count));
    TRY(arguments_integer(a, "--pairs", 1, INT64_MAX, &g.pairs));
    TRY(output_path(path, a, best, count));
    TRY(world_open(&g.world, NULL, NULL));
    status result = refuse_ranks(g.world);
    if (result == STATUS_OK)
        result = average(a, path, best, count, arguments_has(a, "--gather") ? &g : NULL);
    world_close(g.world);
    return result;
}

static const argument_flag flags[] = {
    {"--last", "N", "of the last N checkpoints; 5 without this and --best"},
    {"--best", "N", "of the N best ones by validation"},
    {"--gather", NULL, "gather batch norm's running values anew, without dropout"},
    {"--pairs", "N", "training pairs that --gather takes; 10000 without this"},
    {"--output", "FILE", "what to write; average-last-N.h5 or average-best-N.h5 in RUN"},
    {0}};

const verb verb_average = {
    .name = "average",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .summary = "write the mean of a run's last or best checkpoints",
    .flags = flags,
    .run = run,
};
