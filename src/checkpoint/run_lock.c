/* run_lock.c - the lock of a run's folder. */
#define _DEFAULT_SOURCE /* flock */
#include "lockstep/checkpoint/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/log.h"

/* Who holds the lock, for the message of those who wait: "process 123 on host". */
static void write_owner(int descriptor)
{
    char host[256], text[300];

    if (gethostname(host, sizeof(host)) != 0)
        snprintf(host, sizeof(host), "an unknown host");
    host[sizeof(host) - 1] = '\0';
    int size = snprintf(text, sizeof(text), "process %ld on %.200s\n", (long)getpid(), host);
    /* A full disk takes nothing from the lock itself. */
    if (ftruncate(descriptor, 0) == 0)
        (void)!pwrite(descriptor, text, (size_t)size, 0);
}

static status refuse(int descriptor, const char *run)
{
    char owner[300];
    ssize_t size = pread(descriptor, owner, sizeof(owner) - 1, 0);

    owner[size > 0 ? size : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
    return fail(STATUS_BUSY,
                "%s: is locked by another job (%s); wait until it has ended, stop it, or "
                "choose another run.folder",
                run, owner[0] != '\0' ? owner : "an unknown process");
}

status run_lock_open(run_lock *out, const char *run)
{
    char path[FILE_PATH_MAX];

    TRY(file_make_folder(run));
    TRY(file_join(path, run, "lock"));
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return fail(STATUS_IO, "%s: cannot open: %s", path, strerror(errno));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            status refused = refuse(descriptor, run);

            close(descriptor);
            return refused;
        }
        log_warning("%s: cannot lock: %s; take care that no second job runs there", path,
                    strerror(errno));
    }
    write_owner(descriptor);
    *out = (run_lock){.held = true, .descriptor = descriptor};
    return STATUS_OK;
}

/* The lock's file as it is found now, and as this process holds it. */
static bool is_same_file(int descriptor, const char *path)
{
    struct stat found, held;

    return stat(path, &found) == 0 && fstat(descriptor, &held) == 0 &&
           found.st_dev == held.st_dev && found.st_ino == held.st_ino;
}

status run_lock_check(const run_lock *lock, const char *run)
{
    char path[FILE_PATH_MAX];

    if (!lock->held)
        return STATUS_OK;
    TRY(file_join(path, run, "lock"));
    if (is_same_file(lock->descriptor, path))
        return STATUS_OK;
    return fail(STATUS_IO,
                "%s: is no longer the folder in which this run began: it, or its lock, was "
                "removed, moved or replaced; nothing more is written there",
                run);
}

void run_lock_close(run_lock *lock)
{
    if (lock->held) {
        (void)!ftruncate(lock->descriptor, 0);
        close(lock->descriptor);
    }
    *lock = (run_lock){0};
}
