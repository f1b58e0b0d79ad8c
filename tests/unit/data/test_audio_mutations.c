/* test_audio_mutations.c - good files changed at random places: what comes is rows or an error
 * that names the file, and never a crash. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "lockstep/data/audio_features.h"
#include "made_audio.h"
#include "unit_check.h"

enum { TURNS = 2200, CHANGES = 6, MOST = 64 };

static const struct {
    const char *kind;
    int rate, channels;
    double seconds;
} kinds[] = {{"wav16", 8000, 1, 0.1},   {"wavfloat", 16000, 2, 0.1}, {"wav24", 44100, 1, 0.1},
             {"flac16", 16000, 1, 0.3}, {"flac24", 8000, 2, 0.3},    {"vorbis", 16000, 1, 0.3},
             {"vorbis", 44100, 2, 0.1}, {"opus", 48000, 1, 0.2},     {"wavulaw", 8000, 1, 0.1},
             {"aiff", 16000, 1, 0.1},   {"mp3", 16000, 1, 0.5}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* What a header may hold where a length, a rate or a count stands. */
static const uint32_t numbers[] = {0,          1,          2,          3,          4,
                                   0xff,       0x100,      0x7fff,     0x8000,     0xffff,
                                   0x10000,    0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
                                   1000000000, 0x7ffff000, 0x00ffffff};

/* ---- changes ---- */

typedef struct content {
    unsigned char bytes[1 << 16];
    size_t size;
    uint32_t turn, drawn;
} content;

/* Below `limit`, which is not 0. */
static size_t draw(content *c, size_t limit)
{
    return (size_t)(random_bits(c->turn, RANDOM_TEST, c->drawn++, 0, 0) % limit);
}

/* Among the first bytes, where headers are, or anywhere. */
static size_t draw_place(content *c)
{
    size_t near = c->size < 96 ? c->size : 96;

    return draw(c, 2) ? draw(c, near) : draw(c, c->size);
}

static void put_number(content *c)
{
    uint32_t number = numbers[draw(c, sizeof numbers / sizeof numbers[0])];
    size_t at = draw_place(c), size = draw(c, 2) ? 4 : 2, big = draw(c, 2);

    for (size_t i = 0; i < size && at + i < c->size; i++)
        c->bytes[at + i] = (unsigned char)(number >> 8 * (big ? size - 1 - i : i));
}

static void copy_piece(content *c)
{
    size_t from = draw(c, c->size), to = draw_place(c), last = from > to ? from : to;

    memmove(c->bytes + to, c->bytes + from, 1 + draw(c, c->size - last));
}

static void remove_piece(content *c)
{
    size_t at = draw_place(c), size = 1 + draw(c, c->size - at < 64 ? c->size - at : 64);

    memmove(c->bytes + at, c->bytes + at + size, c->size - at - size);
    c->size -= size;
}

static void insert_piece(content *c)
{
    size_t at = draw_place(c), size = 1 + draw(c, 64);

    memmove(c->bytes + at + size, c->bytes + at, c->size - at);
    c->size += size;
}

static void change(content *c)
{
    switch (c->size > 1 ? draw(c, 8) : 7) {
    case 0:
        c->size = 1 + draw(c, c->size);
        break;
    case 1:
        copy_piece(c);
        break;
    case 2:
        remove_piece(c);
        break;
    case 3:
        insert_piece(c);
        break;
    case 4:
    case 5:
        put_number(c);
        break;
    default:
        c->bytes[c->size > 0 ? draw_place(c) : 0] ^= (unsigned char)(1U << draw(c, 8));
    }
    ck_assert_uint_lt(c->size, sizeof c->bytes - 64);
}

/* ---- checksums of Ogg ---- */

static uint32_t checksum(const unsigned char *bytes, size_t size)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 0x80000000 ? sum << 1 ^ 0x04c11db7 : sum << 1;
    }
    return sum;
}

