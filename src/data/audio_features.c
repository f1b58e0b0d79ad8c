/* audio_features.c - an audio file as rows of log-mel energies.
 *
 * Samples flow through: decoded, resampled and windowed block by block. Of a whole file only
 * its frames are kept, and they only as long as there are not too many.
 */
#include "lockstep/data/audio_features.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "audio_file.h"
#include "filterbank.h"
#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "resampler.h"

enum { BLOCK = 4096 };              /* samples */
static const double EPSILON = 1e-5; /* of a variance */
/* A sound that never changes: rounding alone makes less, and a recording's noise more. */
static const double STILL = 1e-8;

struct audio_features {
    audio_settings settings;
    filterbank *bank;
    double *block, *resampled; /* [BLOCK] */
    double *waiting;           /* [window + BLOCK], samples that no frame is done with */
    double *mean, *variance;   /* [mels] */
    float *row;                /* [stack * mels] */
    uint16_t *halves;          /* the same */
    buffer frames;             /* float [frames, mels] of the file at hand */
};

audio_settings audio_settings_of(const config_side *side)
{
    return (audio_settings){.rate = side->rate,
                            .mels = side->mels,
                            .stack = side->stack,
                            .window = side->window,
                            .hop = side->hop};
}

static size_t row_width(const audio_features *f)
{
    return (size_t)f->settings.stack * (size_t)f->settings.mels;
}

static status make_room(audio_features *f)
{
    size_t mels = (size_t)f->settings.mels;

    f->block = memory_create(BLOCK, sizeof *f->block);
    f->resampled = memory_create(BLOCK, sizeof *f->resampled);
    f->waiting = memory_create(filterbank_window(f->bank) + BLOCK, sizeof *f->waiting);
    f->mean = memory_create(mels, sizeof *f->mean);
    f->variance = memory_create(mels, sizeof *f->variance);
    f->row = memory_create(row_width(f), sizeof *f->row);
    f->halves = memory_create(row_width(f), sizeof *f->halves);
    if (!f->block || !f->resampled || !f->waiting || !f->mean || !f->variance || !f->row ||
        !f->halves)
        return fail(STATUS_NOMEM, "out of memory for audio features");
    return STATUS_OK;
}

status audio_features_create(audio_features **out, const audio_settings *settings)
{
    audio_features *f = memory_create(1, sizeof *f);
    status result;

    if (f == NULL)
        return fail(STATUS_NOMEM, "out of memory for audio features");
    CHECK(settings->hop <= settings->window);
    f->settings = *settings;
    result = filterbank_create(&f->bank, settings);
    if (result == STATUS_OK)
        result = make_room(f);
    if (result == STATUS_OK)
        *out = f;
    else
        audio_features_destroy(f);
    return result;
}

void audio_features_destroy(audio_features *f)
{
    if (f == NULL)
        return;
    filterbank_destroy(f->bank);
    memory_destroy(f->block);
    memory_destroy(f->resampled);
    memory_destroy(f->waiting);
    memory_destroy(f->mean);
    memory_destroy(f->variance);
    memory_destroy(f->row);
    memory_destroy(f->halves);
    buffer_free(&f->frames);
    memory_destroy(f);
}

/* ---- samples to frames ---- */

/* A file on its way. */
typedef struct utterance {
    audio_features *f;
    audio_file *file;
    resampler *resampler; /* NULL when the file has our rate */
    uint64_t samples;     /* of the file, so far */
    size_t waiting;       /* of f->waiting */
    size_t frames;        /* in f->frames */
    size_t most;          /* rows */
    bool is_over;         /* there are more: samples are only counted from here on */
} utterance;

static uint64_t frames_of(const audio_features *f, uint64_t samples)
{
    size_t window = filterbank_window(f->bank);

    return samples < window ? 0 : 1 + (samples - window) / filterbank_hop(f->bank);
}

static status add_frame(utterance *u, const double *samples)
{
    audio_features *f = u->f;
    size_t size = (size_t)f->settings.mels * sizeof(float);

    if ((u->frames + 1) / (size_t)f->settings.stack > u->most) {
        u->is_over = true;
        return STATUS_OK;
    }
    TRY(buffer_reserve(&f->frames, size));
    filterbank_frame(f->bank, samples, (float *)(void *)(f->frames.data + f->frames.size));
    f->frames.size += size;
    u->frames++;
    return STATUS_OK;
}

/* At most BLOCK samples. */
static status add_samples(utterance *u, const double *samples, size_t count)
{
    audio_features *f = u->f;
    size_t at = 0, window = filterbank_window(f->bank), hop = filterbank_hop(f->bank);

    memcpy(f->waiting + u->waiting, samples, count * sizeof *samples);
    u->waiting += count;
    for (; at + window <= u->waiting && !u->is_over; at += hop)
        TRY(add_frame(u, f->waiting + at));
    /* A hop is at most a window, so all that lies before `at` is done with. */
    u->waiting -= at;
    memmove(f->waiting, f->waiting + at, u->waiting * sizeof *samples);
    return STATUS_OK;
}

