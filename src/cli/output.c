/* output.c - where a verb's lines go. */
#include "output.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/stop.h"
#include "lockstep/store/store.h"

static bool is_standard(const char *path)
{
    struct stat one, other;

    return strcmp(path, "-") == 0 ||
           (stat(path, &one) == 0 && fstat(STDOUT_FILENO, &other) == 0 &&
            one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

static status output_fail(const output *out)
{
    return fail(STATUS_IO, "%s: cannot write: %s",
                out->is_file ? out->place.path : "standard output", strerror(errno));
}

status output_open(output *out, const char *path)
{
    *out = (output){.file = stdout};
    if (path == NULL || is_standard(path))
        return STATUS_OK;
    if (store_is_ours(path))
        return fail(STATUS_INPUT,
                    "%s: is a file of Lockstep's, which text will not replace; name another",
                    path);
    TRY(file_replace_begin(&out->place, path));
    FILE *file = fopen(out->place.temporary, "we");
    if (file == NULL)
        return fail(errno == EINTR && stop_signal() != 0 ? STATUS_STOPPED : STATUS_IO,
                    "%s: cannot write: %s", path, strerror(errno));
    out->file = file;
    out->is_file = true;
    return STATUS_OK;
}

status output_flush(output *out)
{
    if (fflush(out->file) == 0 && !ferror(out->file))
        return STATUS_OK;
    if (stop_signal() != 0)
        return STATUS_OK; /* a signal cut it short, and ends the verb */
    if (errno != EPIPE)
        return output_fail(out);
    stop_set(SIGPIPE);
    return STATUS_OK;
}

status output_close(output *out, status result)
{
    if (!out->is_file)
        return result;
    if (fclose(out->file) != 0 && result == STATUS_OK)
        result = output_fail(out);
    out->is_file = false;
    if (result == STATUS_OK)
        return file_replace_end(&out->place);
    file_replace_cancel(&out->place);
    return result;
}