/* Every page gets the right one, so that what was changed reaches the decoder. */
static void seal_pages(content *c)
{
    size_t at = 0;

    while (at + 27 <= c->size && memcmp(c->bytes + at, "OggS", 4) == 0) {
        unsigned char *page = c->bytes + at;
        size_t size = 27 + page[26];

        for (size_t i = 0; i < page[26] && at + 27 + i < c->size; i++)
            size += page[27 + i];
        if (at + size > c->size)
            return;
        memset(page + 22, 0, 4);
        uint32_t sum = checksum(page, size);
        for (int i = 0; i < 4; i++)
            page[22 + i] = (unsigned char)(sum >> 8 * i);
        at += size;
    }
}

/* ---- the test ---- */

#ifdef __SANITIZE_ADDRESS__
/* libsndfile 1.2 forgets it, a few KB, when the first packets of a stream are wrong. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:vorbis_info_init\n";
}
#endif

/* Without waiting for the disk, as file systems do that see a file truncated. */
static void save(const content *c)
{
    FILE *file;

    unlink(made_audio_path);
    file = fopen(made_audio_path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(c->bytes, 1, c->size, file), c->size);
    ck_assert_int_eq(fclose(file), 0);
}

/* True for rows. */
static bool read_changed(audio_features *f, buffer *rows, uint32_t turn)
{
    size_t count;
    status result;

    buffer_clear(rows);
    result = audio_features_load(f, made_audio_path, MOST, rows, &count);
    if (result != STATUS_OK) {
        ck_assert_msg(result == STATUS_INPUT, "turn %u: %s", turn, error_message());
        ck_assert_msg(strncmp(error_message(), made_audio_path, strlen(made_audio_path)) == 0,
                      "turn %u: %s", turn, error_message());
        ck_assert_uint_eq(rows->size, 0);
        return false;
    }
    ck_assert_uint_eq(rows->size, count > MOST ? 0 : count * 80);
    for (size_t i = 0; i < rows->size / 2; i++)
        ck_assert_msg(isfinite(half_to_float(((uint16_t *)(void *)rows->data)[i])), "turn %u",
                      turn);
    return true;
}

static void check_memory(size_t before)
{
#ifdef __SANITIZE_ADDRESS__
    (void)before; /* it keeps what was freed */
#else
    ck_assert_uint_lt(memory_peak() - before, 32 << 20);
#endif
}

START_TEST(changed_files_are_read_or_named)
{
    static const audio_settings settings = {
        .rate = 16000, .mels = 40, .stack = 1, .window = 25, .hop = 10};
    static content good, changed;
    bool is_ogg = strcmp(kinds[_i].kind, "vorbis") == 0 || strcmp(kinds[_i].kind, "opus") == 0;
    size_t read = 0, before = memory_peak();
    audio_features *f;
    buffer rows = {0};
    char *bytes;

    if (!made_audio_save(made_audio_path, kinds[_i].kind, kinds[_i].rate, kinds[_i].channels,
                         kinds[_i].seconds)) {
        ck_assert_str_eq(kinds[_i].kind, "mp3");
        return;
    }
    ck_assert_int_eq(file_load(made_audio_path, &bytes, &good.size), STATUS_OK);
    ck_assert_uint_lt(good.size, sizeof good.bytes / 2);
    memcpy(good.bytes, bytes, good.size);
    ck_assert_int_eq(audio_features_create(&f, &settings), STATUS_OK);
    for (uint32_t turn = 0; turn < TURNS / KINDS; turn++) {
        changed = good;
        changed.turn = turn * KINDS + (uint32_t)_i;
        for (size_t n = 1 + draw(&changed, 1 + draw(&changed, CHANGES)); n > 0; n--)
            change(&changed);
        if (is_ogg && turn % 4 != 0)
            seal_pages(&changed);
        save(&changed);
        read += read_changed(f, &rows, turn);
    }
    check_memory(before);
    /* Neither is everything refused, nor nothing. */
    ck_assert_uint_gt(read, 4);
    ck_assert_uint_lt(read, TURNS / KINDS * 4 / 5);
    audio_features_destroy(f);
    buffer_free(&rows);
    memory_destroy(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audio mutations");
    TCase *tests = tcase_create("audio mutations");

    tcase_add_checked_fixture(tests, made_audio_setup, made_audio_teardown);
    tcase_add_loop_test(tests, changed_files_are_read_or_named, 0, KINDS);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
