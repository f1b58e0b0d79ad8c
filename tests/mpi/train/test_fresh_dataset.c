/* test_fresh_dataset.c - a dataset of audio that all ranks prepare: the bytes that one makes
 * alone, and one end for all when something is wrong. */
#include "lockstep/train/fresh_dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio_ranks.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "made_tone.h"
#include "mpi_check.h"

enum { FILES = 11 };

static char folder[64], path[96], alone[96], train[96];
static config c;

static bool is_first(void)
{
    return world_rank(test_world) == 0;
}

static void name_file(char out[96], int file)
{
    snprintf(out, 96, "%s/%d.wav", folder, file);
}

static void write_files(void)
{
    char wav[96];
    FILE *list = fopen(train, "w");

    for (int i = 0; i < FILES; i++) {
        name_file(wav, i);
        made_tone_save(wav, 200 + 30 * i, 200 + 100 * i);
        fprintf(list, "%d.wav\tword%d\n", i, i);
    }
    fclose(list);
}

/* Rank 0 has the folder, whose name all know. */
static void setup(void)
{
    strcpy(folder, "/tmp/lockstep-ranks-XXXXXX");
    if (is_first())
        ck_assert_ptr_nonnull(mkdtemp(folder));
    world_broadcast(test_world, folder, sizeof(folder), 0);
    snprintf(path, sizeof(path), "%s/dataset.h5", folder);
    snprintf(alone, sizeof(alone), "%s/alone.h5", folder);
    snprintf(train, sizeof(train), "%s/train.tsv", folder);
    if (is_first())
        write_files();
    c = (config){.run.folder = folder,
                 .data = {.source = made_tone_side(),
                          .target.vocabulary = SYMBOL_WORDS,
                          .train.pairs = train,
                          .max_length = 100}};
    world_barrier(test_world);
}

static void teardown(void)
{
    char wav[96];

    world_barrier(test_world);
    if (!is_first())
        return;
    for (int i = 0; i < FILES; i++) {
        name_file(wav, i);
        unlink(wav);
    }
    unlink(path);
    unlink(alone);
    unlink(train);
    ck_assert_int_eq(rmdir(folder), 0);
}

static bool are_same(void)
{
    char *a = NULL, *b = NULL;
    size_t sizes[2];
    config one = c;

    one.data.dataset = alone;
    bool same = dataset_prepare(&one) == STATUS_OK &&
                file_load(path, &a, &sizes[0]) == STATUS_OK &&
                file_load(alone, &b, &sizes[1]) == STATUS_OK && sizes[0] == sizes[1] &&
                memcmp(a, b, sizes[0]) == 0;
    memory_destroy(a);
    memory_destroy(b);
    return same;
}

START_TEST(the_ranks_do_not_show)
{
    bool made;
    dataset *d;

    ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_OK);
    ck_assert_all(!is_first() || made);
    ck_assert_all(!is_first() || are_same());
    ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_OK);
    ck_assert_all(!made);
    ck_assert_all(fresh_dataset_open(&d, test_world, &c, NULL) == STATUS_OK);
    ck_assert_all(dataset_pairs(d, SPLIT_TRAIN) == FILES);
    dataset_close(d);
}
END_TEST

/* Whoever reads it: each rank has one of the files in a row. */
START_TEST(a_bad_file_ends_all_alike)
{
    char wav[96];
    bool made;

    for (int file = 3; file < 3 + world_size(test_world); file++) {
        name_file(wav, file);
        if (is_first())
            made_tone_save_text(wav, "no audio");
        ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_INPUT);
        ck_assert_all(!made && !file_exists(path));
        if (is_first())
            made_tone_save(wav, 300, 500);
    }
    name_file(wav, 4);
    if (is_first())
        made_tone_save_text(wav, "no audio");
    c.data.skip_bad = true;
    ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_OK);
    ck_assert_all(!is_first() || are_same());
}
END_TEST

/* ---- when a rank cannot do its share ---- */

/* What rank 0 does with a crew; block after block of files that are not there. */
static status read_blocks(void *user, const audio_crew *crew)
{
    audio_block block = {.most = 10};
    buffer records = {0};
    status result = STATUS_OK;

    ck_assert_int_eq(crew->members, world_size(test_world));
    for (int i = 0; result == STATUS_OK && i < *(const int *)user; i++) {
        audio_block_clear(&block);
        for (int file = 0; result == STATUS_OK && file < 5; file++)
            result = audio_block_add(&block, "/no/such/file.wav");
        if (result == STATUS_OK)
            result = crew->read(crew->context, &block, &records);
    }
    audio_block_free(&block);
    buffer_free(&records);
    return result == STATUS_OK ? result : fail_context(result, "data.train");
}

/* The last rank's memory is at its end, sooner or later. */
START_TEST(a_rank_without_memory_ends_all)
{
    int blocks = 3;
    bool failed = false, good = false;

    if (world_size(test_world) == 1) /* whose world_collect would end the process */
        return;
    for (size_t n = 8; n < 40 && !good; n++) {
        if (world_rank(test_world) == world_size(test_world) - 1)
            memory_fail_after(n);
        status result = audio_ranks_run(test_world, &c, read_blocks, &blocks);
        memory_fail_after(0);
        ck_assert_all(result == STATUS_OK || result == STATUS_NOMEM);
        failed |= result != STATUS_OK;
        good = result == STATUS_OK;
        ck_assert_all(good || *error_message() == '\0');
    }
    ck_assert_all(failed);
}
END_TEST

START_TEST(the_work_may_fail_or_have_no_blocks)
{
    int none = 0;

    ck_assert_all(audio_ranks_run(test_world, &c, read_blocks, &none) == STATUS_OK);
    c.data.train.pairs = c.run.folder;
    bool made;
    ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_INPUT);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("train/fresh_dataset");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_ranks_do_not_show);
    tcase_add_test(tests, a_bad_file_ends_all_alike);
    tcase_add_test(tests, a_rank_without_memory_ends_all);
    tcase_add_test(tests, the_work_may_fail_or_have_no_blocks);
    suite_add_tcase(suite, tests);
    return suite;
}
