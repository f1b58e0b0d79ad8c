/* split.c - one split of a dataset: read, encoded and written. */
#include "split.h"

#include <stdio.h>
#include <string.h>

#include "audio_ahead.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/audio_path.h"
#include "lockstep/data/corpus.h"
#include "progress.h"
#include "split_side.h"
#include "text_reading.h"

enum { BAD_NAMED = 5, FLUSH_PAIRS = 16 };

/* Of a source of audio. */
typedef struct audio {
    audio_ahead *ahead; /* NULL: the source is text */
    audio_outcome file; /* of the current pair */
    pair_set pair;      /* the current one, alone */
    pair_block kept;    /* of the last pairs */
    int64_t bad;        /* files left out */
    buffer names;       /* what is wrong with the first of them */
    progress progress;
} audio;

typedef struct split {
    const split_job *job;
    char name[CORPUS_NAME];
    element elements[SIDES];
    split_side sides[SIDES];
    int64_t read, kept, too_long, empty; /* pairs */
    audio audio;
} split;

/* ---- pairs that are kept ---- */

static status take_block(split *self, const pair_block *block)
{
    self->read += block->read;
    self->kept += block->kept;
    self->too_long += block->too_long;
    self->empty += block->empty;
    for (int side = 0; side < SIDES; side++)
        TRY(split_side_take(&self->sides[side], &block->sides[side]));
    return STATUS_OK;
}

static status take_reply(void *user, const char *reply, size_t size)
{
    const pair_block block = pair_block_load(reply);

    CHECK(size >= sizeof(block));
    return take_block(user, &block);
}

static status refuse_none(const split *self)
{
    fail(STATUS_INPUT,
         "%s: none of %lld pairs is left: %lld longer than data.max_length (%d tokens), %lld "
         "with an empty side",
         self->name, (long long)self->read, (long long)self->too_long, self->job->max_length,
         (long long)self->empty);
    if (self->audio.bad == 0)
        return STATUS_INPUT;
    char message[1024];
    snprintf(message, sizeof(message), "%s", error_message());
    return fail(STATUS_INPUT, "%s, %lld with a file that cannot be read: %s", message,
                (long long)self->audio.bad, self->audio.names.data);
}

/* ---- audio ---- */

/* The current pair's file cannot be read. */
static status skip_bad(split *self, const corpus *from, int64_t number)
{
    const audio_outcome *file = &self->audio.file;

    self->read++;
    if (file->result != STATUS_INPUT || !self->job->skip_bad)
        return corpus_fail_at(from, number, fail(file->result, "%s", file->message));
    if (self->audio.bad++ >= BAD_NAMED)
        return STATUS_OK;
    return buffer_add_text(&self->audio.names, "%s%s", self->audio.bad > 1 ? "; " : "",
                           file->message);
}

static status flush(split *self)
{
    TRY(take_block(self, &self->audio.kept));
    pair_block_clear(&self->audio.kept);
    return STATUS_OK;
}

static status add_pair(split *self, const corpus_line lines[SIDES])
{
    const pair_rules rules = {self->job->sides, self->job->max_length,
                              dataset_split_keeps_text(self->job->split)};
    const audio_outcome *file = &self->audio.file;
    pair_set *pair = &self->audio.pair;
    size_t lengths[SIDES] = {file->rows, 0}, most = (size_t)rules.max_length;

    pair_set_clear(pair);
    if (file->rows <= most)
        TRY(pair_set_put(pair, SIDE_SOURCE, file->frames, file->rows));
    TRY(sides_encode(rules.sides, SIDE_TARGET, &lines[SIDE_TARGET], "", most, pair,
                     &lengths[SIDE_TARGET]));
    TRY(pair_block_add(&self->audio.kept, &rules, pair, lengths, lines));
    return self->audio.kept.read < FLUSH_PAIRS ? STATUS_OK : flush(self);
}

static status read_files(split *self, corpus *from)
{
    corpus_line lines[SIDES];
    bool end;

    for (int64_t read = 1;; read++) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", self->name);
        TRY(audio_ahead_next(self->audio.ahead, lines, &self->audio.file, &end));
        if (end)
            return flush(self);
        TRY(self->audio.file.result == STATUS_OK ? add_pair(self, lines)
                                                 : skip_bad(self, from, read));
        progress_show(&self->audio.progress, read, -1.0);
    }
}

/* ---- the report ---- */

static double unknown_percent(const split_side *s)
{
    return 100.0 * (double)s->unknown / (double)s->tokens;
}

static void report_audio(const split *self)
{
    const audio_settings *s = &self->job->sides->audio;
    int64_t rows = self->sides[SIDE_SOURCE].end;
    const split_side *target = &self->sides[SIDE_TARGET];
    char time[32];

    clock_text((double)rows * s->stack * s->hop * 1e-3, time);
    log_line("%s: %lld pair%s in %s, %lld kept, %lld longer than %d positions and %lld with an "
             "empty side dropped; source %lld rows (%s of audio), target %lld tokens (%.2f%% "
             "<unk>)",
             dataset_split_name(self->job->split), (long long)self->read, PLURAL(self->read),
             self->name, (long long)self->kept, (long long)self->too_long,
             self->job->max_length, (long long)self->empty, (long long)rows, time,
             (long long)target->tokens, unknown_percent(target));
    if (self->audio.bad > 0)
        log_warning("%s: %lld file%s cannot be read and left out (data.skip_bad): %s%s",
                    dataset_split_name(self->job->split), (long long)self->audio.bad,
                    self->audio.bad == 1 ? "" : "s", self->audio.names.data,
                    self->audio.bad > BAD_NAMED ? "; ..." : "");
}

