/* test_dataset.c - read back what was prepared from small files. */
#include "lockstep/data/dataset.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "made_dataset.h"
#include "unit_check.h"

START_TEST(short_pairs_are_kept_with_their_numbers)
{
    /* counted in all lines: b 5 and a 4; x 6 and y 4 */
    static const int32_t source_expected[] = {4, 3, 3, 4, 3};
    static const int32_t target_expected[] = {3, 4, 4, 3, 3, 3};
    dataset *opened = made_dataset_prepared();
    int32_t source[3], target[3], ids[6];

    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TRAIN), 3);
    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TEST), 0);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, SIDE_SOURCE, 0, 3, source),
                     STATUS_OK);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, SIDE_TARGET, 0, 3, target),
                     STATUS_OK);
    ck_assert_mem_eq(source, ((int32_t[]){2, 2, 1}), sizeof(source));
    ck_assert_mem_eq(target, ((int32_t[]){2, 1, 3}), sizeof(target));
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, SIDE_SOURCE, 0, 3, ids), STATUS_OK);
    ck_assert_mem_eq(ids, source_expected, sizeof(source_expected));
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, SIDE_TARGET, 0, 3, ids), STATUS_OK);
    ck_assert_mem_eq(ids, target_expected, sizeof(target_expected));
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, SIDE_TARGET, 2, 1, target),
                     STATUS_OK);
    ck_assert_int_eq(target[0], 3);
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, SIDE_SOURCE, 2, 1, ids), STATUS_OK);
    ck_assert_int_eq(ids[0], 3);
    dataset_close(opened);
}
END_TEST

START_TEST(a_split_is_a_source)
{
    dataset *opened = made_dataset_prepared();
    const pair_source train = dataset_source(opened, SPLIT_TRAIN);
    const pair_source valid = dataset_source(opened, SPLIT_VALID);
    int32_t lengths[3], ids[4];

    ck_assert_int_eq(train.pairs, 3);
    ck_assert_int_eq(valid.pairs, 2);
    ck_assert_int_eq(dataset_source(opened, SPLIT_TEST).pairs, 0);
    ck_assert_int_eq(train.elements[SIDE_SOURCE].kind, ELEMENT_SYMBOL);
    ck_assert_int_eq(train.elements[SIDE_TARGET].kind, ELEMENT_SYMBOL);
    ck_assert_int_eq(train.lengths(train.context, SIDE_TARGET, 0, 3, lengths), STATUS_OK);
    ck_assert_mem_eq(lengths, ((int32_t[]){2, 1, 3}), sizeof(lengths));
    ck_assert_int_eq(train.load(train.context, SIDE_SOURCE, 0, 2, ids), STATUS_OK);
    ck_assert_mem_eq(ids, ((int32_t[]){4, 3, 3, 4}), sizeof(ids));
    ck_assert_int_eq(valid.load(valid.context, SIDE_TARGET, 1, 1, ids), STATUS_OK);
    ck_assert_mem_eq(ids, ((int32_t[]){4, 4}), 8);
    dataset_close(opened);
}
END_TEST

START_TEST(the_text_of_valid_is_kept_as_written)
{
    dataset *opened = made_dataset_prepared();
    int32_t ids[4];
    size_t count;
    char **lines;

    ck_assert_int_eq(dataset_pairs(opened, SPLIT_VALID), 2);
    ck_assert_int_eq(dataset_texts(opened, SPLIT_VALID, SIDE_TARGET, &lines, &count),
                     STATUS_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(lines[0], "x  q");
    ck_assert_str_eq(lines[1], "y y");
    memory_destroy(lines);
    ck_assert_int_eq(dataset_texts(opened, SPLIT_VALID, SIDE_SOURCE, &lines, &count),
                     STATUS_OK);
    ck_assert_str_eq(lines[0], "az");
    memory_destroy(lines);
    ck_assert_int_eq(dataset_load(opened, SPLIT_VALID, SIDE_SOURCE, 0, 1, ids), STATUS_OK);
    ck_assert_int_eq(dataset_load(opened, SPLIT_VALID, SIDE_TARGET, 0, 1, ids + 2), STATUS_OK);
    ck_assert_mem_eq(ids, ((int32_t[]){4, TOKEN_UNK, 3, TOKEN_UNK}), sizeof(ids));
    dataset_close(opened);
}
END_TEST

START_TEST(many_pairs_are_copied_in_order)
{
    enum { PAIRS = 30000 };
    FILE *file = fopen(made.train, "w");
    int32_t *lengths = memory_create(PAIRS, sizeof(*lengths));

    for (int i = 0; i < PAIRS; i++)
        fprintf(file, "%.*s\t%d\n", i % 4 + 1, "abcd", i % 10);
    fclose(file);
    made_dataset_save(made.valid, "a\t7\n");
    dataset *opened = made_dataset_prepared();

    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TRAIN), PAIRS);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, SIDE_SOURCE, 0, PAIRS, lengths),
                     STATUS_OK);
    for (int i = 0; i < PAIRS; i++)
        ck_assert_int_eq(lengths[i], i % 4 + 1);
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, SIDE_TARGET, 25000, 10, lengths),
                     STATUS_OK);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(lengths[i], TOKEN_SPECIALS + i);
    memory_destroy(lengths);
    dataset_close(opened);
}
END_TEST

START_TEST(every_failing_allocation_while_opening_is_a_status)
{
    status result = STATUS_NOMEM;
    dataset *opened = NULL;
    size_t n;

    made_dataset_prepare();
    for (n = 1; result == STATUS_NOMEM; n++) {
        memory_fail_after(n);
        result = dataset_open(&opened, made.path, true);
        memory_fail_after(0);
        ck_assert((opened != NULL) == (result == STATUS_OK));
    }
    ck_assert_msg(result == STATUS_OK, "%zu: %s", n, error_message());
    ck_assert_uint_gt(n, 5);
    dataset_close(opened);
}
END_TEST

START_TEST(a_damaged_dataset_is_refused_and_made_again)
{
    dataset *opened;
    char *bytes;
    size_t size;

    made_dataset_prepare();
    ck_assert_int_eq(file_load(made.path, &bytes, &size), STATUS_OK);
    ck_assert_int_eq(file_save(made.path, bytes, size - 7), STATUS_OK);
    made_dataset_message(dataset_open(&opened, made.path, true), STATUS_FORMAT,
                         "lockstep prepare");
    bytes[size / 2] ^= 1;
    ck_assert_int_eq(file_save(made.path, bytes, size), STATUS_OK);
    made_dataset_message(dataset_open(&opened, made.path, true), STATUS_FORMAT,
                         "lockstep prepare");
    ck_assert_ptr_null(opened);
    made_dataset_prepare();
    memory_destroy(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *group = tcase_create("dataset");

    tcase_add_checked_fixture(group, made_dataset_open, made_dataset_close);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, short_pairs_are_kept_with_their_numbers);
    tcase_add_test(group, a_split_is_a_source);
    tcase_add_test(group, the_text_of_valid_is_kept_as_written);
    tcase_add_test(group, many_pairs_are_copied_in_order);
    tcase_add_test(group, every_failing_allocation_while_opening_is_a_status);
    tcase_add_test(group, a_damaged_dataset_is_refused_and_made_again);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
