/* main.c - from the command line to a verb, and from its status to the exit status.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/config/nearest.h"
#include "verb.h"
#include "waiting.h"

static const verb *const verbs[] = {
#define X(name) &verb_##name,
    VERB_LIST(X)
#undef X
};

enum { VERBS = sizeof verbs / sizeof *verbs };

/* ---- help ---- */

static void print_usage(FILE *out)
{
    fprintf(out, "usage: lockstep VERB [OPTIONS] ...\n"
                 "       mpirun -n RANKS lockstep VERB [OPTIONS] ...\n\n");
    for (int i = 0; i < VERBS; ++i)
        fprintf(out, "  %-8s %-12s %s\n", verbs[i]->name, verbs[i]->operands,
                verbs[i]->summary);
    fprintf(out, "\n`lockstep VERB --help` lists the options of a verb, `lockstep config "
                 "--reference`\nevery key of a configuration.\n");
}

static void print_verb_usage(const verb *v)
{
    printf("usage: lockstep %s [OPTIONS] %s\n\n%s%s\n\n", v->name, v->operands, v->summary,
           v->alone   ? "; one rank of mpirun does it, all read audio files"
           : v->ranks ? "; shares the work among the ranks of mpirun"
                      : "");
    for (const argument_flag *flag = v->flags; flag->name; ++flag) {
        char name[64];
        snprintf(name, sizeof name, "%s %s", flag->name, flag->value ? flag->value : "");
        printf("  %-22s %s\n", name, flag->help);
    }
    printf("  %-22s %s\n", "--help", "print this");
}

static bool asks_for_help(int count, char *const *words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; ++i)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

/* ---- the end ---- */

/* A full disk or a closed pipe shows when the last bytes leave. */
static status flush_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_OK;
    if (errno == EPIPE) {
        stop_set(SIGPIPE);
        return STATUS_STOPPED;
    }
    return fail(STATUS_IO, "cannot write to standard output: %s", strerror(errno));
}

/* Print a failure that nobody has printed yet: world_agree prints, and leaves no
 * message. [collective] where there is a world. */
static status report(world *w, status result)
{
    bool unsaid = result != STATUS_OK && result != STATUS_STOPPED && *error_message();
    if (!w || world_size(w) == 1) {
        if (unsaid)
            log_error("%s", error_message());
        return result;
    }
    if (world_max(w, unsaid)) {
        status agreed = world_agree(w, unsaid ? result : STATUS_OK);
        return agreed != STATUS_OK ? agreed : result;
    }
    return result;
}

/* scripts/run.sh --retries must tell what the program itself reports from mpirun's own 1. */
static int failure_code(status result)
{
    enum { FAILED = 70, BUSY = 71 };
    int code = status_exit_code(result);

    if (code != 1 || getenv("LOCKSTEP_RETRIES") == NULL)
        return code;
    return result == STATUS_BUSY ? BUSY : FAILED;
}

/* [collective] where there is a world. */
static int exit_code(world *w, status result)
{
    int signal = w ? world_max(w, stop_signal()) : stop_signal();
    return result == STATUS_STOPPED && signal > 0 ? 128 + signal : failure_code(result);
}

/* ---- running a verb ---- */

static status check_operands(const verb *v, const arguments *a)
{
    if (a->operand_count >= v->least && a->operand_count <= v->most)
        return STATUS_OK;
    return fail(STATUS_USAGE, "too %s arguments; usage: lockstep %s [OPTIONS] %s",
                a->operand_count < v->least ? "few" : "many", v->name, v->operands);
}

static status run(const verb *v, world *w, int count, char *const *words)
{
    arguments a;
    status result = arguments_init(&a, v->flags, count - 2, words + 2);
    if (result == STATUS_OK)
        result = check_operands(v, &a);
    if (result == STATUS_OK) {
        a.words = words;
        a.word_count = count;
        a.world = w;
        result = v->run(&a);
    }
    arguments_free(&a);
    return result == STATUS_OK ? flush_output() : result;
}

static int run_verb(const verb *v, int argc, char **argv)
{
    /* Before MPI starts, which takes a second or more. */
    stop_open();
    world *w = NULL;
    status result = v->ranks ? world_open(&w, &argc, &argv) : STATUS_OK;
    if (!w || world_rank(w) == 0)
        log_open();
    if (w && world_size(w) > 1)
        stop_ignore_pipe();
    if (result == STATUS_OK)
        result = run(v, w, argc, argv);
    result = report(w, result);
    int code = exit_code(w, result);
    log_close();
    world_close(w);
    return code;
}

static int refuse_verb(const char *name)
{
    nearest near;
    nearest_init(&near, name);
    for (int i = 0; i < VERBS; ++i)
        nearest_add(&near, verbs[i]->name);
    if (near.best)
        log_error("unknown verb `%.60s`; did you mean `%s`?", name, near.best);
    else
        log_error("unknown verb `%.60s`; `lockstep --help` lists all", name);
    return status_exit_code(STATUS_USAGE);
}

static int finish_help(void)
{
    return exit_code(NULL, report(NULL, flush_output()));
}

static int start(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return status_exit_code(STATUS_USAGE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("lockstep %s\n", LOCKSTEP_VERSION);
        return finish_help();
    }
    if (strcmp(argv[1], "help") == 0 || asks_for_help(1, argv + 1)) {
        print_usage(stdout);
        return finish_help();
    }
    for (int i = 0; i < VERBS; ++i) {
        if (strcmp(verbs[i]->name, argv[1]) != 0)
            continue;
        if (!asks_for_help(argc - 2, argv + 2)) {
            waiting_open(verbs[i], argc, argv);
            return run_verb(verbs[i], argc, argv);
        }
        print_verb_usage(verbs[i]);
        return finish_help();
    }
    return refuse_verb(argv[1]);
}

/* Where address space is limited, threads of OpenBLAS may wait for theirs for ever, and the
 * library waits for them when the process ends. */
static int leave(int code)
{
    struct rlimit space;

    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        fflush(NULL);
        _exit(code);
    }
    return code;
}

int main(int argc, char **argv)
{
    return leave(start(argc, argv));
}
