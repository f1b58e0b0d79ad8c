/* run_state.c - does a run train now? */
#define _DEFAULT_SOURCE /* flock */
#include "run_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lockstep/base/file.h"

static void read_holder(int descriptor, char holder[RUN_HOLDER])
{
    ssize_t size = read(descriptor, holder, RUN_HOLDER - 1);

    holder[size > 0 ? size : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
}

/* Where the file names nobody the lock is not touched: a job that starts would find it taken,
 * be it for a moment. */
static run_state look(int descriptor, char holder[RUN_HOLDER])
{
    read_holder(descriptor, holder);
    if (holder[0] == '\0')
        return RUN_RESTS;
    if (flock(descriptor, LOCK_SH | LOCK_NB) == 0)
        return RUN_KILLED;
    return errno == EWOULDBLOCK ? RUN_TRAINS : RUN_UNSURE;
}

run_state run_state_get(const char *run, char holder[RUN_HOLDER])
{
    char path[FILE_PATH_MAX];

    holder[0] = '\0';
    if (file_join(path, run, "lock") != STATUS_OK || !file_exists(path))
        return RUN_RESTS;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return RUN_UNSURE;
    run_state state = look(descriptor, holder);
    close(descriptor);
    return state;
}

const char *run_state_word(run_state state)
{
    static const char *const words[] = {[RUN_RESTS] = "resting",
                                        [RUN_TRAINS] = "training",
                                        [RUN_KILLED] = "killed",
                                        [RUN_UNSURE] = "unknown"};

    return words[state];
}
