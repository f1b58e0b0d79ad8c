/* audio_header.c - what a file's header claims, and what is there. */
#include "audio_header.h"

#include <stdbool.h>
#include <string.h>

#include "lockstep/base/number.h"
#include "ogg_pages.h"

typedef struct header {
    audio_bytes *bytes;
    bool big; /* the first byte of a number is its highest */
} header;

static bool read_at(const header *h, uint64_t at, void *to, size_t size)
{
    return audio_bytes_read(h->bytes, at, to, size) == size;
}

static uint64_t number_at(const header *h, const unsigned char *bytes, int size)
{
    uint64_t value = 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[h->big ? i : size - 1 - i];
    return value;
}

/* ---- WAV and AIFF: chunks, each with its length ---- */

typedef struct chunk {
    char id[4];
    uint64_t begin, length; /* of what is in it */
} chunk;

static bool read_chunk(const header *h, uint64_t at, chunk *out)
{
    unsigned char bytes[8];

    if (!read_at(h, at, bytes, sizeof bytes))
        return false;
    memcpy(out->id, bytes, sizeof out->id);
    out->begin = at + sizeof bytes;
    out->length = number_at(h, bytes + 4, 4);
    return true;
}

static uint64_t next_chunk(const chunk *c)
{
    return c->begin + c->length + (c->length & 1);
}

/* Of a file that is all chunks there are few before the sound. */
enum { CHUNKS = 4096 };

/* Do chunks follow one another from `at` to the end of the file, at least one? */
static bool ends_in_chunks(const header *h, uint64_t at)
{
    chunk c;
    uint64_t begin = at;

    for (int i = 0; i < CHUNKS && at < h->bytes->size && read_chunk(h, at, &c); i++)
        at = next_chunk(&c);
    return at == h->bytes->size && at > begin;
}

/* What SoX, FFmpeg, espeak-ng, arecord and others write into pipes. */
static bool is_unknown(uint64_t length)
{
    return (length >= 0x7f000000 && length <= 0x80001000) ||
           (length >= 0xffff0000 && length <= 0xffffffff) || length == UINT64_MAX;
}

static status check_sound(const header *h, const chunk *sound)
{
    uint64_t there = h->bytes->size - sound->begin;
    char claimed[NUMBER_TEXT], found[NUMBER_TEXT];

    if (sound->length == 0 && (there == 0 || ends_in_chunks(h, sound->begin)))
        return fail(STATUS_INPUT, "%s: holds no sound", h->bytes->path);
    if (sound->length == 0)
        h->bytes->unknown = sound->begin - 4;
    if (sound->length <= there || is_unknown(sound->length))
        return STATUS_OK;
    if (sound->length > INT64_MAX)
        return fail(STATUS_INPUT, "%s: is damaged: its header promises more than 2^63 bytes",
                    h->bytes->path);
    return fail(STATUS_INPUT,
                "%s: is truncated: its header promises %s bytes of sound, and %s are there",
                h->bytes->path, number_grouped((int64_t)sound->length, claimed),
                number_grouped((int64_t)there, found));
}

/* `id` is that of the chunk with the sound. Without one the reader is to say so. */
static status check_chunks(const header *h, const char *id)
{
    uint64_t at = 12, large = 0;
    unsigned char bytes[8];
    chunk c;

    for (int i = 0; i < CHUNKS && read_chunk(h, at, &c); i++) {
        /* RF64: the length of the sound in 64 bits stands here. */
        if (memcmp(c.id, "ds64", 4) == 0 && read_at(h, c.begin + 8, bytes, sizeof bytes))
            large = number_at(h, bytes, 8);
        if (memcmp(c.id, id, 4) == 0) {
            c.length = large > 0 && c.length == 0xffffffff ? large : c.length;
            return check_sound(h, &c);
        }
        at = next_chunk(&c);
    }
    return STATUS_OK;
}

/* ---- all ---- */

/* MPEG's mark is eleven bits; of its layers the third is meant. */
static bool begins_mp3(const unsigned char *mark)
{
    return memcmp(mark, "ID3", 3) == 0 ||
           (mark[0] == 0xff && (mark[1] & 0xe0) == 0xe0 && (mark[1] & 6) == 2);
}

static status check_kind(header *h, const unsigned char *mark)
{
    h->big = memcmp(mark, "RIFX", 4) == 0 || memcmp(mark, "FORM", 4) == 0;
    if (memcmp(mark, "RIF", 3) == 0 || memcmp(mark, "RF64", 4) == 0)
        return check_chunks(h, "data");
    if (memcmp(mark, "FORM", 4) == 0)
        return check_chunks(h, "SSND");
    if (memcmp(mark, "OggS", 4) == 0)
        return ogg_pages_check(h->bytes);
    if (memcmp(mark, "fLaC", 4) == 0 || begins_mp3(mark))
        return STATUS_OK;
    return fail(STATUS_INPUT,
                "%s: is not audio, or of a kind that is not read: give WAV, AIFF, FLAC, Ogg or "
                "MP3",
                h->bytes->path);
}

status audio_header_check(audio_bytes *bytes)
{
    header h = {.bytes = bytes};
    unsigned char mark[4] = {0};
    status result;

    audio_bytes_read(bytes, 0, mark, sizeof mark);
    result = check_kind(&h, mark);
    /* What could not be read is no verdict. */
    TRY(audio_bytes_check(bytes));
    return result;
}
