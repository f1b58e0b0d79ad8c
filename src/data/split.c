/* split.c - one split of a dataset: read, encoded and written. */
#include "split.h"

#include <stdio.h>
#include <string.h>

#include "audio_ahead.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/audio_path.h"
#include "lockstep/data/corpus.h"
#include "spill.h"

enum { COPY_BYTES = 1 << 16, NAME_ROOM = 64, BAD_NAMED = 5 };

/* One side of the pairs kept. */
typedef struct side {
    spill *elements, *offsets;
    buffer text;                       /* each line ended by a 0 byte */
    int64_t end;                       /* where the next pair's elements begin */
    int64_t tokens, unknown, specials; /* elements that stand for text */
    int64_t copied;                    /* unknown ones that stand in the source */
    int symbols;                       /* of the vocabulary */
} side;

/* Of a source of audio. */
typedef struct audio {
    audio_ahead *ahead; /* NULL: the source is text */
    audio_outcome file; /* of the current pair */
    int64_t bad;        /* files left out */
    buffer names;       /* what is wrong with the first of them */
    int64_t pairs;      /* that there are; negative: unknown */
    double since;
} audio;

typedef struct split {
    const split_job *job;
    pair_set pair; /* the current one, alone */
    side sides[SIDES];
    int64_t read, kept, too_long, empty; /* pairs */
    audio audio;
} split;

static status open_side(side *s, const split_job *job)
{
    const int64_t first = 0;

    TRY(spill_create(&s->elements, job->path));
    TRY(spill_create(&s->offsets, job->path));
    return spill_add(s->offsets, &first, sizeof(first));
}

static void close_side(side *s)
{
    spill_destroy(s->elements);
    spill_destroy(s->offsets);
    buffer_free(&s->text);
}

static void count_tokens(side *s, const int32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        s->copied += ids[i] >= s->symbols;
        s->unknown += ids[i] == TOKEN_UNK || ids[i] >= s->symbols;
        s->tokens += ids[i] >= 0;
    }
}

static status keep_side(side *s, element of, const void *elements, size_t count)
{
    if (of.kind == ELEMENT_SYMBOL)
        count_tokens(s, elements, count);
    s->end += (int64_t)count;
    TRY(spill_add(s->elements, elements, count * element_size(of)));
    return spill_add(s->offsets, &s->end, sizeof(s->end));
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
        const vocabulary *v = sides_vocabulary(self->job->sides, (dataset_side)side);
        const void *elements = pair_set_get(&self->pair, (dataset_side)side, 0, &count);

        TRY(keep_side(&self->sides[side], self->pair.elements[side], elements, count));
        if (v != NULL)
            self->sides[side].specials +=
                (int64_t)vocabulary_count_specials(v, lines[side].text, lines[side].size);
        if (self->job->keep_text)
            TRY(keep_line(&self->sides[side], &lines[side]));
    }
    self->kept++;
    return STATUS_OK;
}

/* Elements of the current pair, as sides_encode. */
static status encode(split *self, dataset_side side, const corpus_line *line, size_t most,
                     size_t *length)
{
    const audio_outcome *file = &self->audio.file;

    if (!sides_are_audio(self->job->sides, side))
        return sides_encode(self->job->sides, side, line, "", most, &self->pair, length);
    *length = file->rows;
    return *length > most ? STATUS_OK : pair_set_put(&self->pair, side, file->frames, *length);
}

static status add_pair(split *self, const corpus_line lines[SIDES])
{
    size_t lengths[SIDES], most = (size_t)self->job->max_length;

    self->read++;
    pair_set_clear(&self->pair);
    for (int side = 0; side < SIDES; side++)
        TRY(encode(self, (dataset_side)side, &lines[side], most, &lengths[side]));
    if (lengths[SIDE_SOURCE] == 0 || lengths[SIDE_TARGET] == 0)
        self->empty++;
    else if (lengths[SIDE_SOURCE] > most || lengths[SIDE_TARGET] > most)
        self->too_long++;
    else
        return keep_pair(self, lines);
    return STATUS_OK;
}

