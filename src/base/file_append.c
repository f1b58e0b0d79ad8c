/* file_append.c - lines added to a file that several starts write. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"

/* What a full disk or a crash has cut short stays a line of its own. */
static bool is_cut_short(int descriptor)
{
    off_t size = lseek(descriptor, 0, SEEK_END);
    char last = '\n';

    return size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

status file_append_line(const char *path, const void *line, size_t size)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

    if (descriptor < 0)
        return fail(STATUS_IO, "%s: cannot open: %s", path, strerror(errno));
    bool good = !is_cut_short(descriptor) || write(descriptor, "\n", 1) == 1;
    errno = 0;
    good = good && write(descriptor, line, size) == (ssize_t)size;
    int why = errno != 0 ? errno : ENOSPC; /* the rest did not fit */
    if (close(descriptor) != 0 && good) {
        good = false;
        why = errno;
    }
    return good ? STATUS_OK : fail(STATUS_IO, "%s: cannot write: %s", path, strerror(why));
}
