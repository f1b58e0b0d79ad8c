/* test_audio_file.c */
#include "audio_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "made_audio.h"
#include "unit_check.h"

enum { MOST = 100000 };
static double samples[MOST];

/* All samples, in uneven portions. */
static status read_all(size_t *total)
{
    audio_file *file;
    size_t count, portion = 0;
    status result = audio_file_open(&file, made_audio_path);

    *total = 0;
    if (result != STATUS_OK)
        return result;
    do {
        portion = portion % 5000 + 777;
        result = audio_file_read(file, samples + *total, portion, &count);
        ck_assert_uint_le(count, portion);
        *total += count;
    } while (result == STATUS_OK && count > 0);
    audio_file_close(file);
    return result;
}

static size_t reads(void)
{
    size_t total;

    ck_assert_msg(read_all(&total) == STATUS_OK, "%s", error_message());
    return total;
}

/* `why` follows the file's name. */
static void refuses(const char *why)
{
    char expected[256];
    size_t total;

    snprintf(expected, sizeof expected, "%s: %s", made_audio_path, why);
    ck_assert_int_eq(read_all(&total), STATUS_INPUT);
    ck_assert_msg(strncmp(error_message(), expected, strlen(expected)) == 0, "%s is not %s",
                  error_message(), expected);
}

static char *load(size_t *size)
{
    char *bytes;

    ck_assert_int_eq(file_load(made_audio_path, &bytes, size), STATUS_OK);
    return bytes;
}

static void save(const char *bytes, size_t size)
{
    ck_assert_int_eq(file_save(made_audio_path, bytes, size), STATUS_OK);
}

/* Put bytes over those of the file; `size` is what the file is to have, 0: as before. */
static void patch(size_t at, const char *bytes, size_t count, size_t size)
{
    size_t old;
    char *content = load(&old);

    memcpy(content + at, bytes, count);
    save(content, size > 0 ? size : old);
    memory_destroy(content);
}

static const struct {
    const char *kind;
    int rate, channels;
    double error; /* of samples; below 0: not compared */
} kinds[] = {
    {"wav8", 8000, 1, 0.02},       {"wav16", 16000, 1, 1e-4},   {"wav16", 11025, 2, 1e-4},
    {"wav24", 44100, 2, 1e-6},     {"wav32", 48000, 1, 1e-8},   {"wavfloat", 22050, 3, 1e-7},
    {"wavdouble", 8000, 1, 1e-15}, {"wavulaw", 8000, 1, 0.05},  {"rf64", 16000, 2, 1e-4},
    {"aiff", 44100, 2, 1e-4},      {"flac8", 16000, 1, 0.02},   {"flac16", 16000, 1, 1e-4},
    {"flac24", 44100, 2, 1e-6},    {"vorbis", 16000, 1, -1},    {"vorbis", 44100, 2, -1},
    {"opus", 48000, 1, -1},        {"wav16", 192000, 64, 1e-4},
};

START_TEST(kinds_of_files_are_read)
{
    int rate = kinds[_i].rate, channels = kinds[_i].channels;
    size_t count = (size_t)rate / 5, total;
    double *frames = memory_create(count * (size_t)channels, sizeof *frames);

    made_audio_sweep(frames, count, channels, rate);
    ck_assert(made_audio_write(made_audio_path, kinds[_i].kind, rate, channels, frames, count));
    total = reads();
    ck_assert_uint_eq(total, count);
    for (size_t t = 0; t < count && kinds[_i].error > 0; t++) {
        double sum = 0.0;
        for (int c = 0; c < channels; c++)
            sum += frames[t * (size_t)channels + (size_t)c];
        ck_assert_double_eq_tol(samples[t], sum / channels, kinds[_i].error);
    }
    memory_destroy(frames);
}
END_TEST

/* Of the length no more is known than about. */
START_TEST(mp3_is_read)
{
    if (!made_audio_save(made_audio_path, "mp3", 16000, 1, 2.0))
        return;
    ck_assert_uint_ge(reads(), 31000);
}
END_TEST

START_TEST(what_is_no_audio)
{
    refuses("No such file or directory");
    save("", 0);
    refuses("is empty");
    save("R", 1);
    refuses("is not audio");
    save("Dear reader,\nthis is text.\n", 26);
    refuses("is not audio, or of a kind that is not read: give WAV, AIFF, FLAC, Ogg or MP3");
    save("RIFF\x10\0\0\0AVI LIST....", 20);
    refuses("cannot be read as audio: ");
    save("fLaC", 4);
    refuses("cannot be read as audio: ");
    save("\xff\xfb is no frame of MP3", 22);
    refuses("cannot be read as audio");
    save("RIFF\4\0\0\0WAVE", 12);
    refuses("cannot be read as audio: ");
    unlink(made_audio_path);
    ck_assert_int_eq(mkdir(made_audio_path, 0700), 0);
    refuses("is a folder");
    rmdir(made_audio_path);
    ck_assert_int_eq(mkfifo(made_audio_path, 0600), 0);
    refuses("is a device or pipe");
}
END_TEST

