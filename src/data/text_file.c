/* text_file.c - lines of UTF-8 from a file, plain or gzip, or standard input. */
#include "lockstep/data/text_file.h"

#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/utf8.h"
#include "text_source.h"

enum { CHUNK = 1 << 16 };

struct text_file {
    char *path;
    text_source *source;
    bool drained;
    char *room;         /* [CHUNK]; NULL: the lines are in memory */
    const char *chunk;  /* bytes read */
    size_t first, last; /* those of the chunk not yet given */
    buffer line;        /* as far as it has come, with its newline */
    bool whole, given;  /* of the line */
    int64_t number;
};

status text_file_open(text_file **out, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    text_file *file = memory_create(1, sizeof(*file));
    status result = STATUS_OK;

    *out = NULL;
    if (file != NULL) {
        file->path = memory_copy_text(standard ? "standard input" : path);
        file->room = memory_create(CHUNK, 1);
        file->chunk = file->room;
    }
    if (file == NULL || file->path == NULL || file->room == NULL)
        result = fail(STATUS_NOMEM, "%s: no memory to read it", path);
    else
        result = text_source_open(&file->source, path);
    if (result != STATUS_OK) {
        text_file_close(file);
        return result;
    }
    *out = file;
    return STATUS_OK;
}

status text_file_open_lines(text_file **out, const char *path, const char *lines, size_t size,
                            int64_t before)
{
    text_file *file = memory_create(1, sizeof(*file));

    *out = file;
    if (file != NULL)
        file->path = memory_copy_text(path);
    if (file == NULL || file->path == NULL) {
        memory_destroy(file);
        *out = NULL;
        return fail(STATUS_NOMEM, "%s: no memory to read it", path);
    }
    file->chunk = lines;
    file->last = size;
    file->number = before;
    return STATUS_OK;
}

void text_file_close(text_file *file)
{
    if (file == NULL)
        return;
    text_source_close(file->source);
    memory_destroy(file->path);
    memory_destroy(file->room);
    buffer_free(&file->line);
    memory_destroy(file);
}

/* The next chunk, once the last one was given. */
static status fill(text_file *file)
{
    file->first = file->last = 0;
    file->drained = file->source == NULL;
    if (file->drained)
        return STATUS_OK;
    status result = text_source_read(file->source, file->room, CHUNK, &file->last);

    if (result == STATUS_INPUT)
        return fail_context(result, "%s:%lld", file->path, (long long)file->number + 1);
    if (result != STATUS_OK)
        return fail_context(result, "%s", file->path);
    file->drained = file->last == 0;
    return STATUS_OK;
}

/* What the chunk has of the line. */
static status take(text_file *file)
{
    const char *first = file->chunk + file->first;
    size_t size = file->last - file->first;
    const char *newline = memchr(first, '\n', size);

    if (newline != NULL)
        size = (size_t)(newline - first) + 1;
    TRY(buffer_add(&file->line, first, size));
    file->first += size;
    file->whole = newline != NULL;
    return STATUS_OK;
}

/* Collect a line with its newline, if it has one, in file->line; as far as it comes without
 * a wait that is longer than until `*until`, where that is not NULL. */
static status collect(text_file *file, const double *until, bool *waits)
{
    if (file->given) {
        buffer_clear(&file->line);
        file->whole = file->given = false;
    }
    *waits = false;
    while (!file->whole && !file->drained && !*waits) {
        if (file->first < file->last)
            TRY(take(file));
        else if (until != NULL && text_source_waits(file->source, *until))
            *waits = true;
        else
            TRY(fill(file));
    }
    return STATUS_OK;
}

status text_file_ready(text_file *file, double until, bool *ready)
{
    bool waits;

    TRY(collect(file, &until, &waits));
    *ready = !waits;
    return STATUS_OK;
}

/* Every second byte of plain letters in UTF-16 is 0; a mark before them is not needed. */
static bool looks_like_utf16(const char *line, size_t size)
{
    size_t zeros = 0;

    for (size_t i = 0; i < size; i++)
        zeros += line[i] == '\0';
    return size > 3 && 5 * zeros >= 2 * size;
}

static status refuse_zero(const text_file *file, const char *line, size_t size, size_t at)
{
    const char *path = file->path;

    if (looks_like_utf16(line, size))
        return fail(STATUS_INPUT,
                    "%s:%lld: looks like UTF-16 text: every second byte is 0; convert it to "
                    "UTF-8 (iconv -f UTF-16LE -t UTF-8, or UTF-16BE)",
                    path, (long long)file->number);
    return fail(STATUS_INPUT,
                "%s:%lld: byte %zu of the line is a zero byte, which no text has; is it a "
                "binary file?",
                path, (long long)file->number, at + 1);
}

/* A file without a single newline, but with what ended lines on a Macintosh. */
static status check_ends(const text_file *file, const char *line, size_t size)
{
    if (file->number > 1 || file->whole || memchr(line, '\r', size) == NULL)
        return STATUS_OK;
    return fail(STATUS_INPUT,
                "%s: its lines end with a carriage return alone; give them newlines "
                "(tr '\\r' '\\n')",
                file->path);
}

static status check_line(const text_file *file, const char *line, size_t size)
{
    size_t bad = utf8_check(line, size);

    if (bad == size)
        return STATUS_OK;
    if (line[bad] == '\0')
        return refuse_zero(file, line, size, bad);
    return fail(STATUS_INPUT,
                "%s:%lld: byte %zu of the line (0x%02x) is not valid UTF-8; convert the "
                "file to UTF-8",
                file->path, (long long)file->number, bad + 1, (unsigned char)line[bad]);
}

status text_file_next(text_file *file, const char **line, size_t *size, bool *end)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t first = 0, last;

    bool waits;

    *end = false;
    TRY(collect(file, NULL, &waits));
    file->given = true;
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
    TRY(check_line(file, *line, *size));
    return check_ends(file, *line, *size);
}

int64_t text_file_lines(text_file *file)
{
    return text_source_lines(file->source);
}

int64_t text_file_line(const text_file *file)
{
    return file->number;
}

const char *text_file_path(const text_file *file)
{
    return file->path;
}
