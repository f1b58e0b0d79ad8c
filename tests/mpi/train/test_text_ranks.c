/* test_text_ranks.c - a dataset of text that all ranks prepare: the bytes that one makes alone,
 * and one end for all when something is wrong. */
#include "text_ranks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/train/fresh_dataset.h"
#include "mpi_check.h"

enum { PAIRS = 30000 };

static char folder[64], path[96], alone[96], train[96];
static config c;

static bool is_first(void)
{
    return world_rank(test_world) == 0;
}

static bool is_last(void)
{
    return world_rank(test_world) == world_size(test_world) - 1;
}

/* Many blocks; the pair `bad` has no tab. */
static void write_pairs(int bad)
{
    FILE *file = fopen(train, "w");

    for (int i = 1; i <= PAIRS; i++)
        fprintf(file, "word%d of many%cw%d of %d\n", i % 511, i == bad ? ' ' : '\t', i % 77, i);
    fclose(file);
}

/* Rank 0 has the folder, whose name all know. */
static void setup(void)
{
    strcpy(folder, "/tmp/lockstep-text-XXXXXX");
    if (is_first())
        ck_assert_ptr_nonnull(mkdtemp(folder));
    world_broadcast(test_world, folder, sizeof(folder), 0);
    snprintf(path, sizeof(path), "%s/dataset.h5", folder);
    snprintf(alone, sizeof(alone), "%s/alone.h5", folder);
    snprintf(train, sizeof(train), "%s/train.tsv", folder);
    c = (config){.run.folder = folder,
                 .data = {.source.vocabulary = SYMBOL_WORDS,
                          .target.vocabulary = SYMBOL_WORDS,
                          .train.pairs = train,
                          .max_length = 100}};
    if (is_first())
        write_pairs(0);
    world_barrier(test_world);
}

static void teardown(void)
{
    world_barrier(test_world);
    stop_set(0);
    if (!is_first())
        return;
    unlink(path);
    unlink(alone);
    unlink(train);
    ck_assert_int_eq(rmdir(folder), 0);
}

static bool are_same(void)
{
    uint64_t hashes[2];
    config one = c;

    one.data.dataset = alone;
    return dataset_prepare(&one) == STATUS_OK &&
           store_hash_file(path, &hashes[0]) == STATUS_OK &&
           store_hash_file(alone, &hashes[1]) == STATUS_OK && hashes[0] == hashes[1];
}

static void set_kinds(int source, int target, int joint)
{
    c.data.source.vocabulary = source;
    c.data.target.vocabulary = target;
    c.data.vocabulary = joint ? VOCABULARIES_JOINT : VOCABULARIES_SEPARATE;
    c.data.source.size = c.data.target.size =
        source == SYMBOL_SENTENCEPIECE || target == SYMBOL_SENTENCEPIECE ? 60 : 0;
}

START_TEST(the_ranks_do_not_show)
{
    static const int kinds[][3] = {{SYMBOL_WORDS, SYMBOL_WORDS, false},
                                   {SYMBOL_WORDS, SYMBOL_WORDS, true},
                                   {SYMBOL_CHARACTERS, SYMBOL_WORDS, false},
                                   {SYMBOL_SENTENCEPIECE, SYMBOL_CHARACTERS, false},
                                   {SYMBOL_SENTENCEPIECE, SYMBOL_SENTENCEPIECE, true}};
    bool made;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        set_kinds(kinds[i][SIDE_SOURCE], kinds[i][SIDE_TARGET], kinds[i][2]);
        ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_OK);
        ck_assert_all(made == is_first());
        ck_assert_all(!is_first() || are_same());
    }
    ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_OK);
    ck_assert_all(!made);
}
END_TEST

START_TEST(a_bad_line_ends_all_alike)
{
    static const int lines[] = {1, PAIRS / 2, PAIRS};
    bool made;

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        if (is_first())
            write_pairs(lines[i]);
        ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_INPUT);
        ck_assert_all(!made && !file_exists(path));
        ck_assert_all(world_size(test_world) == 1 || *error_message() == '\0');
    }
}
END_TEST

/* Whichever rank it reaches. */
START_TEST(a_signal_stops_all)
{
    bool made;

    if (is_last())
        stop_set(SIGTERM);
    ck_assert_all(fresh_dataset_prepare(test_world, &c, &made) == STATUS_STOPPED);
    ck_assert_all(!made && !file_exists(path));
}
END_TEST

START_TEST(a_rank_without_memory_ends_all)
{
    bool made, failed = false, good = false;

    if (world_size(test_world) == 1)
        return;
    for (size_t n = 1; n < 4000 && !good; n += n / 2 + 1) {
        if (is_last())
            memory_fail_after(n);
        status result = fresh_dataset_prepare(test_world, &c, &made);
        memory_fail_after(0);
        ck_assert_all(result == STATUS_OK || result == STATUS_NOMEM);
        good = result == STATUS_OK;
        failed |= !good;
        ck_assert_all(good || (*error_message() == '\0' && !file_exists(path)));
    }
    ck_assert_all(failed && good);
    ck_assert_all(!is_first() || are_same());
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("train/text_ranks");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_ranks_do_not_show);
    tcase_add_test(tests, a_bad_line_ends_all_alike);
    tcase_add_test(tests, a_signal_stops_all);
    tcase_add_test(tests, a_rank_without_memory_ends_all);
    suite_add_tcase(suite, tests);
    return suite;
}