static status refuse_none(const split *self, const corpus *from)
{
    fail(STATUS_INPUT,
         "%s: none of %lld pairs is left: %lld longer than data.max_length (%d tokens), %lld "
         "with an empty side",
         corpus_name(from), (long long)self->read, (long long)self->too_long,
         self->job->max_length, (long long)self->empty);
    if (self->audio.bad == 0)
        return STATUS_INPUT;
    char message[1024];
    snprintf(message, sizeof(message), "%s", error_message());
    return fail(STATUS_INPUT, "%s, %lld with a file that cannot be read: %s", message,
                (long long)self->audio.bad, self->audio.names.data);
}

/* The current pair's file cannot be read. */
static status skip_bad(split *self, const corpus *from)
{
    const audio_outcome *file = &self->audio.file;

    self->read++;
    if (file->result != STATUS_INPUT || !self->job->skip_bad)
        return corpus_fail_at(from, self->read, fail(file->result, "%s", file->message));
    if (self->audio.bad++ >= BAD_NAMED)
        return STATUS_OK;
    return buffer_add_text(&self->audio.names, "%s%s", self->audio.bad > 1 ? "; " : "",
                           file->message);
}

static status next_pair(split *self, corpus *from, corpus_line lines[SIDES], bool *end)
{
    if (self->audio.ahead == NULL)
        return sides_read(self->job->sides, from, lines, end);
    return audio_ahead_next(self->audio.ahead, lines, &self->audio.file, end);
}

static void show_progress(const split *self)
{
    double seconds = clock_seconds() - self->audio.since;
    int64_t read = self->read, left = self->audio.pairs - read;
    char time[32];

    if (self->audio.ahead == NULL)
        log_progress("%s: %lld pairs", self->job->name, (long long)read);
    else if (left < 0 || seconds <= 0.0)
        log_progress("%s: %lld files", self->job->name, (long long)read);
    else {
        clock_text(seconds / (double)read * (double)left, time);
        log_progress("%s: %lld/%lld files  %.0f files/s  %s left", self->job->name,
                     (long long)read, (long long)self->audio.pairs, (double)read / seconds,
                     time);
    }
}

static status read_pairs(split *self, corpus *from)
{
    corpus_line lines[SIDES];
    bool end;

    for (;;) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(next_pair(self, from, lines, &end));
        if (end)
            break;
        TRY(self->audio.file.result == STATUS_OK ? add_pair(self, lines)
                                                 : skip_bad(self, from));
        show_progress(self);
    }
    if (self->read == 0)
        return fail(STATUS_INPUT, "%s: empty; there is nothing to learn from",
                    corpus_name(from));
    return self->kept > 0 ? STATUS_OK : refuse_none(self, from);
}

static double unknown_percent(const side *s)
{
    return 100.0 * (double)s->unknown / (double)s->tokens;
}

static void report_audio(const split *self, const corpus *from)
{
    const audio_settings *s = &self->job->sides->audio;
    int64_t rows = self->sides[SIDE_SOURCE].end;
    const side *target = &self->sides[SIDE_TARGET];
    char time[32];

    clock_text((double)rows * s->stack * s->hop * 1e-3, time);
    log_line("%s: %lld pair%s in %s, %lld kept, %lld longer than %d positions and %lld with an "
             "empty side dropped; source %lld rows (%s of audio), target %lld tokens (%.2f%% "
             "<unk>)",
             self->job->name, (long long)self->read, PLURAL(self->read), corpus_name(from),
             (long long)self->kept, (long long)self->too_long, self->job->max_length,
             (long long)self->empty, (long long)rows, time, (long long)target->tokens,
             unknown_percent(target));
    if (self->audio.bad > 0)
        log_warning("%s: %lld file%s cannot be read and left out (data.skip_bad): %s%s",
                    self->job->name, (long long)self->audio.bad,
                    self->audio.bad == 1 ? "" : "s", self->audio.names.data,
                    self->audio.bad > BAD_NAMED ? "; ..." : "");
}

static void report_text(const split *self, const corpus *from)
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
}

