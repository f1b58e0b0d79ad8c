/* file.c - paths, and files read or written as a whole. */
#include "lockstep/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"

bool file_exists(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0;
}

bool file_is_regular(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

bool file_is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

status file_size(const char *path, uint64_t *out)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return fail(STATUS_INPUT, "%s: %s", path, strerror(errno));
    *out = (uint64_t)about.st_size;
    return STATUS_OK;
}

status file_join(char out[FILE_PATH_MAX], const char *folder, const char *name)
{
    size_t size = strlen(folder);
    const char *slash = size > 0 && folder[size - 1] == '/' ? "" : "/";
    int used = snprintf(out, FILE_PATH_MAX, "%s%s%s", folder, slash, name);

    if (used < 0 || used >= FILE_PATH_MAX)
        return fail(STATUS_INPUT, "%.64s.../%s: the path is too long", folder, name);
    return STATUS_OK;
}

static status make_one(const char *path)
{
    if (mkdir(path, 0777) == 0 || file_is_folder(path))
        return STATUS_OK;
    if (errno == EEXIST)
        errno = ENOTDIR;
    return fail(STATUS_IO, "%s: cannot create the folder: %s", path, strerror(errno));
}

status file_make_folder(const char *path)
{
    char part[FILE_PATH_MAX];
    size_t size = strlen(path);

    if (size == 0 || size >= sizeof(part))
        return fail(STATUS_INPUT, "a folder's path is empty or too long");
    memcpy(part, path, size + 1);
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        TRY(make_one(part));
        *slash++ = '/';
    }
    return make_one(part);
}

status file_make_parent(const char *path)
{
    char folder[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path)
        return STATUS_OK;
    snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    return file_make_folder(folder);
}

static status open_any(int *out, const char *path, struct stat *about)
{
    int descriptor;

    do {
        descriptor = open(path, O_RDONLY | O_CLOEXEC);
    } while (descriptor < 0 && errno == EINTR && stop_signal() == 0);
    if (descriptor < 0 && errno == EINTR)
        return fail(STATUS_STOPPED, "%s: stopped by signal %d", path, stop_signal());
    if (descriptor < 0)
        return fail(STATUS_INPUT, "%s: %s", path, strerror(errno));
    if (fstat(descriptor, about) != 0)
        about->st_mode = 0;
    if (S_ISDIR(about->st_mode)) {
        close(descriptor);
        return fail(STATUS_INPUT, "%s: is a folder, not a file", path);
    }
    *out = descriptor;
    return STATUS_OK;
}

status file_open(int *out, const char *path)
{
    struct stat about;

    return open_any(out, path, &about);
}

/* Looked at before it is opened: a pipe without a writer would be waited for. */
status file_open_regular(int *out, const char *path, uint64_t *size)
{
    struct stat about;

    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return fail(STATUS_INPUT,
                    "%s: is a device or pipe, which can be read only once; give a file", path);
    TRY(open_any(out, path, &about));
    *size = (uint64_t)about.st_size;
    return STATUS_OK;
}

static status read_all(int descriptor, const char *path, buffer *content)
{
    char piece[16384];
    ssize_t size;

    while ((size = read(descriptor, piece, sizeof(piece))) != 0) {
        if (size > 0)
            TRY(buffer_add(content, piece, (size_t)size));
        else if (errno != EINTR)
            return fail(STATUS_INPUT, "%s: cannot read: %s", path, strerror(errno));
        else if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "%s: stopped by signal %d", path, stop_signal());
    }
    return buffer_add(content, "", 0);
}

status file_load(const char *path, char **out, size_t *size)
{
    buffer content = {0};
    int descriptor = -1;

    TRY(file_open(&descriptor, path));
    status result = read_all(descriptor, path, &content);
    close(descriptor);
    if (result != STATUS_OK) {
        buffer_free(&content);
        return result;
    }
    *out = content.data;
    *size = content.size;
    return STATUS_OK;
}

static status write_all(const file_replacement *file, const char *bytes, size_t size)
{
    int descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = descriptor >= 0;

    for (size_t done = 0; good && done < size;) {
        ssize_t wrote = write(descriptor, bytes + done, size - done);

        if (wrote > 0)
            done += (size_t)wrote;
        else
            good = wrote < 0 && errno == EINTR;
    }
    int why = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && good) {
        good = false;
        why = errno;
    }
    return good ? STATUS_OK
                : fail(STATUS_IO, "%s: cannot write: %s", file->path, strerror(why));
}

static status replace(const char *path, const void *bytes, size_t size,
                      status (*end)(file_replacement *))
{
    file_replacement file;

    TRY(file_replace_begin(&file, path));
    status result = write_all(&file, bytes, size);
    if (result != STATUS_OK) {
        file_replace_cancel(&file);
        return result;
    }
    return end(&file);
}

status file_save(const char *path, const void *bytes, size_t size)
{
    return replace(path, bytes, size, file_replace_end);
}

status file_show(const char *path, const void *bytes, size_t size)
{
    return replace(path, bytes, size, file_replace_show);
}
