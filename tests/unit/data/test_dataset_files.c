/* test_dataset_files.c - a dataset that is prepared into several files. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/store/store.h"
#include "made_dataset.h"
#include "unit_check.h"

enum { FILES_MOST = 4 };

static char several[FILES_MOST * sizeof(made.path)];

/* data.dataset: so many files. */
static void name_files(int count)
{
    size_t used = 0;

    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(several + used, sizeof(several) - used, "%s%s/part-%d.h5",
                                 i > 0 ? "\n" : "", made.folder, i);
    made.settings.data.dataset = several;
}

static void part_path(char out[FILE_PATH_MAX], int part)
{
    ck_assert_int_eq(dataset_part_path(&made.settings, part, out, FILE_PATH_MAX), STATUS_OK);
}

static void teardown(void)
{
    char path[FILE_PATH_MAX];

    name_files(FILES_MOST);
    for (int i = 0; i < FILES_MOST; i++) {
        part_path(path, i);
        unlink(path);
    }
    made_dataset_close();
}

static void load(pair_set *out, uint64_t *content)
{
    dataset *opened;

    ck_assert_msg(dataset_open_of(&opened, &made.settings, true) == STATUS_OK, "%s",
                  error_message());
    pair_source train = dataset_source(opened, SPLIT_TRAIN);

    ck_assert_int_eq(pair_set_load(out, &train), STATUS_OK);
    ck_assert_int_eq(dataset_pairs(opened, SPLIT_VALID), 2);
    *content = dataset_content(opened);
    dataset_close(opened);
}

static void check_side(const pair_set *one, const pair_set *other, dataset_side side)
{
    size_t counts[2];

    for (int64_t pair = 0; pair < one->pairs; pair++) {
        const void *a = pair_set_get(one, side, pair, &counts[0]);
        const void *b = pair_set_get(other, side, pair, &counts[1]);

        ck_assert_uint_eq(counts[0], counts[1]);
        ck_assert_mem_eq(a, b, counts[0] * sizeof(int32_t));
    }
}

static void check_fresh(bool expected)
{
    bool fresh = !expected;

    ck_assert_int_eq(dataset_is_fresh(&made.settings, false, &fresh), STATUS_OK);
    ck_assert(fresh == expected);
}

START_TEST(the_pairs_are_those_of_one_file)
{
    pair_set one = {0};
    uint64_t content, other;

    made_dataset_prepare();
    load(&one, &content);
    ck_assert_int_eq(one.pairs, 3);
    for (int count = 2; count <= one.pairs; count++) {
        pair_set set = {0};

        teardown();
        made_dataset_open();
        name_files(count);
        made_dataset_prepare();
        load(&set, &other);
        ck_assert_int_eq(set.pairs, one.pairs);
        ck_assert(content == other);
        for (int side = 0; side < SIDES; side++)
            check_side(&one, &set, (dataset_side)side);
        check_fresh(true);
        pair_set_free(&set);
    }
    pair_set_free(&one);
    teardown();
    made_dataset_open();
    name_files(4);
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT,
                         "train.tsv: 3 pairs for the 4 files");
}
END_TEST

START_TEST(all_are_needed)
{
    char path[FILE_PATH_MAX];

    name_files(3);
    check_fresh(false);
    made_dataset_prepare();
    part_path(path, 2);
    unlink(path);
    check_fresh(false);
    made_dataset_prepare();
    check_fresh(true);
}
END_TEST

/* Of what was there nothing changes. */
START_TEST(all_appear_or_none)
{
    char path[FILE_PATH_MAX];
    uint64_t before[3], after;
    size_t failures = 0;
    status result = STATUS_NOMEM;

    name_files(3);
    made_dataset_prepare();
    for (int i = 0; i < 3; i++) {
        part_path(path, i);
        ck_assert_int_eq(store_hash_file(path, &before[i]), STATUS_OK);
    }
    made_dataset_save(made.train, "ab\tx y\nba\ty\na\ta\nb\tb\n");
    for (size_t n = 1; result != STATUS_OK; n += 7) {
        memory_fail_after(n);
        result = dataset_prepare(&made.settings);
        memory_fail_after(0);
        failures += result != STATUS_OK;
        for (int i = 0; i < 3; i++) {
            part_path(path, i);
            ck_assert_int_eq(store_hash_file(path, &after), STATUS_OK);
            ck_assert((after == before[i]) == (result != STATUS_OK));
        }
    }
    ck_assert_uint_gt(failures, 20);
    check_fresh(true);
}
END_TEST

START_TEST(a_file_in_a_wrong_place_is_not_replaced)
{
    char path[FILE_PATH_MAX];

    name_files(2);
    part_path(path, 1);
    made_dataset_save(path, "a letter that nobody wants to lose");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_FORMAT,
                         "will not be replaced");
    unlink(path);
    made_dataset_prepare();
    name_files(3);
    made_dataset_message(dataset_prepare(&made.settings), STATUS_CONFIG,
                         "is file 1 of the 2 of a dataset");
    made.settings.data.dataset = path;
    made_dataset_message(dataset_prepare(&made.settings), STATUS_CONFIG,
                         "is file 2 of the 2 of a dataset");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset_files");
    TCase *group = tcase_create("dataset_files");

    tcase_add_checked_fixture(group, made_dataset_open, teardown);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, the_pairs_are_those_of_one_file);
    tcase_add_test(group, all_are_needed);
    tcase_add_test(group, all_appear_or_none);
    tcase_add_test(group, a_file_in_a_wrong_place_is_not_replaced);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
