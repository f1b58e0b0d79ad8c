/* test_audio_features.c */
#include "lockstep/data/audio_features.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "made_audio.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-features-XXXXXX";
static char path[64];
static buffer rows;

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x", folder);
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
    buffer_free(&rows);
}

static const audio_settings usual = {
    .rate = 16000, .mels = 80, .stack = 4, .window = 25, .hop = 10};

static audio_features *create(const audio_settings *s)
{
    audio_features *f;

    ck_assert_msg(audio_features_create(&f, s) == STATUS_OK, "%s", error_message());
    return f;
}

/* The file's rows alone, in `rows`; gives how many. */
static size_t load(const audio_settings *s)
{
    audio_features *f = create(s);
    size_t count;

    buffer_clear(&rows);
    ck_assert_msg(audio_features_load(f, path, SIZE_MAX, &rows, &count) == STATUS_OK, "%s",
                  error_message());
    ck_assert_uint_eq(rows.size, count * (size_t)(s->stack * s->mels) * 2);
    audio_features_destroy(f);
    return count;
}

static float value(size_t at)
{
    return half_to_float(((const uint16_t *)(const void *)rows.data)[at]);
}

static void refuses(const audio_settings *s, const char *why)
{
    audio_features *f = create(s);
    char expected[256];
    size_t count;

    snprintf(expected, sizeof expected, "%s: %s", path, why);
    buffer_clear(&rows);
    ck_assert_int_eq(audio_features_load(f, path, SIZE_MAX, &rows, &count), STATUS_INPUT);
    ck_assert_str_eq(error_message(), expected);
    ck_assert_uint_eq(rows.size, 0);
    audio_features_destroy(f);
}

/* Seconds of sound, rows of four frames: 1 + (samples - 400) / 160 frames. */
static const struct {
    const char *kind;
    int rate, channels;
    double seconds;
    size_t rows;
} lengths[] = {{"wav16", 16000, 1, 1.0, 24},   {"wav8", 8000, 1, 1.0, 24},
               {"wav24", 44100, 2, 1.0, 24},   {"flac16", 48000, 1, 1.0, 24},
               {"vorbis", 22050, 2, 1.0, 24},  {"wav16", 16000, 1, 0.055, 1},
               {"wav16", 16000, 1, 0.0949, 1}, {"wav16", 16000, 1, 0.095, 2}};

START_TEST(rows_of_a_second)
{
    ck_assert(made_audio_save(path, lengths[_i].kind, lengths[_i].rate, lengths[_i].channels,
                              lengths[_i].seconds));
    ck_assert_uint_eq(load(&usual), lengths[_i].rows);
}
END_TEST

/* 40 frames, of which each is in a row. */
START_TEST(every_mel_is_normalised)
{
    ck_assert(made_audio_save(path, "wav16", 16000, 1, 0.415));
    ck_assert_uint_eq(load(&usual), 10);
    for (size_t m = 0; m < 80; m++) {
        double sum = 0.0, squares = 0.0;

        for (size_t t = 0; t < 40; t++) {
            sum += value(t * 80 + m);
            squares += value(t * 80 + m) * value(t * 80 + m);
        }
        ck_assert_double_eq_tol(sum / 40, 0.0, 1e-3);
        ck_assert_double_eq_tol(squares / 40, 1.0, 2e-3);
    }
}
END_TEST

START_TEST(a_stack_is_frames_side_by_side)
{
    audio_settings single = usual, three = usual;
    uint16_t frames[23 * 80];

    single.stack = 1;
    three.stack = 3;
    ck_assert(made_audio_save(path, "wav16", 16000, 1, 0.245));
    ck_assert_uint_eq(load(&single), 23);
    memcpy(frames, rows.data, sizeof frames);
    ck_assert_uint_eq(load(&three), 7);
    ck_assert_mem_eq(rows.data, frames, 21 * 80 * sizeof *frames);
}
END_TEST

/* Exactly so many rows are told, whether they were made or only counted. */
START_TEST(too_many_rows_are_counted)
{
    static const int rates[] = {16000, 8000, 44100};
    audio_features *f = create(&usual);

    for (int i = 0; i < 3; i++)
        for (double seconds = 1.0; seconds < 1.05; seconds += 0.0037) {
            size_t all, some;

            ck_assert(made_audio_save(path, "wav16", rates[i], 1, seconds));
            buffer_clear(&rows);
            ck_assert_int_eq(buffer_add(&rows, "odd", 3), STATUS_OK);
            for (size_t most = 0; most < 24; most += 23) {
                ck_assert_int_eq(audio_features_load(f, path, most, &rows, &some), STATUS_OK);
                ck_assert_uint_eq(rows.size, 3);
            }
            ck_assert_int_eq(audio_features_load(f, path, some, &rows, &all), STATUS_OK);
            ck_assert_uint_eq(all, some);
            ck_assert_uint_eq(rows.size, 3 + all * 320 * 2);
            ck_assert_mem_eq(rows.data, "odd", 3);
        }
    audio_features_destroy(f);
}
END_TEST

START_TEST(the_same_file_gives_the_same_bytes)
{
    audio_features *f = create(&usual);
    buffer first = {0};
    size_t count;

    ck_assert(made_audio_save(path, "flac24", 44100, 2, 1.5));
    load(&usual);
    ck_assert_int_eq(buffer_add(&first, rows.data, rows.size), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        buffer_clear(&rows);
        ck_assert_int_eq(audio_features_load(f, path, SIZE_MAX, &rows, &count), STATUS_OK);
        ck_assert_uint_eq(rows.size, first.size);
        ck_assert_mem_eq(rows.data, first.data, first.size);
    }
    buffer_free(&first);
    audio_features_destroy(f);
}
END_TEST

