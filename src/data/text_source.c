/* text_source.c - the bytes of a text, plain or gzip. */
#include "text_source.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"

enum { INPUT = 1 << 16, GZIP_WINDOW = 15 + 16 };

struct text_source {
    int descriptor;
    unsigned char *input; /* [INPUT] bytes read */
    size_t first, last;   /* those not yet used */
    bool ended;           /* the file has no more */
    bool known;           /* its first bytes were looked at */
    bool gzip, member;    /* member: in the middle of one */
    unsigned long long read;
    z_stream zlib;
};

/* What is no text in UTF-8, by its first bytes; `?` is any. */
static const struct {
    const char *bytes;
    size_t size;
    const char *what;
} foreign[] = {
    {"\xfd"
     "7zXZ",
     6, "compressed with xz; decompress it first (xz -d)"},
    {"BZh?1AY&SY", 10, "compressed with bzip2; decompress it first (bzip2 -d)"},
    {"\x28\xb5\x2f\xfd", 4, "compressed with zstd; decompress it first (zstd -d)"},
    {"\x04\x22\x4d\x18", 4, "compressed with lz4; decompress it first (lz4 -d)"},
    {"PK\x03\x04", 4, "a zip archive; unpack it first (unzip)"},
    {"7z\xbc\xaf\x27\x1c", 6, "a 7z archive; unpack it first"},
    {"\xff\xfe", 2, "UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"},
    {"\xfe\xff", 2, "UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"},
};
static const unsigned char gzip_magic[] = {0x1f, 0x8b};

/* ---- open and closed ---- */

status text_source_open(text_source **out, const char *path)
{
    text_source *made = memory_create(1, sizeof(*made));
    status result = STATUS_OK;

    *out = NULL;
    if (made != NULL) {
        made->descriptor = STDIN_FILENO;
        made->input = memory_create(INPUT, 1);
    }
    if (made == NULL || made->input == NULL)
        result = fail(STATUS_NOMEM, "%s: no memory to read it", path);
    else if (strcmp(path, "-") != 0)
        result = file_open(&made->descriptor, path);
    if (result != STATUS_OK) {
        text_source_close(made);
        return result;
    }
    *out = made;
    return STATUS_OK;
}

void text_source_close(text_source *self)
{
    if (self == NULL)
        return;
    if (self->descriptor != STDIN_FILENO)
        close(self->descriptor);
    if (self->gzip)
        inflateEnd(&self->zlib);
    memory_destroy(self->input);
    memory_destroy(self);
}

/* ---- the file's own bytes ---- */

/* Behind those that are there. */
static status fill(text_source *self)
{
    ssize_t got;

    memmove(self->input, self->input + self->first, self->last - self->first);
    self->last -= self->first;
    self->first = 0;
    do {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped by signal %d", stop_signal());
        got = read(self->descriptor, self->input + self->last, INPUT - self->last);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail(STATUS_INPUT, "cannot read: %s", strerror(errno));
    self->last += (size_t)got;
    self->read += (unsigned long long)got;
    self->ended = got == 0;
    return STATUS_OK;
}

static int64_t count_lines(text_source *self, off_t at)
{
    int64_t lines = 0;
    unsigned char last = '\n';
    ssize_t got;

    while ((got = pread(self->descriptor, self->input, INPUT, at)) > 0 && stop_signal() == 0) {
        for (ssize_t i = 0; i < got; i++)
            lines += self->input[i] == '\n';
        last = self->input[got - 1];
        at += got;
    }
    return got == 0 ? lines + (last != '\n') : -1;
}

int64_t text_source_lines(text_source *self)
{
    struct stat what;
    off_t at = lseek(self->descriptor, 0, SEEK_CUR);
    unsigned char first[sizeof(gzip_magic)];

    CHECK(self->read == 0);
    if (at < 0 || fstat(self->descriptor, &what) != 0 || !S_ISREG(what.st_mode))
        return -1;
    ssize_t got = pread(self->descriptor, first, sizeof(first), at);
    if (got < 0 || (got == sizeof(first) && memcmp(first, gzip_magic, sizeof(first)) == 0))
        return -1;
    return count_lines(self, at);
}

/* How many of the bytes that come are as `wanted` says; asks for no more of the file than it
 * takes to know. */
static status match(text_source *self, const char *wanted, size_t size, bool *matches)
{
    size_t same = 0;

    while (same < size) {
        if (self->first + same == self->last && !self->ended)
            TRY(fill(self));
        if (self->first + same == self->last)
            break;
        if (wanted[same] != '?' &&
            (unsigned char)wanted[same] != self->input[self->first + same])
            break;
        same++;
    }
    *matches = same == size;
    return STATUS_OK;
}

static status match_gzip(text_source *self, bool *matches)
{
    return match(self, (const char *)gzip_magic, sizeof(gzip_magic), matches);
}

static status look(text_source *self)
{
    bool matches;

    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
        TRY(match(self, foreign[i].bytes, foreign[i].size, &matches));
        if (matches)
            return fail(STATUS_INPUT, "is %s", foreign[i].what);
    }
    TRY(match_gzip(self, &matches));
    if (matches && inflateInit2(&self->zlib, GZIP_WINDOW) != Z_OK)
        return fail(STATUS_NOMEM, "no memory to decompress it");
    self->gzip = self->member = matches;
    self->known = true;
    return STATUS_OK;
}

