/* test_dataset.c - prepared from small files, and read back. */
#include "lockstep/data/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/store/store.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-dataset-XXXXXX";
static char train[64], valid[64], extra[64], made[64], other[64];
static config settings;

static void save(const char *path, const char *text)
{
    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(train, sizeof(train), "%s/train.tsv", folder);
    snprintf(valid, sizeof(valid), "%s/valid.tsv", folder);
    snprintf(extra, sizeof(extra), "%s/extra", folder);
    snprintf(made, sizeof(made), "%s/dataset.h5", folder);
    snprintf(other, sizeof(other), "%s/other.h5", folder);
    save(train, "ab\tx y\nba\ty\n\nabcdef\tx\nc\t \nb\tx x x\nab\tx y y y y\n");
    save(valid, "az\tx  q\nabcdef\tx\na\ty y\n");
    settings = (config){0};
    settings.run.folder = folder;
    settings.data.source.vocabulary = SYMBOL_CHARACTERS;
    settings.data.target.vocabulary = SYMBOL_WORDS;
    settings.data.train.pairs = train;
    settings.data.valid.pairs = valid;
    settings.data.max_length = 4;
}

static void teardown(void)
{
    unlink(train);
    unlink(valid);
    unlink(extra);
    unlink(made);
    unlink(other);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left there */
}

static void prepare(void)
{
    ck_assert_msg(dataset_prepare(&settings) == STATUS_OK, "%s", error_message());
}

static dataset *prepare_and_open(void)
{
    dataset *opened;

    prepare();
    ck_assert_msg(dataset_open(&opened, made, true) == STATUS_OK, "%s", error_message());
    return opened;
}

static void check_fresh(bool expected)
{
    bool fresh = !expected;

    ck_assert_msg(dataset_is_fresh(&settings, &fresh) == STATUS_OK, "%s", error_message());
    ck_assert(fresh == expected);
}

static void check_message(status got, status expected, const char *part)
{
    ck_assert_msg(got == expected && strstr(error_message(), part) != NULL, "%d %s", got,
                  error_message());
}

START_TEST(short_pairs_are_kept_with_their_numbers)
{
    /* counted in all lines: b 5 and a 4; x 6 and y 4 */
    static const int32_t source_expected[] = {4, 3, 3, 4, 3};
    static const int32_t target_expected[] = {3, 4, 4, 3, 3, 3};
    dataset *opened = prepare_and_open();
    int32_t source[3], target[3], ids[6];

    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TRAIN), 3);
    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TEST), 0);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, 0, 3, source, target), STATUS_OK);
    ck_assert_mem_eq(source, ((int32_t[]){2, 2, 1}), sizeof(source));
    ck_assert_mem_eq(target, ((int32_t[]){2, 1, 3}), sizeof(target));
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, 0, 3, ids, NULL), STATUS_OK);
    ck_assert_mem_eq(ids, source_expected, sizeof(source_expected));
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, 0, 3, NULL, ids), STATUS_OK);
    ck_assert_mem_eq(ids, target_expected, sizeof(target_expected));
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, 2, 1, NULL, target), STATUS_OK);
    ck_assert_int_eq(target[0], 3);
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, 2, 1, ids, NULL), STATUS_OK);
    ck_assert_int_eq(ids[0], 3);
    dataset_close(opened);
}
END_TEST

START_TEST(vocabularies_come_from_the_training_text)
{
    dataset *opened = prepare_and_open();
    const vocabulary *source = dataset_source_vocabulary(opened);
    const vocabulary *target = dataset_target_vocabulary(opened);

    ck_assert(!dataset_is_joint(opened));
    ck_assert_int_eq(vocabulary_kind_of(source), VOCABULARY_CHARACTERS);
    ck_assert_int_eq(vocabulary_size(source), 9);
    ck_assert_str_eq(vocabulary_symbol(source, 3), "b");
    ck_assert_int_eq(vocabulary_size(target), 5);
    ck_assert_str_eq(vocabulary_symbol(target, 3), "x");
    dataset_close(opened);
}
END_TEST

START_TEST(the_text_of_valid_is_kept_as_written)
{
    dataset *opened = prepare_and_open();
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
    ck_assert_int_eq(dataset_load(opened, SPLIT_VALID, 0, 1, ids, ids + 2), STATUS_OK);
    ck_assert_mem_eq(ids, ((int32_t[]){4, TOKEN_UNK, 3, TOKEN_UNK}), sizeof(ids));
    dataset_close(opened);
}
END_TEST

