/* test_dataset_audio.c - datasets whose sources are audio: prepared, read, and when they are
 * prepared again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/loader.h"
#include "made_tone.h"
#include "unit_check.h"

enum { FILES = 6, WIDTH = 16 };

static char folder[64], path[96], train[96], valid[96], wav[FILES][96];
static config c;

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

/* The fourth is too long, the last pair of train has no source. */
static void setup(void)
{
    strcpy(folder, "/tmp/lockstep-speech-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/dataset.h5", folder);
    snprintf(train, sizeof(train), "%s/train.tsv", folder);
    snprintf(valid, sizeof(valid), "%s/valid.tsv", folder);
    for (int i = 0; i < FILES; i++) {
        snprintf(wav[i], sizeof(wav[i]), "%s/%d.wav", folder, i);
        made_tone_save(wav[i], i == 3 ? 1000 : 200 + 20 * i, 200 + 150 * i);
    }
    made_tone_save_text(train, "0.wav\tzero\n1.wav\tone\n2.wav\t\n3.wav\tthree\n4.wav\tx\n\n");
    made_tone_save_text(valid, "5.wav\tone two\n");
    c = (config){.run.folder = folder,
                 .data = {.source = made_tone_side(),
                          .target.vocabulary = SYMBOL_WORDS,
                          .train.pairs = train,
                          .valid.pairs = valid,
                          .max_length = 20}};
}

static void teardown(void)
{
    for (int i = 0; i < FILES; i++)
        unlink(wav[i]);
    unlink(path);
    unlink(train);
    unlink(valid);
    ck_assert_int_eq(rmdir(folder), 0);
}

static dataset *prepared(void)
{
    dataset *made;

    assert_ok(dataset_prepare(&c));
    assert_ok(dataset_open(&made, path, true));
    return made;
}

static void refused(status expected, const char *part)
{
    status result = dataset_prepare(&c);

    ck_assert_msg(result == expected && strstr(error_message(), part) != NULL, "%d %s", result,
                  error_message());
    ck_assert(!file_exists(path));
}

/* Owned: buffer_free. */
static buffer frames_of(int file, size_t *rows)
{
    const audio_settings settings = audio_settings_of(&c.data.source);
    buffer made = {0};
    audio_features *features;

    assert_ok(audio_features_create(&features, &settings));
    assert_ok(audio_features_load(features, wav[file], 20, &made, rows));
    audio_features_destroy(features);
    return made;
}

static void check_frames(dataset *d, dataset_split split, int64_t pair, int file)
{
    uint16_t frames[20 * WIDTH];
    int32_t length;
    size_t rows;
    buffer expected = frames_of(file, &rows);

    assert_ok(dataset_lengths(d, split, SIDE_SOURCE, pair, 1, &length));
    ck_assert_int_eq(length, (int)rows);
    assert_ok(dataset_load(d, split, SIDE_SOURCE, pair, 1, frames));
    ck_assert_mem_eq(frames, expected.data, expected.size);
    buffer_free(&expected);
}

START_TEST(what_is_prepared_is_read)
{
    dataset *d = prepared();
    pair_source from = dataset_source(d, SPLIT_TRAIN);
    char **texts;
    size_t count;

    ck_assert_int_eq(from.pairs, 3); /* 0, 1 and 4 */
    ck_assert_int_eq(from.elements[SIDE_SOURCE].kind, ELEMENT_FRAME);
    ck_assert_int_eq(from.elements[SIDE_SOURCE].width, WIDTH);
    ck_assert_int_eq(from.elements[SIDE_TARGET].kind, ELEMENT_SYMBOL);
    ck_assert_int_eq(dataset_pairs(d, SPLIT_VALID), 1);
    check_frames(d, SPLIT_TRAIN, 0, 0);
    check_frames(d, SPLIT_TRAIN, 1, 1);
    check_frames(d, SPLIT_TRAIN, 2, 4);
    check_frames(d, SPLIT_VALID, 0, 5);
    assert_ok(dataset_texts(d, SPLIT_VALID, SIDE_SOURCE, &texts, &count));
    ck_assert_str_eq(texts[0], "5.wav");
    memory_destroy(texts);
    dataset_close(d);
}
END_TEST

START_TEST(a_loader_makes_floats_of_them)
{
    const loader_settings settings = {.tokens = 1000,
                                      .grains = 2,
                                      .last_grain = 2,
                                      .window = 100,
                                      .specials = {{.end = false}, {.end = true}}};
    dataset *d = prepared();
    uint16_t frames[20 * WIDTH];
    loader *l;
    batch b;
    bool end;

    assert_ok(loader_create(&l, d, SPLIT_TRAIN, &settings));
    assert_ok(loader_next(l, &b, &end));
    ck_assert_int_eq(b.source.sequences, 3);
    ck_assert_int_eq(b.source.frame_width, WIDTH);
    assert_ok(dataset_load(d, SPLIT_TRAIN, SIDE_SOURCE, 2, 1, frames));
    for (int i = 0; i < 3 * WIDTH; i++)
        ck_assert(b.source.frames[b.source.offsets[2] * WIDTH + i] == half_to_float(frames[i]));
    loader_destroy(l);
    dataset_close(d);
}
END_TEST