static void report(const split *self, const corpus *from)
{
    const side *source = &self->sides[SIDE_SOURCE], *target = &self->sides[SIDE_TARGET];

    if (self->audio.ahead != NULL)
        report_audio(self, from);
    else
        report_text(self, from);
    if (source->specials + target->specials > 0)
        log_warning(
            "%s: words that spell <unk>, <begin>%s or <end> are taken as unknown: %lld in "
            "the source, %lld in the target",
            corpus_name(from),
            vocabulary_has_mask(sides_vocabulary(self->job->sides, SIDE_TARGET)) ? ", <mask>"
                                                                                 : "",
            (long long)source->specials, (long long)target->specials);
}

/* By way of `room`, which has some rows of `width` bytes. */
static status copy_rows(spill *from, size_t width, void *room, size_t bytes,
                        store_writer *writer)
{
    size_t size;

    do {
        TRY(spill_next(from, room, bytes, &size));
        if (size > 0)
            TRY(store_add_rows(writer, room, size / width));
    } while (size > 0);
    return STATUS_OK;
}

static status copy_spill(spill *from, const char *name, store_shape shape, size_t width,
                         store_writer *writer)
{
    size_t bytes = width < COPY_BYTES ? COPY_BYTES / width * width : width;
    void *room = memory_create(bytes, 1);

    if (room == NULL)
        return fail(STATUS_NOMEM, "no memory to save %s", name);
    status result = spill_rewind(from);
    if (result == STATUS_OK)
        result = store_add_begin_pieces(writer, name, shape);
    if (result == STATUS_OK)
        result = copy_rows(from, width, room, bytes, writer);
    memory_destroy(room);
    return result == STATUS_OK ? store_add_end(writer) : result;
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
    element of = self->pair.elements[which];
    bool frames = of.kind == ELEMENT_FRAME;
    const store_shape elements = {.type = frames ? STORE_HALF : STORE_INT32,
                                  .dimensions = frames ? 2 : 1,
                                  .dims = {(uint64_t)s->end, frames ? (uint64_t)of.width : 0}};
    const store_shape offsets = {
        .type = STORE_INT64, .dimensions = 1, .dims = {(uint64_t)self->kept + 1}};
    char place[NAME_ROOM], name[NAME_ROOM + 8];

    snprintf(place, sizeof(place), "/%s/%s", self->job->name, side_name((dataset_side)which));
    snprintf(name, sizeof(name), "%s/%s", place, frames ? "frames" : "ids");
    TRY(copy_spill(s->elements, name, elements, element_size(of), writer));
    snprintf(name, sizeof(name), "%s/offsets", place);
    TRY(copy_spill(s->offsets, name, offsets, sizeof(int64_t), writer));
    if (!self->job->keep_text)
        return STATUS_OK;
    snprintf(name, sizeof(name), "%s/text", place);
    return write_text(s, name, self->kept, writer);
}

static status read_audio(split *self, corpus *from)
{
    const split_job *job = self->job;
    const audio_crew alone = audio_crew_alone(job->sides->features);
    char folder[FILE_PATH_MAX];

    audio_folder(job->files, folder);
    self->audio.pairs = corpus_pairs(from);
    self->audio.since = clock_seconds();
    TRY(audio_ahead_open(&self->audio.ahead, from, folder,
                         job->crew != NULL ? job->crew : &alone, (size_t)job->max_length));
    return read_pairs(self, from);
}

static status encode_and_write(split *self, corpus *from, store_writer *writer)
{
    for (int side = 0; side < SIDES; side++) {
        self->pair.elements[side] = sides_element(self->job->sides, (dataset_side)side);
        self->sides[side].symbols = sides_symbols(self->job->sides, (dataset_side)side);
        TRY(open_side(&self->sides[side], self->job));
    }
    TRY(sides_are_audio(self->job->sides, SIDE_SOURCE) ? read_audio(self, from)
                                                       : read_pairs(self, from));
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
    audio_ahead_close(self.audio.ahead);
    buffer_free(&self.audio.names);
    pair_set_free(&self.pair);
    for (int side = 0; side < SIDES; side++)
        close_side(&self.sides[side]);
    return result == STATUS_OK ? result : fail_context(result, "data.%s", job->name);
}
