/* test_sides_tags.c - targets that are labels or tags: encoded, written and read. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/data/loader.h"
#include "made_dataset.h"
#include "unit_check.h"

static void use_tags(const char *train)
{
    made_dataset_save(made.train, train);
    made_dataset_save(made.valid, "he is Rome\tO O B-LOC\n");
    made.settings.model.task = TASK_TAG;
    made.settings.data.source.vocabulary = SYMBOL_WORDS;
    made.settings.data.max_length = 10;
}

static void use_labels(const char *train)
{
    use_tags(train);
    made_dataset_save(made.valid, "what ?\tvery good\nwho ?\tunseen\n");
    made.settings.model.task = TASK_LABEL;
}

static void expect_ids(dataset *from, dataset_split split, dataset_side side, int64_t pair,
                       const int32_t *wanted, int count)
{
    int32_t length, ids[10];

    ck_assert_int_eq(dataset_lengths(from, split, side, pair, 1, &length), STATUS_OK);
    ck_assert_int_eq(length, count);
    ck_assert_int_eq(dataset_load(from, split, side, pair, 1, ids), STATUS_OK);
    ck_assert_mem_eq(ids, wanted, (size_t)count * sizeof(*ids));
}

START_TEST(labels_are_whole_lines)
{
    use_labels("what is it\tvery good\nwho\tbad\nwhy\tvery good \n");
    dataset *opened = made_dataset_prepared();
    const sides *both = dataset_sides(opened);

    ck_assert_int_eq(both->task, TASK_LABEL);
    ck_assert_int_eq(sides_symbols(both, SIDE_TARGET), 5);
    ck_assert_str_eq(vocabulary_symbol(sides_vocabulary(both, SIDE_TARGET), 3), "very good");
    expect_ids(opened, SPLIT_TRAIN, SIDE_TARGET, 1, (int32_t[]){4}, 1);
    expect_ids(opened, SPLIT_TRAIN, SIDE_TARGET, 2, (int32_t[]){3}, 1);
    expect_ids(opened, SPLIT_VALID, SIDE_TARGET, 1, (int32_t[]){TOKEN_UNK}, 1);
    dataset_close(opened);
}
END_TEST

/* What a target of text is told does not change labels. */
START_TEST(labels_have_no_settings)
{
    use_labels("a\tx y\nb\tz\nc\tx y\n");
    made.settings.data.target.size = 4;
    made.settings.data.target.minimum_count = 2;
    made.settings.data.vocabulary = VOCABULARIES_JOINT;
    dataset *opened = made_dataset_prepared();

    ck_assert(!sides_are_joint(dataset_sides(opened)));
    ck_assert_int_eq(sides_symbols(dataset_sides(opened), SIDE_TARGET), 5);
    dataset_close(opened);
}
END_TEST

START_TEST(tags_stand_where_words_begin)
{
    use_tags("Ro@@ me is big\tB-LOC O O\nhe li@@ k@@ es it\tO O O\n");
    made.settings.data.source.continuation = "@@";
    dataset *opened = made_dataset_prepared();
    const sides *both = dataset_sides(opened);

    ck_assert_int_eq(both->task, TASK_TAG);
    ck_assert_str_eq(both->continuation, "@@"); /* from the file */
    ck_assert_str_eq(vocabulary_symbol(sides_vocabulary(both, SIDE_TARGET), 3), "O");
    expect_ids(opened, SPLIT_TRAIN, SIDE_TARGET, 0, (int32_t[]){4, -1, 3, 3}, 4);
    expect_ids(opened, SPLIT_TRAIN, SIDE_TARGET, 1, (int32_t[]){3, 3, -1, -1, 3}, 5);
    expect_ids(opened, SPLIT_VALID, SIDE_TARGET, 0, (int32_t[]){3, 3, 4}, 3);
    dataset_close(opened);
}
END_TEST

START_TEST(a_conll_file_is_the_same_data)
{
    uint64_t content;

    use_tags("Rome is\tB-LOC O\nhe\tO\n");
    dataset *opened = made_dataset_prepared();
    content = dataset_content(opened);
    dataset_close(opened);
    made_dataset_save(made.train, "\nRome\tB-LOC\nis O\n\n\n he  O \n");
    made.settings.data.train.conll = made.settings.data.train.pairs;
    made.settings.data.train.pairs = NULL;
    opened = made_dataset_prepared();
    ck_assert(dataset_content(opened) == content);
    dataset_close(opened);
}
END_TEST