/* A block of the file, of which no frame is longer than what waits. */
static status add_block(utterance *u, const double *samples, size_t count)
{
    size_t taken, made;

    u->samples += count;
    if (u->resampler == NULL && !u->is_over)
        return add_samples(u, samples, count);
    while (count > 0 && !u->is_over) {
        TRY(resampler_run(u->resampler, samples, count, &taken, u->f->resampled, BLOCK, &made));
        TRY(add_samples(u, u->f->resampled, made));
        samples += taken;
        count -= taken;
    }
    return STATUS_OK;
}

static status add_rest(utterance *u)
{
    size_t made = u->resampler != NULL;

    while (made > 0 && !u->is_over) {
        TRY(resampler_finish(u->resampler, u->f->resampled, BLOCK, &made));
        TRY(add_samples(u, u->f->resampled, made));
    }
    return STATUS_OK;
}

static status add_file(utterance *u)
{
    int from = audio_file_rate(u->file), to = u->f->settings.rate;
    size_t count;

    if (from != to)
        TRY(resampler_create(&u->resampler, from, to));
    do {
        TRY(audio_file_read(u->file, u->f->block, BLOCK, &count));
        TRY(add_block(u, u->f->block, count));
    } while (count > 0);
    return add_rest(u);
}

/* ---- frames to rows ---- */

/* Each mel's mean and variance over all frames. */
static void measure(audio_features *f, size_t frames)
{
    size_t mels = (size_t)f->settings.mels;
    const float *values = (const float *)(const void *)f->frames.data;

    memset(f->mean, 0, mels * sizeof *f->mean);
    memset(f->variance, 0, mels * sizeof *f->variance);
    for (size_t t = 0; t < frames; t++)
        for (size_t m = 0; m < mels; m++)
            f->mean[m] += values[t * mels + m];
    for (size_t m = 0; m < mels; m++)
        f->mean[m] /= (double)frames;
    for (size_t t = 0; t < frames; t++)
        for (size_t m = 0; m < mels; m++) {
            double off = values[t * mels + m] - f->mean[m];
            f->variance[m] += off * off;
        }
    for (size_t m = 0; m < mels; m++)
        f->variance[m] /= (double)frames;
}

static bool is_still(const audio_features *f)
{
    for (int m = 0; m < f->settings.mels; m++)
        if (f->variance[m] > STILL)
            return false;
    return true;
}

static status write_rows(audio_features *f, size_t rows, buffer *to)
{
    size_t mels = (size_t)f->settings.mels, width = row_width(f);
    const float *values = (const float *)(const void *)f->frames.data;
    double *scale = f->variance;

    for (size_t m = 0; m < mels; m++)
        scale[m] = 1.0 / sqrt(f->variance[m] + EPSILON);
    for (size_t row = 0; row < rows; row++, values += width) {
        for (size_t i = 0; i < width; i += mels)
            for (size_t m = 0; m < mels; m++)
                f->row[i + m] = (float)((values[i + m] - f->mean[m]) * scale[m]);
        half_from_floats(f->halves, f->row, width);
        TRY(buffer_add(to, f->halves, width * sizeof *f->halves));
    }
    return STATUS_OK;
}

static status add_rows(audio_features *f, const char *path, size_t frames, size_t rows,
                       buffer *to)
{
    measure(f, frames);
    if (is_still(f))
        return fail(STATUS_INPUT, "%s: is silent: its sound never changes", path);
    TRY(buffer_reserve(to, rows * row_width(f) * sizeof *f->halves));
    return write_rows(f, rows, to);
}

/* A row, and two frames: one alone has no variance. */
static size_t least_frames(const audio_features *f)
{
    return f->settings.stack < 2 ? 2 : (size_t)f->settings.stack;
}

static status too_short(const utterance *u, const char *path)
{
    const audio_features *f = u->f;
    size_t samples =
        filterbank_window(f->bank) + (least_frames(f) - 1) * filterbank_hop(f->bank);

    return fail(STATUS_INPUT, "%s: is too short: it lasts %.3f s, and %.3f s are needed", path,
                (double)u->samples / audio_file_rate(u->file),
                (double)samples / f->settings.rate);
}

static status load(utterance *u, const char *path, buffer *to, size_t *rows)
{
    audio_features *f = u->f;
    uint64_t frames, samples;

    TRY(audio_file_open(&u->file, path));
    TRY(add_file(u));
    samples = resampler_length(audio_file_rate(u->file), f->settings.rate, u->samples);
    frames = u->is_over ? frames_of(f, samples) : u->frames;
    if (frames < least_frames(f))
        return too_short(u, path);
    *rows = (size_t)(frames / (uint64_t)f->settings.stack);
    return *rows > u->most ? STATUS_OK : add_rows(f, path, u->frames, *rows, to);
}

status audio_features_load(audio_features *f, const char *path, size_t most, buffer *to,
                           size_t *rows)
{
    utterance u = {.f = f, .most = most};
    status result;

    buffer_clear(&f->frames);
    result = load(&u, path, to, rows);
    resampler_destroy(u.resampler);
    audio_file_close(u.file);
    return result;
}
