/* audio_file.c - the samples of an audio file. */
#include "audio_file.h"

#include <math.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "audio_bytes.h"
#include "audio_header.h"
#include "lockstep/base/memory.h"

enum { BLOCK = 8192 }; /* samples of all channels */

struct audio_file {
    audio_bytes bytes;
    sf_count_t at; /* bytes */
    SNDFILE *sound;
    SF_INFO about;
    sf_count_t done; /* frames */
    double block[BLOCK];
};

/* ---- what libsndfile reads through ---- */

static sf_count_t get_size(void *user)
{
    return (sf_count_t)((audio_file *)user)->bytes.size;
}

static sf_count_t get_place(void *user)
{
    return ((audio_file *)user)->at;
}

static sf_count_t move(sf_count_t offset, int whence, void *user)
{
    audio_file *file = user;
    sf_count_t size = get_size(user);
    sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_END ? size : file->at;

    /* Nothing lies beyond the ends; sums of what a header claims may overflow. */
    if (offset < -base || offset > size - base)
        return -1;
    file->at = base + offset;
    return file->at;
}

static sf_count_t read_bytes(void *to, sf_count_t size, void *user)
{
    audio_file *file = user;
    size_t got = 0;

    if (size > 0)
        got = audio_bytes_read(&file->bytes, (uint64_t)file->at, to, (size_t)size);
    file->at += (sf_count_t)got;
    return (sf_count_t)got;
}

static sf_count_t write_nothing(const void *bytes, sf_count_t size, void *user)
{
    (void)bytes, (void)size, (void)user;
    return 0;
}

/* ---- opening ---- */

/* `why` is libsndfile's sentence. That a file is none, which it says of an MP3 without frames,
 * is not true. */
static status refuse(const audio_file *file, const char *what, const char *why)
{
    static const char untrue[] = "File does not exist", prefix[] = "Error : ";
    size_t size;

    if (strncmp(why, untrue, sizeof untrue - 1) == 0)
        return fail(STATUS_INPUT, "%s: %s", file->bytes.path, what);
    if (strncmp(why, prefix, sizeof prefix - 1) == 0)
        why += sizeof prefix - 1;
    size = strlen(why);
    while (size > 0 && strchr(". \n", why[size - 1]) != NULL)
        size--;
    return fail(STATUS_INPUT, "%s: %s: %.*s", file->bytes.path, what, (int)size, why);
}

static status open_sound(audio_file *file)
{
    SF_VIRTUAL_IO io = {get_size, move, read_bytes, write_nothing, get_place};

    file->sound = sf_open_virtual(&io, SFM_READ, &file->about, file);
    TRY(audio_bytes_check(&file->bytes));
    if (file->sound == NULL)
        return refuse(file, "cannot be read as audio", sf_strerror(NULL));
    if (file->about.samplerate < AUDIO_RATE_MIN || file->about.samplerate > AUDIO_RATE_MAX)
        return fail(STATUS_INPUT,
                    "%s: its header gives %d samples a second; files of 1,000 to 1,000,000 are "
                    "read",
                    file->bytes.path, file->about.samplerate);
    if (file->about.channels < 1 || file->about.channels > BLOCK)
        return fail(STATUS_INPUT, "%s: its header gives %d channels", file->bytes.path,
                    file->about.channels);
    if (file->about.frames <= 0)
        return fail(STATUS_INPUT, "%s: holds no sound", file->bytes.path);
    return STATUS_OK;
}

static status open_file(audio_file *file, const char *path)
{
    TRY(audio_bytes_open(&file->bytes, path));
    TRY(audio_header_check(&file->bytes));
    return open_sound(file);
}

status audio_file_open(audio_file **out, const char *path)
{
    audio_file *file = memory_create(1, sizeof *file);
    status result;

    if (file == NULL)
        return fail(STATUS_NOMEM, "%s: out of memory", path);
    result = open_file(file, path);
    if (result == STATUS_OK)
        *out = file;
    else
        audio_file_close(file);
    return result;
}

void audio_file_close(audio_file *file)
{
    if (file == NULL)
        return;
    if (file->sound != NULL)
        sf_close(file->sound);
    audio_bytes_close(&file->bytes);
    memory_destroy(file);
}

int audio_file_rate(const audio_file *file)
{
    return file->about.samplerate;
}

/* ---- reading ---- */

static double seconds(const audio_file *file, sf_count_t frames)
{
    return (double)frames / file->about.samplerate;
}

static status damaged(const audio_file *file)
{
    char what[64];

    snprintf(what, sizeof what, "is damaged after %.3f s", seconds(file, file->done));
    return refuse(file, what, sf_strerror(file->sound));
}

/* FLAC, MP3 and Ogg are read to the end to know. */
static status check_end(const audio_file *file)
{
    bool is_guessed = (file->about.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG;

    if (file->done == 0)
        return fail(STATUS_INPUT, "%s: holds no sound", file->bytes.path);
    /* A stream of FLAC does not know its length. */
    if (file->done < file->about.frames && file->about.frames < SF_COUNT_MAX && !is_guessed)
        return fail(STATUS_INPUT,
                    "%s: is truncated or damaged: its header promises %.3f s of sound, and "
                    "%.3f s are there",
                    file->bytes.path, seconds(file, file->about.frames),
                    seconds(file, file->done));
    return STATUS_OK;
}

/* Beyond it no sound is, and squares of it would not stay finite in single precision. */
static const double LOUDEST = 1e15;

static status mix(const audio_file *file, size_t frames, double *to)
{
    const double *from = file->block;
    size_t channels = (size_t)file->about.channels;

    for (size_t t = 0; t < frames; t++, from += channels) {
        double sum = 0.0;
        for (size_t c = 0; c < channels; c++)
            sum += from[c];
        to[t] = sum / (double)channels;
        if (!(fabs(to[t]) <= LOUDEST))
            return fail(STATUS_INPUT, "%s: a sample at %.3f s is %s", file->bytes.path,
                        seconds(file, file->done + (sf_count_t)t),
                        isfinite(to[t]) ? "beyond all bounds" : "not a finite number");
    }
    return STATUS_OK;
}

status audio_file_read(audio_file *file, double *to, size_t most, size_t *count)
{
    size_t room = BLOCK / (size_t)file->about.channels;
    sf_count_t wanted = (sf_count_t)(most < room ? most : room);
    sf_count_t got = sf_readf_double(file->sound, file->block, wanted);

    *count = 0;
    TRY(audio_bytes_check(&file->bytes));
    if (sf_error(file->sound) != SF_ERR_NO_ERROR)
        return damaged(file);
    if (got <= 0)
        return check_end(file);
    TRY(mix(file, (size_t)got, to));
    file->done += got;
    *count = (size_t)got;
    return STATUS_OK;
}
