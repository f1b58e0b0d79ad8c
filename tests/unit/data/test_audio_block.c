/* test_audio_block.c - files that are read together, whoever reads them. */
#include "lockstep/data/audio_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/stop.h"
#include "lockstep/data/audio_path.h"
#include "made_tone.h"
#include "unit_check.h"

enum { FILES = 7, MOST = 20, WIDTH = 2 * 8, BAD = 2, GONE = 5, LONG = 3 };

static const audio_settings settings = {8000, 8, 2, 25, 10};

static char folder[64], paths[FILES][96];
static audio_features *features;

static void setup(void)
{
    strcpy(folder, "/tmp/lockstep-block-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (int i = 0; i < FILES; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/%d.wav", folder, i);
        if (i != BAD && i != GONE)
            made_tone_save(paths[i], i == LONG ? 2000 : 150 + 30 * i, 300 + 100 * i);
    }
    made_tone_save_text(paths[BAD], "no audio\n");
    ck_assert_int_eq(audio_features_create(&features, &settings), STATUS_OK);
}

static void teardown(void)
{
    for (int i = 0; i < FILES; i++)
        remove(paths[i]);
    ck_assert_int_eq(remove(folder), 0);
    audio_features_destroy(features);
    stop_set(0);
}

static audio_block make_block(void)
{
    audio_block made = {.most = MOST};

    for (int i = 0; i < FILES; i++)
        ck_assert_int_eq(audio_block_add(&made, paths[i]), STATUS_OK);
    return made;
}

/* The records of all members, the last one's first. */
static buffer read_all(const audio_block *block, int members)
{
    buffer all = {0};

    for (int member = members - 1; member >= 0; member--)
        ck_assert_int_eq(audio_block_read(block, features, member, members, &all), STATUS_OK);
    return all;
}

static void check_file(const audio_outcome *got, int file)
{
    buffer expected = {0};
    size_t rows = 0;
    status result = audio_features_load(features, paths[file], MOST, &expected, &rows);

    ck_assert_int_eq(got->result, result);
    ck_assert_str_eq(got->message, result == STATUS_OK ? "" : error_message());
    ck_assert_int_eq(result, file == BAD || file == GONE ? STATUS_INPUT : STATUS_OK);
    if (result == STATUS_OK)
        ck_assert_uint_eq(got->rows, rows);
    ck_assert((got->frames != NULL) == (result == STATUS_OK && file != LONG));
    if (got->frames != NULL) {
        ck_assert_uint_eq(expected.size, rows * WIDTH * 2);
        ck_assert_mem_eq(got->frames, expected.data, expected.size);
        ck_assert_uint_eq((uintptr_t)got->frames % 2, 0);
    }
    buffer_free(&expected);
}

START_TEST(any_number_of_members_gives_the_same)
{
    audio_block block = make_block();
    audio_outcome files[FILES];

    for (int members = 1; members <= FILES + 1; members++) {
        buffer records = read_all(&block, members);
        audio_block_find(&block, &records, files);
        for (int i = 0; i < FILES; i++)
            check_file(&files[i], i);
        ck_assert_uint_gt(files[LONG].rows, MOST);
        buffer_free(&records);
    }
    audio_block_free(&block);
}
END_TEST

START_TEST(a_block_is_full_of_files_or_of_bytes)
{
    audio_block block = {.most = MOST};

    for (int i = 0; i < 2 * AUDIO_BLOCK_FILES; i++) {
        ck_assert(audio_block_is_full(&block, 1) == (i >= AUDIO_BLOCK_FILES));
        ck_assert(!audio_block_is_full(&block, 2));
        ck_assert_int_eq(audio_block_add(&block, paths[GONE]), STATUS_OK);
    }
    ck_assert(audio_block_is_full(&block, 2));
    audio_block_clear(&block);
    made_tone_save(paths[LONG], 300000, 100); /* 4.8 MB */
    ck_assert_int_eq(audio_block_add(&block, paths[LONG]), STATUS_OK);
    ck_assert(!audio_block_is_full(&block, 1));
    ck_assert_int_eq(audio_block_add(&block, paths[LONG]), STATUS_OK);
    ck_assert(audio_block_is_full(&block, 1) && !audio_block_is_full(&block, 2));
    audio_block_clear(&block);
    ck_assert(!audio_block_is_full(&block, 1));
    audio_block_free(&block);
}
END_TEST

START_TEST(a_crew_of_one_reads_block_after_block)
{
    audio_crew alone = audio_crew_alone(features);
    audio_block block = make_block();
    audio_outcome files[FILES];
    buffer records = {0};

    ck_assert_int_eq(alone.members, 1);
    ck_assert_int_eq(alone.read(alone.context, &block, &records), STATUS_OK);
    audio_block_clear(&block);
    ck_assert_int_eq(audio_block_add(&block, paths[4]), STATUS_OK);
    ck_assert_int_eq(alone.read(alone.context, &block, &records), STATUS_OK);
    audio_block_find(&block, &records, files);
    check_file(&files[0], 4);
    buffer_free(&records);
    audio_block_free(&block);
}
END_TEST

START_TEST(a_signal_ends_the_work)
{
    audio_block block = make_block();
    audio_outcome files[FILES];

    stop_set(15);
    buffer records = read_all(&block, 2);
    audio_block_find(&block, &records, files);
    for (int i = 0; i < FILES; i++)
        ck_assert_int_eq(files[i].result, STATUS_STOPPED);
    buffer_free(&records);
    audio_block_free(&block);
}
END_TEST

static void check_path(const char *from, const char *name, const char *expected)
{
    const config_files files = {.pairs = (char *)(uintptr_t)from};
    const corpus_line line = {name, strlen(name)};
    char in[FILE_PATH_MAX], path[FILE_PATH_MAX];

    audio_folder(&files, in);
    ck_assert_int_eq(audio_path(path, in, &line), STATUS_OK);
    ck_assert_str_eq(path, expected);
}

START_TEST(names_are_relative_to_the_corpus)
{
    static char longest[FILE_PATH_MAX];
    char path[FILE_PATH_MAX];

    check_path("x.tsv", "a/b.wav", "a/b.wav");
    check_path("data/x.tsv", "a b.wav", "data/a b.wav");
    check_path("/data/x.tsv", "b.wav", "/data/b.wav");
    check_path("data/x.tsv", "/b.wav", "/b.wav");
    check_path("-", "b.wav", "b.wav");
    memset(longest, 'x', sizeof(longest));
    ck_assert_int_eq(audio_path(path, "", &(corpus_line){longest, sizeof(longest)}),
                     STATUS_INPUT);
    ck_assert_int_eq(audio_path(path, "d/", &(corpus_line){longest, sizeof(longest) - 2}),
                     STATUS_INPUT);
    ck_assert_int_eq(audio_path(path, "", &(corpus_line){"a\0b", 3}), STATUS_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/audio_block");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, any_number_of_members_gives_the_same);
    tcase_add_test(tests, a_block_is_full_of_files_or_of_bytes);
    tcase_add_test(tests, a_crew_of_one_reads_block_after_block);
    tcase_add_test(tests, a_signal_ends_the_work);
    tcase_add_test(tests, names_are_relative_to_the_corpus);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
