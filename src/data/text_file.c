/* text_file.c - lines of UTF-8 from a file, plain or gzip, or standard input. */
#include "lockstep/data/text_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/utf8.h"

enum { CHUNK = 1 << 16 };

struct text_file {
    char *path;
    gzFile gzip; /* NULL: standard input */
    bool drained;
    char *chunk;        /* [CHUNK] bytes read */
    size_t first, last; /* those of the chunk not yet given */
    buffer line;        /* one that reaches over the end of a chunk */
    int64_t number;
};

static status open_gzip(text_file *file)
{
    if (file_is_folder(file->path))
        return fail(STATUS_INPUT, "%s: is a folder, not a text file", file->path);
    errno = 0;
    file->gzip = gzopen(file->path, "rb");
    if (file->gzip == NULL)
        return fail(STATUS_INPUT, "%s: cannot open: %s", file->path,
                    errno == 0 ? "out of memory" : strerror(errno));
    gzbuffer(file->gzip, CHUNK);
    return STATUS_OK;
}

status text_file_open(text_file **out, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    text_file *file = memory_create(1, sizeof(*file));
    status result = STATUS_OK;

    *out = NULL;
    if (file != NULL) {
        file->path = memory_copy_text(standard ? "standard input" : path);
        file->chunk = memory_create(CHUNK, 1);
    }
    if (file == NULL || file->path == NULL || file->chunk == NULL)
        result = fail(STATUS_NOMEM, "%s: no memory to read it", path);
    else if (!standard)
        result = open_gzip(file);
    if (result != STATUS_OK) {
        text_file_close(file);
        return result;
    }
    *out = file;
    return STATUS_OK;
}

void text_file_close(text_file *file)
{
    if (file == NULL)
        return;
    if (file->gzip != NULL)
        gzclose_r(file->gzip);
    memory_destroy(file->path);
    memory_destroy(file->chunk);
    buffer_free(&file->line);
    memory_destroy(file);
}

static status fill_from_gzip(text_file *file)
{
    int code;
    int got = gzread(file->gzip, file->chunk, CHUNK);
    const char *reason = gzerror(file->gzip, &code);

    /* A file cut short gives all it has, and the code with the last of it. */
    if (got < 0 || (got < CHUNK && code != Z_OK && code != Z_STREAM_END))
        return fail(STATUS_INPUT, "%s:%lld: cannot read: %s", file->path,
                    (long long)file->number + 1, code == Z_ERRNO ? strerror(errno) : reason);
    file->last = (size_t)got;
    return STATUS_OK;
}

static status fill_from_input(text_file *file)
{
    ssize_t got;

    do {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "%s: stopped by signal %d", file->path, stop_signal());
        got = read(STDIN_FILENO, file->chunk, CHUNK);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail(STATUS_INPUT, "%s: cannot read: %s", file->path, strerror(errno));
    file->last = (size_t)got;
    return STATUS_OK;
}

/* The next chunk, once the last one was given. */
static status fill(text_file *file)
{
    file->first = file->last = 0;
    TRY(file->gzip == NULL ? fill_from_input(file) : fill_from_gzip(file));
    file->drained = file->last == 0;
    return STATUS_OK;
}

/* Collect a line with its newline, if it has one, in file->line. */
static status collect(text_file *file)
{
    const char *newline = NULL;

    buffer_clear(&file->line);
    while (newline == NULL) {
        if (file->first == file->last)
            TRY(fill(file));
        if (file->drained)
            return STATUS_OK;
        const char *first = file->chunk + file->first;
        size_t size = file->last - file->first;

        newline = memchr(first, '\n', size);
        if (newline != NULL)
            size = (size_t)(newline - first) + 1;
        TRY(buffer_add(&file->line, first, size));
        file->first += size;
    }
    return STATUS_OK;
}

static status check_line(const text_file *file, const char *line, size_t size)
{
    size_t bad = utf8_check(line, size);

    if (bad == size)
        return STATUS_OK;
    return fail(STATUS_INPUT,
                "%s:%lld: byte %zu of the line (0x%02x) is not valid UTF-8; convert the "
                "file to UTF-8",
                file->path, (long long)file->number, bad + 1, (unsigned char)line[bad]);
}

status text_file_next(text_file *file, const char **line, size_t *size, bool *end)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t first = 0, last;

    *end = false;
    TRY(collect(file));
    last = file->line.size;
    if (last == 0) {
        *end = true;
        return STATUS_OK;
    }
    char *text = file->line.data;

    if (text[last - 1] == '\n')
        last--;
    if (last > 0 && text[last - 1] == '\r')
        last--;
    text[last] = '\0';
    if (file->number++ == 0 && strncmp(text, mark, strlen(mark)) == 0)
        first = strlen(mark);
    *line = text + first;
    *size = last - first;
    return check_line(file, *line, *size);
}

int64_t text_file_line(const text_file *file)
{
    return file->number;
}

const char *text_file_path(const text_file *file)
{
    return file->path;
}