static void report_text(const split *self)
{
    const split_side *source = &self->sides[SIDE_SOURCE], *target = &self->sides[SIDE_TARGET];

    log_line("%s: %lld pair%s in %s, %lld kept, %lld longer than %d tokens and %lld with an "
             "empty side dropped; source %lld tokens (%.2f%% <unk>), target %lld (%.2f%%)",
             dataset_split_name(self->job->split), (long long)self->read, PLURAL(self->read),
             self->name, (long long)self->kept, (long long)self->too_long,
             self->job->max_length, (long long)self->empty, (long long)source->tokens,
             unknown_percent(source), (long long)target->tokens, unknown_percent(target));
    if (self->job->sides->copies)
        log_line("%s: of %lld unknown tokens of the target %lld stand in their source",
                 dataset_split_name(self->job->split), (long long)target->unknown,
                 (long long)target->copied);
}

static void report(const split *self)
{
    const split_side *source = &self->sides[SIDE_SOURCE], *target = &self->sides[SIDE_TARGET];

    if (self->audio.ahead != NULL)
        report_audio(self);
    else
        report_text(self);
    if (source->specials + target->specials > 0)
        log_warning(
            "%s: words that spell <unk>, <begin>%s or <end> are taken as unknown: %lld in "
            "the source, %lld in the target",
            self->name,
            vocabulary_has_mask(sides_vocabulary(self->job->sides, SIDE_TARGET)) ? ", <mask>"
                                                                                 : "",
            (long long)source->specials, (long long)target->specials);
}

/* ---- all of it ---- */

static status read_corpus(split *self, corpus *from)
{
    const split_job *job = self->job;
    const audio_crew alone = audio_crew_alone(job->sides->features);
    char folder[FILE_PATH_MAX];

    audio_folder(job->files, folder);
    for (int side = 0; side < SIDES; side++)
        self->audio.pair.elements[side] = self->elements[side];
    self->audio.progress =
        progress_begin(dataset_split_name(job->split), "file", corpus_pairs(from));
    TRY(audio_ahead_open(&self->audio.ahead, from, folder,
                         job->audio != NULL ? job->audio : &alone, (size_t)job->max_length));
    return read_files(self, from);
}

static status read_audio(split *self)
{
    corpus *from;

    TRY(corpus_open(&from, self->job->files));
    status result = read_corpus(self, from);

    corpus_close(from);
    return result;
}

static status read_text(split *self)
{
    const split_job *job = self->job;
    const text_reading reading = {.crew = job->crew,
                                  .files = job->files,
                                  .sides = job->sides,
                                  .order = {TEXT_ENCODE, job->split},
                                  .name = dataset_split_name(job->split),
                                  .take = take_reply,
                                  .user = self};

    return text_reading_run(&reading);
}

static status write_sides(split *self, dataset_files *files)
{
    bool shared = self->job->split == SPLIT_TRAIN;
    char place[32];

    for (int side = 0; side < SIDES; side++) {
        const split_parts to = {.count = shared ? files->parts : 1,
                                .writers = files->writers,
                                .wholes = files->wholes + 2 * side};

        snprintf(place, sizeof(place), "/%s/%s", dataset_split_name(self->job->split),
                 side_name((dataset_side)side));
        TRY(split_side_write(&self->sides[side], place, self->elements[side],
                             dataset_split_keeps_text(self->job->split), &to));
    }
    return STATUS_OK;
}

static status encode_and_write(split *self, dataset_files *files)
{
    for (int side = 0; side < SIDES; side++) {
        self->elements[side] = sides_element(self->job->sides, (dataset_side)side);
        TRY(split_side_open(&self->sides[side], self->job->path));
    }
    TRY(sides_are_audio(self->job->sides, SIDE_SOURCE) ? read_audio(self) : read_text(self));
    if (self->read == 0)
        return fail(STATUS_INPUT, "%s: empty; there is nothing to learn from", self->name);
    if (self->kept == 0)
        return refuse_none(self);
    if (self->job->split == SPLIT_TRAIN && self->kept < files->parts)
        return fail(STATUS_INPUT,
                    "%s: %lld pair%s for the %d files of data.dataset; name fewer", self->name,
                    (long long)self->kept, PLURAL(self->kept), files->parts);
    report(self);
    return write_sides(self, files);
}

status split_add(const split_job *job, dataset_files *files)
{
    split self = {.job = job};

    corpus_print_name(job->files, self.name);
    status result = encode_and_write(&self, files);

    audio_ahead_close(self.audio.ahead);
    buffer_free(&self.audio.names);
    pair_set_free(&self.audio.pair);
    pair_block_free(&self.audio.kept);
    for (int side = 0; side < SIDES; side++)
        split_side_close(&self.sides[side]);
    return result == STATUS_OK
               ? result
               : fail_context(result, "data.%s", dataset_split_name(job->split));
}