enum { SECOND = 16000 };

START_TEST(channels_are_averaged)
{
    static double both[2 * SECOND], mean[SECOND];
    buffer stereo = {0};

    made_audio_sweep(both, SECOND, 2, SECOND);
    for (int t = 0; t < SECOND; t++)
        mean[t] = (both[2 * t] + both[2 * t + 1]) / 2;
    ck_assert(made_audio_write(path, "wavdouble", SECOND, 2, both, SECOND));
    load(&usual);
    ck_assert_int_eq(buffer_add(&stereo, rows.data, rows.size), STATUS_OK);
    ck_assert(made_audio_write(path, "wavdouble", SECOND, 1, mean, SECOND));
    load(&usual);
    ck_assert_mem_eq(rows.data, stereo.data, stereo.size);
    buffer_free(&stereo);
}
END_TEST

START_TEST(silence_has_no_rows)
{
    static double still[SECOND];

    ck_assert(made_audio_write(path, "wav16", SECOND, 1, still, SECOND));
    refuses(&usual, "is silent: its sound never changes");
    ck_assert(made_audio_write(path, "flac16", 44100, 1, still, SECOND));
    refuses(&usual, "is silent: its sound never changes");
    for (int t = 0; t < SECOND; t++)
        still[t] = 0.25;
    ck_assert(made_audio_write(path, "wav16", SECOND, 1, still, SECOND));
    refuses(&usual, "is silent: its sound never changes");
    memset(still, 0, sizeof still);
    still[SECOND / 2] = 1e-3;
    ck_assert(made_audio_write(path, "wav16", SECOND, 1, still, SECOND));
    ck_assert_uint_eq(load(&usual), 24);
}
END_TEST

START_TEST(too_short_for_a_row)
{
    audio_settings single = usual;

    single.stack = 1;
    ck_assert(made_audio_save(path, "wav16", 16000, 1, 0.0549));
    refuses(&usual, "is too short: it lasts 0.055 s, and 0.055 s are needed");
    ck_assert_uint_eq(load(&single), 3);
    ck_assert(made_audio_save(path, "wav16", 16000, 1, 0.034));
    refuses(&single, "is too short: it lasts 0.034 s, and 0.035 s are needed");
    ck_assert(made_audio_save(path, "wav16", 44100, 1, 0.0001));
    refuses(&single, "is too short: it lasts 0.000 s, and 0.035 s are needed");
}
END_TEST

/* A file of 100 MB, nearly all of it a hole. */
START_TEST(memory_follows_the_rows_that_are_wanted)
{
    enum { BYTES = 100000000 };
    static const char length[4] = {(char)0x00, (char)0xe1, (char)0xf5, (char)0x05};
    audio_features *f = create(&usual);
    size_t size, count, before;
    char *bytes;

    ck_assert(made_audio_save(path, "wav16", 16000, 1, 1.0));
    ck_assert_int_eq(file_load(path, &bytes, &size), STATUS_OK);
    memcpy(bytes + 40, length, 4);
    ck_assert_int_eq(file_save(path, bytes, size), STATUS_OK);
    ck_assert_int_eq(truncate(path, 44 + BYTES), 0);
    memory_destroy(bytes);
    before = memory_peak();
    ck_assert_int_eq(audio_features_load(f, path, 100, &rows, &count), STATUS_OK);
    ck_assert_uint_eq(count, (1 + (BYTES / 2 - 400) / 160) / 4);
    ck_assert_uint_eq(rows.size, 0);
    ck_assert_uint_lt(memory_peak() - before, 4 << 20);
    audio_features_destroy(f);
}
END_TEST

START_TEST(no_memory_is_an_error)
{
    size_t n = 0, count;
    status result;

    ck_assert(made_audio_save(path, "wav16", 44100, 1, 1.0));
    do {
        audio_features *f = NULL;

        buffer_free(&rows);
        memory_fail_after(++n);
        result = audio_features_create(&f, &usual);
        if (result == STATUS_OK)
            result = audio_features_load(f, path, SIZE_MAX, &rows, &count);
        memory_fail_after(0);
        audio_features_destroy(f);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    } while (result != STATUS_OK);
    ck_assert_uint_gt(n, 15);
}
END_TEST

START_TEST(settings_are_those_of_the_side)
{
    config_side side = {.rate = 8000, .mels = 40, .window = 20, .hop = 8, .stack = 3};
    audio_settings s = audio_settings_of(&side);

    ck_assert(s.rate == 8000 && s.mels == 40 && s.stack == 3);
    ck_assert(s.window == 20.0 && s.hop == 8.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audio features");
    TCase *tests = tcase_create("audio features");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, rows_of_a_second, 0, (int)(sizeof lengths / sizeof lengths[0]));
    tcase_add_test(tests, every_mel_is_normalised);
    tcase_add_test(tests, a_stack_is_frames_side_by_side);
    tcase_add_test(tests, too_many_rows_are_counted);
    tcase_add_test(tests, the_same_file_gives_the_same_bytes);
    tcase_add_test(tests, channels_are_averaged);
    tcase_add_test(tests, silence_has_no_rows);
    tcase_add_test(tests, too_short_for_a_row);
    tcase_add_test(tests, memory_follows_the_rows_that_are_wanted);
    tcase_add_test(tests, no_memory_is_an_error);
    tcase_add_test(tests, settings_are_those_of_the_side);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