/* ---- the text ---- */

static status take_plain(text_source *self, char *bytes, size_t room, size_t *got)
{
    if (self->first == self->last && !self->ended)
        TRY(fill(self));
    size_t size = self->last - self->first;

    *got = size < room ? size : room;
    memcpy(bytes, self->input + self->first, *got);
    self->first += *got;
    return STATUS_OK;
}

/* After a member: another, or the end, before which zeros may stand. */
static status next_member(text_source *self)
{
    TRY(match_gzip(self, &self->member));
    if (self->member) {
        CHECK(inflateReset(&self->zlib) == Z_OK);
        return STATUS_OK;
    }
    while (self->first < self->last || !self->ended) {
        if (self->first == self->last)
            TRY(fill(self));
        else if (self->input[self->first] != 0)
            return fail(
                STATUS_INPUT,
                "cannot read: after the end of the gzip data, at byte %llu of the file, "
                "something else follows; compress all of it, or take it apart",
                self->read - (self->last - self->first) + 1);
        else
            self->first++;
    }
    return STATUS_OK;
}

static status inflate_some(text_source *self, char *bytes, size_t room, size_t *got)
{
    z_stream *z = &self->zlib;

    z->next_in = self->input + self->first;
    z->avail_in = (uInt)(self->last - self->first);
    z->next_out = (unsigned char *)bytes;
    z->avail_out = (uInt)room;
    int code = inflate(z, Z_NO_FLUSH);
    self->first = self->last - z->avail_in;
    *got = room - z->avail_out;
    self->member = code != Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
        return STATUS_OK;
    return fail(STATUS_INPUT, "cannot read: the gzip data are damaged: %s",
                z->msg != NULL ? z->msg : "no reason given");
}

static status take_gzip(text_source *self, char *bytes, size_t room, size_t *got)
{
    while (*got == 0) {
        if (!self->member)
            TRY(next_member(self));
        if (!self->member)
            return STATUS_OK;
        if (self->first == self->last && !self->ended)
            TRY(fill(self));
        if (self->first == self->last)
            return fail(STATUS_INPUT, "cannot read: the gzip data end too early");
        TRY(inflate_some(self, bytes, room, got));
    }
    return STATUS_OK;
}

status text_source_read(text_source *self, char *bytes, size_t room, size_t *got)
{
    *got = 0;
    if (!self->known)
        TRY(look(self));
    return self->gzip ? take_gzip(self, bytes, room, got) : take_plain(self, bytes, room, got);
}

uint64_t text_source_place(const text_source *self)
{
    return self->read - (self->last - self->first);
}

bool text_source_waits(const text_source *self, double until)
{
    struct pollfd file = {.fd = self->descriptor, .events = POLLIN};
    double left = until - clock_seconds();

    if (self->first < self->last || self->ended)
        return false;
    return poll(&file, 1, left > 0 ? (int)(1000 * left) : 0) == 0;
}