START_TEST(the_mark_is_part_of_the_fingerprint)
{
    bool fresh;

    use_tags("Ro@@ me\tB-LOC O\n");
    made_dataset_prepare();
    ck_assert_int_eq(dataset_is_fresh(&made.settings, false, &fresh), STATUS_OK);
    ck_assert(fresh);
    made.settings.data.source.continuation = "@@";
    ck_assert_int_eq(dataset_is_fresh(&made.settings, false, &fresh), STATUS_OK);
    ck_assert(!fresh);
    made.settings.data.source.continuation = NULL;
    made.settings.model.task = TASK_LABEL;
    ck_assert_int_eq(dataset_is_fresh(&made.settings, false, &fresh), STATUS_OK);
    ck_assert(!fresh);
}
END_TEST

START_TEST(counts_that_differ_are_named)
{
    use_tags("a b\tO O\n\na b c\tO O\n");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT,
                         "train.tsv:3: the number of words, 3, is not that of tags, 2");
    use_tags("a b\t\n"); /* no empty pair, which would be left out */
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT, "words, 2,");
    use_tags("a b\tO O O O O O O O O O O\n"); /* nor a long one */
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT, "tags, 11;");
    ck_assert(!file_exists(made.path));
}
END_TEST

START_TEST(nothing_to_learn_is_refused)
{
    use_labels("a\t<unk>\n");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT,
                         "data.train has no label");
    use_tags("a\t<unk>\n");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_INPUT,
                         "data.train has no tag");
}
END_TEST

/* As predict does, and score for a pair that is too long. */
START_TEST(a_source_alone_has_marks)
{
    use_tags("a b\tO O\n");
    made.settings.data.source.vocabulary = SYMBOL_CHARACTERS;
    dataset *opened = made_dataset_prepared();
    const sides *both = dataset_sides(opened);
    const corpus_line source = {"ab a", 4}, tags = {"O O", 3};
    pair_set set = {0};
    size_t length;

    ck_assert_int_eq(sides_encode(both, SIDE_SOURCE, &source, 4, &set, &length), STATUS_OK);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    const int32_t *marks = pair_set_get(&set, SIDE_TARGET, 0, &length);
    ck_assert_uint_eq(length, 4);
    ck_assert_mem_eq(marks, ((int32_t[]){0, -1, -1, 0}), 16);
    ck_assert_int_eq(sides_encode(both, SIDE_SOURCE, &source, 3, &set, &length), STATUS_OK);
    ck_assert_uint_eq(length, 4);
    ck_assert_int_eq(sides_encode(both, SIDE_TARGET, &tags, 3, &set, &length), STATUS_OK);
    ck_assert_uint_eq(length, 2);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    pair_set_get(&set, SIDE_TARGET, 1, &length);
    ck_assert_uint_eq(length, 0);
    pair_set_free(&set);
    dataset_close(opened);
}
END_TEST

/* Batches count what is scored. */
START_TEST(places_without_a_tag_are_no_tokens)
{
    use_tags("ab c\tO O\nabc\tO\n");
    made.settings.data.source.vocabulary = SYMBOL_CHARACTERS;
    dataset *opened = made_dataset_prepared();
    const loader_settings settings = {.tokens = 100, .grains = 1, .last_grain = 1, .window = 8};
    loader *from;
    batch b;
    bool end;

    ck_assert_int_eq(loader_create(&from, opened, SPLIT_TRAIN, &settings), STATUS_OK);
    ck_assert_int_eq(loader_next(from, &b, &end), STATUS_OK);
    ck_assert_int_eq(b.target.rows, 7);
    ck_assert_mem_eq(b.target.ids, ((int32_t[]){3, -1, -1, 3, 3, -1, -1}), 28);
    ck_assert_int_eq(b.global_source_tokens, 7);
    ck_assert_int_eq(b.global_target_tokens, 3);
    loader_destroy(from);
    dataset_close(opened);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sides_tags");
    TCase *group = tcase_create("sides_tags");

    tcase_add_checked_fixture(group, made_dataset_open, made_dataset_close);
    tcase_add_test(group, labels_are_whole_lines);
    tcase_add_test(group, labels_have_no_settings);
    tcase_add_test(group, tags_stand_where_words_begin);
    tcase_add_test(group, a_conll_file_is_the_same_data);
    tcase_add_test(group, the_mark_is_part_of_the_fingerprint);
    tcase_add_test(group, counts_that_differ_are_named);
    tcase_add_test(group, nothing_to_learn_is_refused);
    tcase_add_test(group, a_source_alone_has_marks);
    tcase_add_test(group, places_without_a_tag_are_no_tokens);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
