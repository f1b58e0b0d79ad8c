/* split.c - one split of a dataset: read, encoded and written. */
#include "split.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/corpus.h"
#include "spill.h"

enum { COPY_ROWS = 8192, NAME_ROOM = 64 };

/* One side of the pairs kept. */
typedef struct side {
    spill *ids, *offsets;
    buffer text; /* each line ended by a 0 byte */
    int64_t tokens, unknown, specials;
    int64_t copied; /* unknown ones that stand in the source */
    int symbols;    /* of the vocabulary */
} side;

typedef struct split {
    const split_job *job;
    pair_set pair; /* the current one, alone */
    side sides[SIDES];
    int64_t read, kept, too_long, empty; /* pairs */
} split;

static status open_side(side *s, const split_job *job)
{
    const int64_t first = 0;

    TRY(spill_create(&s->ids, job->path));
    TRY(spill_create(&s->offsets, job->path));
    return spill_add(s->offsets, &first, sizeof(first));
}

static void close_side(side *s)
{
    spill_destroy(s->ids);
    spill_destroy(s->offsets);
    buffer_free(&s->text);
}

static status keep_side(side *s, const int32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        s->copied += ids[i] >= s->symbols;
        s->unknown += ids[i] == TOKEN_UNK || ids[i] >= s->symbols;
    }
    s->tokens += (int64_t)count;
    TRY(spill_add(s->ids, ids, count * sizeof(*ids)));
    return spill_add(s->offsets, &s->tokens, sizeof(s->tokens));
}

static status keep_line(side *s, const corpus_line *line)
{
    TRY(buffer_add(&s->text, line->text, line->size));
    return buffer_add(&s->text, "", 1);
}

static status keep_pair(split *self, const corpus_line lines[SIDES])
{
    TRY(pair_set_add(&self->pair));
    for (int side = 0; side < SIDES; side++) {
        size_t count;
        const void *ids = pair_set_get(&self->pair, (dataset_side)side, 0, &count);

        TRY(keep_side(&self->sides[side], ids, count));
        self->sides[side].specials += (int64_t)vocabulary_count_specials(
            sides_vocabulary(self->job->sides, (dataset_side)side), lines[side].text,
            lines[side].size);
        if (self->job->keep_text)
            TRY(keep_line(&self->sides[side], &lines[side]));
    }
    self->kept++;
    return STATUS_OK;
}

static status add_pair(split *self, const corpus_line lines[SIDES])
{
    size_t lengths[SIDES], most = (size_t)self->job->max_length;

    self->read++;
    pair_set_clear(&self->pair);
    for (int side = 0; side < SIDES; side++)
        TRY(sides_encode(self->job->sides, (dataset_side)side, &lines[side], most, &self->pair,
                         &lengths[side]));
    if (lengths[SIDE_SOURCE] == 0 || lengths[SIDE_TARGET] == 0)
        self->empty++;
    else if (lengths[SIDE_SOURCE] > most || lengths[SIDE_TARGET] > most)
        self->too_long++;
    else
        return keep_pair(self, lines);
    return STATUS_OK;
}

static status read_pairs(split *self, corpus *from)
{
    corpus_line lines[SIDES];
    bool end;

    for (;;) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(corpus_next(from, lines, &end));
        if (end)
            break;
        TRY(add_pair(self, lines));
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
    const side *source = &self->sides[SIDE_SOURCE], *target = &self->sides[SIDE_TARGET];

    log_line("%s: %lld pair%s in %s, %lld kept, %lld longer than %d tokens and %lld with an "
             "empty side dropped; source %lld tokens (%.2f%% <unk>), target %lld (%.2f%%)",
             self->job->name, (long long)self->read, PLURAL(self->read), corpus_name(from),
             (long long)self->kept, (long long)self->too_long, self->job->max_length,
             (long long)self->empty, (long long)source->tokens, unknown_percent(source),
             (long long)target->tokens, unknown_percent(target));
    if (self->job->sides->copies)
        log_line("%s: of %lld unknown tokens of the target %lld stand in their source",
                 self->job->name, (long long)target->unknown, (long long)target->copied);
    if (source->specials + target->specials > 0)
        log_warning(
            "%s: words that spell <unk>, <begin>%s or <end> are taken as unknown: %lld in "
            "the source, %lld in the target",
            corpus_name(from),
            vocabulary_has_mask(sides_vocabulary(self->job->sides, SIDE_TARGET)) ? ", <mask>"
                                                                                 : "",
            (long long)source->specials, (long long)target->specials);
}

static status copy_spill(spill *from, const char *name, store_shape shape, size_t width,
                         store_writer *writer)
{
    int64_t rows[COPY_ROWS]; /* wide enough for either type */
    size_t size;

    TRY(spill_rewind(from));
    TRY(store_add_begin_pieces(writer, name, shape));
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

static status write_side(const split *self, int which, store_writer *writer)
{
    const side *s = &self->sides[which];
    const store_shape ids = {
        .type = STORE_INT32, .dimensions = 1, .dims = {(uint64_t)s->tokens}};
    const store_shape offsets = {
        .type = STORE_INT64, .dimensions = 1, .dims = {(uint64_t)self->kept + 1}};
    char place[NAME_ROOM], name[NAME_ROOM + 8];

    snprintf(place, sizeof(place), "/%s/%s", self->job->name, side_name((dataset_side)which));
    snprintf(name, sizeof(name), "%s/ids", place);
    TRY(copy_spill(s->ids, name, ids, sizeof(int32_t), writer));
    snprintf(name, sizeof(name), "%s/offsets", place);
    TRY(copy_spill(s->offsets, name, offsets, sizeof(int64_t), writer));
    if (!self->job->keep_text)
        return STATUS_OK;
    snprintf(name, sizeof(name), "%s/text", place);
    return write_text(s, name, self->kept, writer);
}

static status encode_and_write(split *self, corpus *from, store_writer *writer)
{
    for (int side = 0; side < SIDES; side++) {
        self->sides[side].symbols = sides_symbols(self->job->sides, (dataset_side)side);
        TRY(open_side(&self->sides[side], self->job));
    }
    TRY(read_pairs(self, from));
    report(self, from);
    for (int side = 0; side < SIDES; side++)
        TRY(write_side(self, side, writer));
    return STATUS_OK;
}

status split_add(const split_job *job, store_writer *writer)
{
    split self = {.job = job};
    corpus *from;
    status result = corpus_open(&from, job->files);

    if (result == STATUS_OK)
        result = encode_and_write(&self, from, writer);
    corpus_close(from);
    pair_set_free(&self.pair);
    for (int side = 0; side < SIDES; side++)
        close_side(&self.sides[side]);
    return result == STATUS_OK ? result : fail_context(result, "data.%s", job->name);
}