START_TEST(a_bad_file_is_named_with_its_line)
{
    char message[256];

    made_tone_save_text(wav[1], "no audio");
    snprintf(message, sizeof(message), "data.train: %s:2: %s", train, wav[1]);
    refused(STATUS_INPUT, message);
    unlink(wav[1]);
    refused(STATUS_INPUT, message);
    made_tone_save(wav[1], 200, 300);
    assert_ok(dataset_prepare(&c));
}
END_TEST

START_TEST(bad_files_may_be_left_out)
{
    made_tone_save_text(wav[1], "no audio");
    unlink(wav[0]);
    c.data.skip_bad = true;
    dataset *d = prepared();
    bool fresh;

    ck_assert_int_eq(dataset_pairs(d, SPLIT_TRAIN), 1);
    check_frames(d, SPLIT_TRAIN, 0, 4);
    dataset_close(d);
    assert_ok(dataset_is_fresh(&c, false, &fresh));
    ck_assert(fresh);
    assert_ok(dataset_is_fresh(&c, true, &fresh));
    ck_assert(fresh);
    unlink(path);
    made_tone_save_text(wav[5], "");
    refused(STATUS_INPUT, "none of 1 pairs is left");
    refused(STATUS_INPUT, wav[5]);
}
END_TEST

static bool is_fresh(bool believe)
{
    bool fresh;

    assert_ok(dataset_is_fresh(&c, believe, &fresh));
    return fresh;
}

START_TEST(it_follows_settings_and_content_of_files)
{
    dataset_close(prepared());
    ck_assert(is_fresh(false));
    c.data.source.stack = 3;
    ck_assert(!is_fresh(false));
    c.data.source.stack = 2;
    c.data.source.hop = 10.5;
    ck_assert(!is_fresh(false));
    c.data.source.hop = 10;
    c.data.skip_bad = true;
    ck_assert(!is_fresh(false));
    c.data.skip_bad = false;
    ck_assert(is_fresh(false));
    made_tone_save(wav[4], 280, 801);
    ck_assert(!is_fresh(false));
    ck_assert(!is_fresh(true));
    made_tone_save(wav[4], 280, 800);
    ck_assert(is_fresh(false));
}
END_TEST

START_TEST(files_that_are_gone_are_believed)
{
    bool fresh;

    dataset_close(prepared());
    unlink(wav[2]);
    ck_assert_int_eq(dataset_is_fresh(&c, false, &fresh), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "train.tsv:3: "));
    ck_assert(is_fresh(true));
    c.data.skip_bad = true; /* which asks for another */
    ck_assert(!is_fresh(true));
    c.data.skip_bad = false;
    unlink(train);
    unlink(wav[0]);
    ck_assert(is_fresh(true));
    ck_assert_int_eq(dataset_is_fresh(&c, false, &fresh), STATUS_INPUT);
    made_tone_save_text(train, "0.wav\tzero\n"); /* another list, of what is not there */
    ck_assert(!is_fresh(true));
}
END_TEST

/* Of the frames of a file. */
static void harm(int file)
{
    char *bytes, *at;
    size_t size;
    buffer frames = frames_of(file, &size);

    assert_ok(file_load(path, &bytes, &size));
    for (at = bytes; memcmp(at, frames.data, 64) != 0;)
        at++;
    FILE *out = fopen(path, "r+b");
    fseek(out, at - bytes, SEEK_SET);
    fputc(*at ^ 1, out);
    fclose(out);
    memory_destroy(bytes);
    buffer_free(&frames);
}

START_TEST(damage_is_seen)
{
    dataset *d = prepared();
    uint16_t frames[20 * WIDTH];

    harm(1);
    ck_assert_int_eq(dataset_load(d, SPLIT_TRAIN, SIDE_SOURCE, 1, 1, frames), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/train/source/frames"));
    dataset_close(d);
    ck_assert_int_eq(dataset_open(&d, path, true), STATUS_FORMAT);
}
END_TEST

START_TEST(a_run_goes_on_with_the_same_frames_alone)
{
    dataset *d = prepared();
    uint64_t known = dataset_content(d);

    dataset_close(d);
    assert_ok(dataset_prepare_again(&c, known));
    made_tone_save(wav[1], 220, 351);
    ck_assert_int_eq(dataset_prepare_again(&c, known), STATUS_CONFIG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/dataset_audio");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_is_prepared_is_read);
    tcase_add_test(tests, a_loader_makes_floats_of_them);
    tcase_add_test(tests, a_bad_file_is_named_with_its_line);
    tcase_add_test(tests, bad_files_may_be_left_out);
    tcase_add_test(tests, it_follows_settings_and_content_of_files);
    tcase_add_test(tests, files_that_are_gone_are_believed);
    tcase_add_test(tests, damage_is_seen);
    tcase_add_test(tests, a_run_goes_on_with_the_same_frames_alone);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
