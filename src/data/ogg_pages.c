/* ogg_pages.c - the pages of an Ogg file. */
#include "ogg_pages.h"

#include <stdbool.h>
#include <string.h>

#include "lockstep/base/memory.h"

/* A page: "OggS", version, flags, 20 bytes of which the last four but four are its checksum,
 * the number of its segments, their lengths, and what is in them. */
enum {
    FLAGS = 5,
    CHECKSUM = 22,
    SEGMENTS = 26,
    HEADER = 27,
    PAGE_MOST = HEADER + 255 + 255 * 255,
    IS_LAST = 4
};

typedef struct pages {
    audio_bytes *bytes;
    uint64_t at;
    size_t size; /* of the page */
    uint32_t table[256];
    unsigned char page[PAGE_MOST];
} pages;

static void make_table(uint32_t table[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i << 24;
        for (int bit = 0; bit < 8; bit++)
            value = value << 1 ^ (value >> 31 ? 0x04c11db7 : 0);
        table[i] = value;
    }
}

static bool has_checksum(pages *p)
{
    unsigned char *at = p->page + CHECKSUM;
    uint32_t sum = 0, wanted = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                               (uint32_t)at[3] << 24;

    memset(at, 0, 4);
    for (size_t i = 0; i < p->size; i++)
        sum = sum << 8 ^ p->table[sum >> 24 ^ p->page[i]];
    return sum == wanted;
}

static status truncated(const pages *p)
{
    return fail(STATUS_INPUT, "%s: is truncated: it ends before the end of its stream",
                p->bytes->path);
}

/* The whole page at p->at. */
static status read_page(pages *p)
{
    size_t there = audio_bytes_read(p->bytes, p->at, p->page, HEADER + 255);
    size_t segments = p->page[SEGMENTS];

    TRY(audio_bytes_check(p->bytes));
    if (there < HEADER || there < HEADER + segments)
        return truncated(p);
    p->size = HEADER + segments;
    for (size_t i = 0; i < segments; i++)
        p->size += p->page[HEADER + i];
    there = audio_bytes_read(p->bytes, p->at, p->page, p->size);
    TRY(audio_bytes_check(p->bytes));
    if (there < p->size)
        return truncated(p);
    if (!has_checksum(p))
        return fail(STATUS_INPUT, "%s: is damaged: the page at byte %llu has another checksum",
                    p->bytes->path, (unsigned long long)p->at);
    return STATUS_OK;
}

static bool is_page(pages *p)
{
    char mark[4];

    return audio_bytes_read(p->bytes, p->at, mark, sizeof mark) == sizeof mark &&
           memcmp(mark, "OggS", sizeof mark) == 0;
}

static status check_all(pages *p)
{
    bool ended = false;

    while (is_page(p)) {
        TRY(read_page(p));
        ended = (p->page[FLAGS] & IS_LAST) != 0;
        p->at += p->size;
    }
    TRY(audio_bytes_check(p->bytes));
    if (ended)
        return STATUS_OK;
    if (p->at + 4 > p->bytes->size)
        return truncated(p);
    return fail(STATUS_INPUT, "%s: is damaged: no page begins at byte %llu, where one should",
                p->bytes->path, (unsigned long long)p->at);
}

status ogg_pages_check(audio_bytes *bytes)
{
    pages *p = memory_create(1, sizeof *p);
    status result;

    if (p == NULL)
        return fail(STATUS_NOMEM, "%s: out of memory", bytes->path);
    p->bytes = bytes;
    make_table(p->table);
    result = check_all(p);
    memory_destroy(p);
    return result;
}