START_TEST(many_pairs_are_copied_in_order)
{
    enum { PAIRS = 30000 };
    FILE *file = fopen(train, "w");
    int32_t *lengths = memory_create(PAIRS, sizeof(*lengths));

    for (int i = 0; i < PAIRS; i++)
        fprintf(file, "%.*s\t%d\n", i % 4 + 1, "abcd", i % 10);
    fclose(file);
    save(valid, "a\t7\n");
    dataset *opened = prepare_and_open();

    ck_assert_int_eq(dataset_pairs(opened, SPLIT_TRAIN), PAIRS);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_TRAIN, 0, PAIRS, lengths, NULL), STATUS_OK);
    for (int i = 0; i < PAIRS; i++)
        ck_assert_int_eq(lengths[i], i % 4 + 1);
    ck_assert_int_eq(dataset_load(opened, SPLIT_TRAIN, 25000, 10, NULL, lengths), STATUS_OK);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(lengths[i], TOKEN_SPECIALS + i);
    memory_destroy(lengths);
    dataset_close(opened);
}
END_TEST

START_TEST(the_same_input_gives_the_same_bytes)
{
    char *first, *second;
    size_t size, again;

    prepare();
    ck_assert_int_eq(file_load(made, &first, &size), STATUS_OK);
    settings.data.dataset = other;
    prepare();
    ck_assert_int_eq(file_load(other, &second, &again), STATUS_OK);
    ck_assert_uint_eq(size, again);
    ck_assert_mem_eq(first, second, size);
    memory_destroy(first);
    memory_destroy(second);
}
END_TEST

START_TEST(fresh_until_settings_or_content_change)
{
    check_fresh(false);
    prepare();
    check_fresh(true);
    settings.data.source.continuation = "@@"; /* nothing here depends on it */
    check_fresh(true);
    settings.data.max_length = 5;
    check_fresh(false);
    settings.data.max_length = 4;
    settings.data.target.minimum_count = 2;
    check_fresh(false);
    settings.data.target.minimum_count = 0;
    settings.data.valid.pairs = NULL;
    check_fresh(false);
    settings.data.valid.pairs = valid;
    check_fresh(true);
    save(valid, "az\tx  r\nabcdef\tx\na\ty y\n");
    check_fresh(false);
}
END_TEST

START_TEST(a_moved_input_is_the_same)
{
    prepare();
    ck_assert_int_eq(rename(train, extra), 0);
    settings.data.train.pairs = extra;
    check_fresh(true);
}
END_TEST

START_TEST(one_vocabulary_may_serve_both_sides)
{
    settings.data.source.vocabulary = SYMBOL_WORDS;
    settings.data.vocabulary = VOCABULARIES_JOINT;
    settings.data.max_length = 9;
    dataset *opened = prepare_and_open();

    ck_assert(dataset_is_joint(opened));
    ck_assert_ptr_eq(dataset_source_vocabulary(opened), dataset_target_vocabulary(opened));
    ck_assert_str_eq(vocabulary_symbol(dataset_source_vocabulary(opened), 3), "x");
    ck_assert_int_eq(vocabulary_size(dataset_source_vocabulary(opened)), 10);
    dataset_close(opened);
}
END_TEST

static void use_sentencepiece(int size)
{
    FILE *file = fopen(train, "w");

    for (int i = 0; i < 200; i++)
        fprintf(file, "the quick brown fox %d\tjumps over %d lazy dogs\n", i * i, i);
    fclose(file);
    save(valid, "the fox\tthe dogs\n");
    settings.data.source.vocabulary = SYMBOL_SENTENCEPIECE;
    settings.data.source.size = size;
    settings.data.vocabulary = VOCABULARIES_JOINT;
    settings.data.max_length = 64;
}

START_TEST(sentencepiece_goes_through_the_file)
{
    use_sentencepiece(60);
    dataset *opened = prepare_and_open();
    const vocabulary *pieces = dataset_target_vocabulary(opened);
    int32_t ids[64], length;
    buffer text = {0};

    ck_assert_int_eq(vocabulary_size(pieces), 60);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_VALID, 0, 1, NULL, &length), STATUS_OK);
    ck_assert_int_eq(dataset_load(opened, SPLIT_VALID, 0, 1, NULL, ids), STATUS_OK);
    ck_assert_int_eq(vocabulary_decode(pieces, ids, (size_t)length, "", &text), STATUS_OK);
    ck_assert_str_eq(text.data, "the dogs");
    buffer_free(&text);
    dataset_close(opened);
}
END_TEST

START_TEST(an_impossible_size_names_its_key)
{
    use_sentencepiece(9000);
    check_message(dataset_prepare(&settings), STATUS_CONFIG, "data.source.size: ");
    check_message(dataset_prepare(&settings), STATUS_CONFIG, "largest possible is ");
    ck_assert(!file_exists(made));
}
END_TEST

