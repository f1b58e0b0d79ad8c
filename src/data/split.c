/* split.c - one split of a dataset: read, encoded and written. */
#include "lockstep/data/split.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/spill.h"

enum { COPY_ROWS = 8192, NAME_ROOM = 64 };

/* One side while it is encoded. */
typedef struct side {
    const char *name;
    const vocabulary *vocabulary;
    spill *ids, *offsets;
    buffer text;   /* of the pairs kept, each line ended by a 0 byte */
    int32_t *line; /* [max_length] the numbers of the current line */
    size_t count;  /* how many it has */
    int64_t tokens, unknown;
} side;

typedef struct split {
    const split_job *job;
    side source, target;
    int64_t read, kept, too_long, empty; /* pairs */
} split;

static status open_side(side *s, const char *name, const vocabulary *of, const split_job *job)
{
    const int64_t first = 0;

    s->name = name;
    s->vocabulary = of;
    s->line = memory_create((size_t)job->max_length, sizeof(*s->line));
    if (s->line == NULL)
        return fail(STATUS_NOMEM, "no memory for lines of %d tokens", job->max_length);
    TRY(spill_create(&s->ids, job->path));
    TRY(spill_create(&s->offsets, job->path));
    return spill_add(s->offsets, &first, sizeof(first));
}

static void close_side(side *s)
{
    spill_destroy(s->ids);
    spill_destroy(s->offsets);
    buffer_free(&s->text);
    memory_destroy(s->line);
}

static status encode_line(side *s, const split_job *job, const corpus_line *line)
{
    return vocabulary_encode(s->vocabulary, line->text, line->size, s->line,
                             (size_t)job->max_length, &s->count);
}

static status keep_line(side *s, const split_job *job, const corpus_line *line)
{
    for (size_t i = 0; i < s->count; i++)
        s->unknown += s->line[i] == TOKEN_UNK;
    s->tokens += (int64_t)s->count;
    TRY(spill_add(s->ids, s->line, s->count * sizeof(*s->line)));
    TRY(spill_add(s->offsets, &s->tokens, sizeof(s->tokens)));
    if (!job->keep_text)
        return STATUS_OK;
    TRY(buffer_add(&s->text, line->text, line->size));
    return buffer_add(&s->text, "", 1);
}

static status add_pair(split *self, const corpus_line *source, const corpus_line *target)
{
    const split_job *job = self->job;
    size_t most = (size_t)job->max_length;

    self->read++;
    TRY(encode_line(&self->source, job, source));
    TRY(encode_line(&self->target, job, target));
    if (self->source.count == 0 || self->target.count == 0) {
        self->empty++;
        return STATUS_OK;
    }
    if (self->source.count > most || self->target.count > most) {
        self->too_long++;
        return STATUS_OK;
    }
    self->kept++;
    TRY(keep_line(&self->source, job, source));
    return keep_line(&self->target, job, target);
}

static status read_pairs(split *self, corpus *from)
{
    corpus_line source, target;
    bool end;

    for (;;) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(corpus_next(from, &source, &target, &end));
        if (end)
            break;
        TRY(add_pair(self, &source, &target));
        log_progress("%s: %lld pairs", self->job->name, (long long)self->read);
    }
    if (self->read == 0)
        return fail(STATUS_INPUT, "%s: empty; there is nothing to learn from",
                    corpus_name(from));
    if (self->kept == 0)
        return fail(STATUS_INPUT,
                    "%s: none of %lld pairs is left: %lld longer than data.max_length "
                    "(%d tokens), %lld with an empty side",
                    corpus_name(from), (long long)self->read, (long long)self->too_long,
                    self->job->max_length, (long long)self->empty);
    return STATUS_OK;
}

static double unknown_percent(const side *s)
{
    return 100.0 * (double)s->unknown / (double)s->tokens;
}

static void report(const split *self, const corpus *from)
{
    log_line("%s: %lld pairs in %s, %lld kept, %lld longer than %d tokens and %lld with an "
             "empty side dropped; source %lld tokens (%.2f%% <unk>), target %lld (%.2f%%)",
             self->job->name, (long long)self->read, corpus_name(from), (long long)self->kept,
             (long long)self->too_long, self->job->max_length, (long long)self->empty,
             (long long)self->source.tokens, unknown_percent(&self->source),
             (long long)self->target.tokens, unknown_percent(&self->target));
}

static status copy_spill(spill *from, const char *name, store_shape shape, size_t width,
                         store_writer *writer)
{
    int64_t rows[COPY_ROWS]; /* wide enough for either type */
    size_t size;

    TRY(spill_rewind(from));
    TRY(store_add_begin(writer, name, shape));
    do {
        TRY(spill_next(from, rows, COPY_ROWS * width, &size));
        if (size > 0)
            TRY(store_add_rows(writer, rows, size / width));
    } while (size > 0);
    return store_add_end(writer);
}

static status write_text(const side *s, const char *name, int64_t pairs, store_writer *writer)
{
    size_t count = (size_t)pairs, at = 0;
    const char **lines = memory_create(count, sizeof(*lines));

    if (lines == NULL)
        return fail(STATUS_NOMEM, "no memory to save %zu lines", count);
    for (size_t i = 0; i < count; i++) {
        lines[i] = s->text.data + at;
        at += strlen(lines[i]) + 1;
    }
    status result = store_add_strings(writer, name, lines, count);

    memory_destroy(lines);
    return result;
}

static status write_side(const split *self, const side *s, store_writer *writer)
{
    const char *split_name = self->job->name;
    const store_shape ids = {
        .type = STORE_INT32, .dimensions = 1, .dims = {(uint64_t)s->tokens}};
    const store_shape offsets = {
        .type = STORE_INT64, .dimensions = 1, .dims = {(uint64_t)self->kept + 1}};
    char name[NAME_ROOM];

    snprintf(name, sizeof(name), "/%s/%s/ids", split_name, s->name);
    TRY(copy_spill(s->ids, name, ids, sizeof(int32_t), writer));
    snprintf(name, sizeof(name), "/%s/%s/offsets", split_name, s->name);
    TRY(copy_spill(s->offsets, name, offsets, sizeof(int64_t), writer));
    if (!self->job->keep_text)
        return STATUS_OK;
    snprintf(name, sizeof(name), "/%s/%s/text", split_name, s->name);
    return write_text(s, name, self->kept, writer);
}

static status encode_and_write(split *self, corpus *from, store_writer *writer)
{
    const split_job *job = self->job;

    TRY(open_side(&self->source, "source", job->vocabularies->source, job));
    TRY(open_side(&self->target, "target", job->vocabularies->target, job));
    TRY(read_pairs(self, from));
    report(self, from);
    TRY(write_side(self, &self->source, writer));
    return write_side(self, &self->target, writer);
}

status split_add(const split_job *job, store_writer *writer)
{
    split self = {.job = job};
    corpus *from;
    status result = corpus_open(&from, job->files);

    if (result == STATUS_OK)
        result = encode_and_write(&self, from, writer);
    corpus_close(from);
    close_side(&self.source);
    close_side(&self.target);
    return result == STATUS_OK ? result : fail_context(result, "data.%s", job->name);
}
