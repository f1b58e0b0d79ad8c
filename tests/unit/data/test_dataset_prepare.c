/* test_dataset_prepare.c - from text files to a dataset, and whether that is needed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/dataset.h"
#include "lockstep/store/store.h"
#include "made_dataset.h"
#include "unit_check.h"

static void check_fresh(bool expected)
{
    bool fresh = !expected;

    ck_assert_msg(dataset_is_fresh(&made.settings, false, &fresh) == STATUS_OK, "%s",
                  error_message());
    ck_assert(fresh == expected);
}

START_TEST(the_same_input_gives_the_same_bytes)
{
    char *first, *second;
    size_t size, again;

    made_dataset_prepare();
    ck_assert_int_eq(file_load(made.path, &first, &size), STATUS_OK);
    made.settings.data.dataset = made.other;
    made_dataset_prepare();
    ck_assert_int_eq(file_load(made.other, &second, &again), STATUS_OK);
    ck_assert_uint_eq(size, again);
    ck_assert_mem_eq(first, second, size);
    memory_destroy(first);
    memory_destroy(second);
}
END_TEST

START_TEST(fresh_until_settings_or_content_change)
{
    check_fresh(false);
    made_dataset_prepare();
    check_fresh(true);
    made.settings.data.source.continuation = "@@"; /* nothing here depends on it */
    check_fresh(true);
    made.settings.data.max_length = 5;
    check_fresh(false);
    made.settings.data.max_length = 4;
    made.settings.data.target.minimum_count = 2;
    check_fresh(false);
    made.settings.data.target.minimum_count = 0;
    made.settings.data.valid.pairs = NULL;
    check_fresh(false);
    made.settings.data.valid.pairs = made.valid;
    check_fresh(true);
    made_dataset_save(made.valid, "az\tx  r\nabcdef\tx\na\ty y\n");
    check_fresh(false);
}
END_TEST

START_TEST(a_moved_input_is_the_same)
{
    made_dataset_prepare();
    ck_assert_int_eq(rename(made.train, made.extra), 0);
    made.settings.data.train.pairs = made.extra;
    check_fresh(true);
}
END_TEST

START_TEST(a_damaged_dataset_is_not_fresh)
{
    char *bytes;
    size_t size;

    made_dataset_prepare();
    ck_assert_int_eq(file_load(made.path, &bytes, &size), STATUS_OK);
    ck_assert_int_eq(file_save(made.path, bytes, size - 7), STATUS_OK);
    check_fresh(false);
    bytes[size / 2] ^= 1;
    ck_assert_int_eq(file_save(made.path, bytes, size), STATUS_OK);
    check_fresh(false);
    made_dataset_prepare();
    check_fresh(true);
    memory_destroy(bytes);
}
END_TEST

START_TEST(bad_inputs_are_named)
{
    made_dataset_save(made.train, "no tab\n");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT, "train.tsv:1: no tab");
    made_dataset_save(made.train, "");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT, "train.tsv: empty");
    made_dataset_save(made.train, "abcdef\tx\n\tx\n");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT,
                         "none of 2 pairs is left");
    made_dataset_save(made.train, "a\tb\n");
    made_dataset_save(made.valid, "\n");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT, "data.valid: ");
    unlink(made.valid);
    bool fresh;
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT, "data.valid.pairs: ");
    made_dataset_message(dataset_is_fresh(&made.settings, false, &fresh), STATUS_INPUT,
                         "No such file");
    ck_assert(!file_exists(made.path));
}
END_TEST

START_TEST(a_line_of_a_million_is_dropped)
{
    FILE *file = fopen(made.train, "w");

    for (int i = 0; i < 1000000; i++)
        fputc('a' + i % 3, file);
    fputs("\tx\nab\ty\n", file);
    fclose(file);
    dataset *opened = made_dataset_prepared();

    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TRAIN), 1);
    dataset_close(opened);
}
END_TEST

START_TEST(every_failing_allocation_is_a_status)
{
    status result = STATUS_NOMEM;
    size_t n;

    for (n = 1; result != STATUS_OK && n < 2000; n++) {
        memory_fail_after(n);
        result = dataset_prepare(&made.settings);
        memory_fail_after(0);
        /* HDF5 reports its own failure where it called us back */
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM || result == STATUS_IO);
    }
    ck_assert_msg(result == STATUS_OK, "%zu: %s", n, error_message());
    ck_assert_uint_gt(n, 20);
    check_fresh(true);
}
END_TEST

START_TEST(a_file_of_another_kind_is_not_replaced)
{
    store_writer *writer;
    dataset *opened;
    bool fresh;

    made_dataset_save(made.path, "a letter that nobody wants to lose");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_FORMAT,
                         "will not be replaced");
    made_dataset_message(dataset_is_fresh(&made.settings, false, &fresh), STATUS_FORMAT,
                         "remove it");
    ck_assert_int_eq(store_create(&writer, made.path, "checkpoint", 1), STATUS_OK);
    ck_assert_int_eq(store_save(writer), STATUS_OK);
    made_dataset_message(dataset_prepare(&made.settings), STATUS_FORMAT,
                         "will not be replaced");
    made_dataset_message(dataset_open(&opened, made.path, true), STATUS_FORMAT, "checkpoint");
    unlink(made.path);
    made_dataset_message(dataset_open(&opened, made.path, true), STATUS_INPUT,
                         "lockstep prepare");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset_prepare");
    TCase *group = tcase_create("dataset_prepare");

    tcase_add_checked_fixture(group, made_dataset_open, made_dataset_close);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, the_same_input_gives_the_same_bytes);
    tcase_add_test(group, fresh_until_settings_or_content_change);
    tcase_add_test(group, a_moved_input_is_the_same);
    tcase_add_test(group, a_damaged_dataset_is_not_fresh);
    tcase_add_test(group, bad_inputs_are_named);
    tcase_add_test(group, a_line_of_a_million_is_dropped);
    tcase_add_test(group, every_failing_allocation_is_a_status);
    tcase_add_test(group, a_file_of_another_kind_is_not_replaced);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