START_TEST(bad_inputs_are_named)
{
    save(train, "no tab\n");
    check_message(dataset_prepare(&settings), STATUS_INPUT, "train.tsv:1: no tab");
    save(train, "");
    check_message(dataset_prepare(&settings), STATUS_INPUT, "train.tsv: empty");
    save(train, "abcdef\tx\n\tx\n");
    check_message(dataset_prepare(&settings), STATUS_INPUT, "none of 2 pairs is left");
    save(train, "a\tb\n");
    save(valid, "\n");
    check_message(dataset_prepare(&settings), STATUS_INPUT, "data.valid: ");
    unlink(valid);
    bool fresh;
    check_message(dataset_prepare(&settings), STATUS_INPUT, "data.valid.pairs: ");
    check_message(dataset_is_fresh(&settings, &fresh), STATUS_INPUT, "no such file");
    ck_assert(!file_exists(made));
}
END_TEST

START_TEST(a_line_of_a_million_is_dropped)
{
    FILE *file = fopen(train, "w");

    for (int i = 0; i < 1000000; i++)
        fputc('a' + i % 3, file);
    fputs("\tx\nab\ty\n", file);
    fclose(file);
    dataset *opened = prepare_and_open();

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
        result = dataset_prepare(&settings);
        memory_fail_after(0);
        /* HDF5 reports its own failure where it called us back */
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM || result == STATUS_IO);
    }
    ck_assert_msg(result == STATUS_OK, "%zu: %s", n, error_message());
    ck_assert_uint_gt(n, 20);
    check_fresh(true);
}
END_TEST

START_TEST(every_failing_allocation_while_opening_is_a_status)
{
    status result = STATUS_NOMEM;
    dataset *opened = NULL;
    size_t n;

    prepare();
    for (n = 1; result == STATUS_NOMEM; n++) {
        memory_fail_after(n);
        result = dataset_open(&opened, made, true);
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

    prepare();
    ck_assert_int_eq(file_load(made, &bytes, &size), STATUS_OK);
    ck_assert_int_eq(file_save(made, bytes, size - 7), STATUS_OK);
    check_message(dataset_open(&opened, made, true), STATUS_FORMAT, "lockstep prepare");
    check_fresh(false);
    bytes[size / 2] ^= 1;
    ck_assert_int_eq(file_save(made, bytes, size), STATUS_OK);
    check_message(dataset_open(&opened, made, true), STATUS_FORMAT, "lockstep prepare");
    ck_assert_ptr_null(opened);
    check_fresh(false);
    prepare();
    check_fresh(true);
    memory_destroy(bytes);
}
END_TEST

START_TEST(a_file_of_another_kind_is_not_replaced)
{
    store_writer *writer;
    dataset *opened;
    bool fresh;

    save(made, "a letter that nobody wants to lose");
    check_message(dataset_prepare(&settings), STATUS_FORMAT, "will not be replaced");
    check_message(dataset_is_fresh(&settings, &fresh), STATUS_FORMAT, "remove it");
    ck_assert_int_eq(store_create(&writer, made, "checkpoint", 1), STATUS_OK);
    ck_assert_int_eq(store_save(writer), STATUS_OK);
    check_message(dataset_prepare(&settings), STATUS_FORMAT, "will not be replaced");
    check_message(dataset_open(&opened, made, true), STATUS_FORMAT, "checkpoint");
    unlink(made);
    check_message(dataset_open(&opened, made, true), STATUS_INPUT, "lockstep prepare");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *group = tcase_create("dataset");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, short_pairs_are_kept_with_their_numbers);
    tcase_add_test(group, vocabularies_come_from_the_training_text);
    tcase_add_test(group, the_text_of_valid_is_kept_as_written);
    tcase_add_test(group, many_pairs_are_copied_in_order);
    tcase_add_test(group, the_same_input_gives_the_same_bytes);
    tcase_add_test(group, fresh_until_settings_or_content_change);
    tcase_add_test(group, a_moved_input_is_the_same);
    tcase_add_test(group, one_vocabulary_may_serve_both_sides);
    tcase_add_test(group, sentencepiece_goes_through_the_file);
    tcase_add_test(group, an_impossible_size_names_its_key);
    tcase_add_test(group, bad_inputs_are_named);
    tcase_add_test(group, a_line_of_a_million_is_dropped);
    tcase_add_test(group, every_failing_allocation_is_a_status);
    tcase_add_test(group, every_failing_allocation_while_opening_is_a_status);
    tcase_add_test(group, a_damaged_dataset_is_refused_and_made_again);
    tcase_add_test(group, a_file_of_another_kind_is_not_replaced);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
