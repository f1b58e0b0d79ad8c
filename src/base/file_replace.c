/* file_replace.c - a file appears whole or not at all. */
#include "lockstep/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HOST_MAX = 256, FORGOTTEN_SECONDS = 24 * 3600, LINKS_MAX = 40 };

static void host_name(char out[HOST_MAX])
{
    if (gethostname(out, HOST_MAX) != 0)
        snprintf(out, HOST_MAX, "host");
    out[HOST_MAX - 1] = '\0';
}

/* The folder of `path` into `out`; returns the name within it. */
static const char *split(const char *path, char out[FILE_PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        snprintf(out, FILE_PATH_MAX, ".");
    else
        snprintf(out, FILE_PATH_MAX, "%.*s", (int)(slash - path + 1), path);
    return slash == NULL ? path : slash + 1;
}

/* Whether nobody writes "<...>.tmp-<host>-<pid>" any more. `owner` is what
 * follows ".tmp-". Another host's processes cannot be asked: there, age tells. */
static bool is_abandoned(const char *path, const char *owner)
{
    char host[HOST_MAX];
    struct stat about;
    const char *dash = strrchr(owner, '-');

    if (dash == NULL || stat(path, &about) != 0)
        return false;
    host_name(host);
    size_t size = (size_t)(dash - owner);
    if (strlen(host) != size || strncmp(host, owner, size) != 0)
        return time(NULL) - about.st_mtime > FORGOTTEN_SECONDS;
    long pid = strtol(dash + 1, NULL, 10);
    return pid == (long)getpid() || (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static void remove_abandoned(const char *path)
{
    char folder[FILE_PATH_MAX], found[FILE_PATH_MAX];
    const char *name = split(path, folder);
    size_t size = strlen(name);
    DIR *list = opendir(folder);

    for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
        const char *rest = entry->d_name + size;

        if (strncmp(entry->d_name, name, size) != 0 || strncmp(rest, ".tmp-", 5) != 0)
            continue;
        if (file_join(found, folder, entry->d_name) == STATUS_OK &&
            is_abandoned(found, rest + 5))
            unlink(found);
    }
    if (list != NULL)
        closedir(list);
}

/* ---- what is there already ---- */

/* Put what the link at `path` says in its place. */
static status follow(char path[FILE_PATH_MAX])
{
    char target[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    ssize_t size = readlink(path, target, sizeof(target) - 1);

    if (size < 0)
        return fail(STATUS_INPUT, "%s: cannot follow the link: %s", path, strerror(errno));
    target[size] = '\0';
    split(path, folder);
    if (target[0] != '/')
        return file_join(path, folder, target);
    memcpy(path, target, (size_t)size + 1);
    return STATUS_OK;
}

/* To the end of a chain of links, where there may be nothing yet. */
static status follow_all(char path[FILE_PATH_MAX])
{
    struct stat about;

    for (int links = 0; lstat(path, &about) == 0 && S_ISLNK(about.st_mode); links++) {
        if (links == LINKS_MAX)
            return fail(STATUS_INPUT, "%s: too many symbolic links", path);
        TRY(follow(path));
    }
    return STATUS_OK;
}

/* The links of /proc, and so /dev/stdout, lead to what has no name in any folder. */
static bool is_same(const struct stat *one, const char *path)
{
    struct stat other;

    return stat(path, &other) == 0 && one->st_dev == other.st_dev &&
           one->st_ino == other.st_ino;
}

static status find_place(file_replacement *file, const char *path)
{
    struct stat about;

    if (snprintf(file->path, sizeof(file->path), "%s", path) >= (int)sizeof(file->path))
        return fail(STATUS_INPUT, "%.64s...: the path is too long", path);
    bool there = stat(path, &about) == 0;
    file->in_place = there && !S_ISREG(about.st_mode);
    if (there && S_ISDIR(about.st_mode))
        return fail(STATUS_IO, "%s: cannot replace the file: is a folder", path);
    if (file->in_place)
        return STATUS_OK;
    TRY(follow_all(file->path));
    if (!there || is_same(&about, file->path))
        return STATUS_OK;
    file->in_place = true;
    memcpy(file->path, path, strlen(path) + 1);
    return STATUS_OK;
}

status file_replace_begin(file_replacement *file, const char *path)
{
    char host[HOST_MAX];

    *file = (file_replacement){.in_place = false};
    TRY(find_place(file, path));
    if (file->in_place) {
        memcpy(file->temporary, file->path, sizeof(file->path));
        return STATUS_OK;
    }
    host_name(host);
    int used = snprintf(file->temporary, sizeof(file->temporary), "%s.tmp-%s-%ld", file->path,
                        host, (long)getpid());
    if (used < 0 || (size_t)used >= sizeof(file->temporary)) {
        file->temporary[0] = '\0';
        return fail(STATUS_INPUT, "%.64s...: the path is too long", path);
    }
    remove_abandoned(file->path);
    return STATUS_OK;
}

status file_replace_begin_regular(file_replacement *file, const char *path)
{
    TRY(file_replace_begin(file, path));
    if (!file->in_place)
        return STATUS_OK;
    file->temporary[0] = '\0';
    return fail(STATUS_INPUT,
                "%s: is a device or pipe, which cannot hold an HDF5 file; name "
                "a regular file",
                path);
}

static status sync_path(const char *path, int flags)
{
    int descriptor = open(path, flags | O_CLOEXEC);

    if (descriptor < 0)
        return fail(STATUS_IO, "%s: cannot open to sync: %s", path, strerror(errno));
    int failed = fsync(descriptor), why = errno;
    close(descriptor);
    /* Some file systems cannot sync a folder and say EINVAL. */
    if (failed != 0 && why != EINVAL && why != EROFS)
        return fail(STATUS_IO, "%s: cannot sync: %s", path, strerror(why));
    return STATUS_OK;
}

status file_replace_sync(const file_replacement *file)
{
    return file->in_place ? STATUS_OK : sync_path(file->temporary, O_RDWR);
}

status file_replace_show(file_replacement *file)
{
    if (file->in_place || rename(file->temporary, file->path) == 0)
        return STATUS_OK;
    status result =
        fail(STATUS_IO, "%s: cannot replace the file: %s", file->path, strerror(errno));

    file_replace_cancel(file);
    return result;
}

status file_replace_end(file_replacement *file)
{
    char folder[FILE_PATH_MAX];

    if (file->in_place)
        return STATUS_OK;
    status result = file_replace_sync(file);

    if (result != STATUS_OK) {
        file_replace_cancel(file);
        return result;
    }
    TRY(file_replace_show(file));
    split(file->path, folder);
    return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

void file_replace_cancel(file_replacement *file)
{
    if (!file->in_place)
        unlink(file->temporary);
}
