/* waiting.c - how the threads of a rank wait for each other. */
#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/affinity.h"
#include "lockstep/base/file.h"
#include "lockstep/config/config.h"

static bool said_by_user(void)
{
    return getenv("OMP_WAIT_POLICY") != NULL || getenv("GOMP_SPINCOUNT") != NULL ||
           getenv("KMP_BLOCKTIME") != NULL;
}

static int cores_here(void)
{
    affinity all = affinity_allowed();

    return affinity_count(&all);
}

/* The configuration that a verb's first operand leads to: itself, that of the run's folder, or
 * of the run that a checkpoint stands in. */
static bool find_config(char out[FILE_PATH_MAX], const char *operand)
{
    const char *end = strrchr(operand, '.'), *more = "";
    int kept = (int)strlen(operand);

    if (file_is_folder(operand))
        more = "/config.yaml";
    else if (end != NULL && strcmp(end, ".h5") == 0) {
        const char *slash = strrchr(operand, '/');
        kept = slash != NULL ? (int)(slash - operand) : 0;
        more = kept > 0 ? "/../config.yaml" : "../config.yaml";
    }
    return snprintf(out, FILE_PATH_MAX, "%.*s%s", kept, operand, more) < FILE_PATH_MAX;
}

/* Of a rank; 1 where it cannot be known. A failure is found again, and told, when the verb
 * runs; a pipe can be read but once. */
static int threads_of(const arguments *a)
{
    char path[FILE_PATH_MAX];
    struct stat what;
    config c;

    if (a->operand_count == 0 || !find_config(path, a->operands[0]) || stat(path, &what) != 0 ||
        !S_ISREG(what.st_mode) ||
        config_load(&c, path, a->overrides, a->override_count) != STATUS_OK)
        return 1;
    int threads = c.run.threads;
    config_free(&c);
    return threads;
}

static bool is_crowded(const verb *v, int ranks, int argc, char **argv)
{
    arguments a;
    int threads = 1;

    if (arguments_init(&a, v->flags, argc - 2, argv + 2) == STATUS_OK)
        threads = threads_of(&a);
    arguments_free(&a);
    return threads > 1 && ranks * threads > cores_here();
}

/* By its path, which names the process in ps; by what stands for it when the file has been
 * replaced meanwhile. */
static void start_again(char **argv)
{
    static const char self[] = "/proc/self/exe";
    char path[FILE_PATH_MAX];
    ssize_t length = readlink(self, path, sizeof(path) - 1);

    if (length > 0) {
        path[length] = '\0';
        execv(path, argv);
    }
    execv(self, argv);
}

void waiting_open(const verb *v, int argc, char **argv)
{
    int ranks = world_launched_here();

    if (!v->ranks || ranks < 2 || said_by_user() || !is_crowded(v, ranks, argc, argv))
        return;
    if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0)
        start_again(argv);
}