START_TEST(no_sound)
{
    static const char *const names[] = {"wav16", "rf64", "aiff"};

    for (int i = 0; i < 3; i++) {
        ck_assert(made_audio_write(made_audio_path, names[i], 8000, 1, NULL, 0));
        refuses("holds no sound");
    }
    /* Nor is what follows an empty chunk of data. */
    save(
        "RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"
        "LIST\4\0\0\0INFO",
        56);
    refuses("holds no sound");
}
END_TEST

static const struct {
    const char *kind, *why;
} cut[] = {
    {"wav16", "is truncated: its header promises 16,000 bytes of sound, and "},
    {"rf64", "is truncated: its header promises 16,000 bytes of sound, and "},
    {"aiff", "is truncated: its header promises 16,008 bytes of sound, and "},
    {"flac16", ""},
    {"vorbis", "is truncated: it ends before the end of its stream"},
    {"opus", "is truncated: it ends before the end of its stream"},
};

START_TEST(half_a_file_is_truncated)
{
    size_t size;
    char *bytes;

    ck_assert(made_audio_save(made_audio_path, cut[_i].kind, 8000, 1, 1.0));
    bytes = load(&size);
    save(bytes, size / 2);
    refuses(cut[_i].why);
    save(bytes, size - 1);
    refuses(cut[_i].why);
    memory_destroy(bytes);
}
END_TEST

/* As programs write that do not know it yet. */
START_TEST(a_length_that_is_not_known)
{
    static const char *const lengths[] = {"\0\0\0\0",   "\xff\xff\xff\xff", "\0\xf0\xff\x7f",
                                          "\0\0\0\x80", "\xda\xff\xff\xff", "\xff\xff\xff\x7f"};

    for (int i = 0; i < 6; i++) {
        ck_assert(made_audio_save(made_audio_path, "wav16", 8000, 1, 0.5));
        patch(4, lengths[i], 4, 0);
        patch(40, lengths[i], 4, 0);
        ck_assert_uint_eq(reads(), 4000);
    }
    ck_assert(made_audio_save(made_audio_path, "flac16", 8000, 1, 0.5));
    patch(8 + 14, "\0\0\0\0", 4, 0);
    ck_assert_uint_eq(reads(), 4000);
}
END_TEST

static const struct {
    size_t at, count;
    const char *bytes, *why;
} absurd[] = {
    {22, 2, "\0\0", "cannot be read as audio: "},
    {22, 2, "\xff\xff", "cannot be read as audio: "},
    {24, 4, "\1\0\0\0", "its header gives 1 samples a second; files of 1,000 to 1,000,000"},
    {24, 4, "\0\xca\x9a\x3b", "its header gives 1000000000 samples a second"},
    {24, 4, "\0\0\0\0", "cannot be read as audio: "},
    {34, 2, "\0\0", "cannot be read as audio: "},
    {34, 2, "\x63\0", "cannot be read as audio: "},
    {40, 4, "\0\0\0\x70", "is truncated: its header promises 1,879,048,192 bytes of sound"},
    {20, 2, "\x99\x99", "cannot be read as audio: "},
};

START_TEST(a_header_that_makes_no_sense)
{
    ck_assert(made_audio_save(made_audio_path, "wav16", 8000, 1, 0.1));
    patch(absurd[_i].at, absurd[_i].bytes, absurd[_i].count, 0);
    refuses(absurd[_i].why);
}
END_TEST

START_TEST(a_sample_that_is_no_number)
{
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1e30};
    double frames[2000];

    for (int i = 0; i < 4; i++) {
        made_audio_sweep(frames, 2000, 1, 8000);
        frames[1000] = wrong[i];
        ck_assert(made_audio_write(made_audio_path, "wavfloat", 8000, 1, frames, 2000));
        refuses(i < 3 ? "a sample at 0.125 s is not a finite number"
                      : "a sample at 0.125 s is beyond all bounds");
    }
}
END_TEST

START_TEST(damage_in_the_middle)
{
    size_t size;
    char *bytes;

    ck_assert(made_audio_save(made_audio_path, "flac16", 16000, 1, 2.0));
    bytes = load(&size);
    memset(bytes + size / 2, 0x55, 64);
    save(bytes, size);
    refuses("is damaged after ");
    memory_destroy(bytes);
    ck_assert(made_audio_save(made_audio_path, "vorbis", 16000, 1, 2.0));
    bytes = load(&size);
    memset(bytes + size / 2, 0x55, 64);
    save(bytes, size);
    refuses("is damaged: the page at byte ");
    memory_destroy(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audio file");
    TCase *tests = tcase_create("audio file");

    tcase_add_checked_fixture(tests, made_audio_setup, made_audio_teardown);
    tcase_add_loop_test(tests, kinds_of_files_are_read, 0,
                        (int)(sizeof kinds / sizeof kinds[0]));
    tcase_add_test(tests, mp3_is_read);
    tcase_add_test(tests, what_is_no_audio);
    tcase_add_test(tests, no_sound);
    tcase_add_loop_test(tests, half_a_file_is_truncated, 0, (int)(sizeof cut / sizeof cut[0]));
    tcase_add_test(tests, a_length_that_is_not_known);
    tcase_add_loop_test(tests, a_header_that_makes_no_sense, 0,
                        (int)(sizeof absurd / sizeof absurd[0]));
    tcase_add_test(tests, a_sample_that_is_no_number);
    tcase_add_test(tests, damage_in_the_middle);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
