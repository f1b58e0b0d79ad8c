/* test_sides.c - what the two sides of a dataset are made of. */
#include "lockstep/data/sides.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "made_dataset.h"
#include "unit_check.h"

START_TEST(vocabularies_come_from_the_training_text)
{
    dataset *opened = made_dataset_prepared();
    const sides *both = dataset_sides(opened);
    const vocabulary *source = sides_vocabulary(both, SIDE_SOURCE);
    const vocabulary *target = sides_vocabulary(both, SIDE_TARGET);

    ck_assert(!sides_are_joint(both));
    ck_assert_int_eq(vocabulary_kind_of(source), VOCABULARY_CHARACTERS);
    ck_assert_int_eq(sides_symbols(both, SIDE_SOURCE), 9);
    ck_assert_str_eq(vocabulary_symbol(source, 3), "b");
    ck_assert_int_eq(sides_symbols(both, SIDE_TARGET), 5);
    ck_assert_str_eq(vocabulary_symbol(target, 3), "x");
    dataset_close(opened);
}
END_TEST

START_TEST(one_vocabulary_may_serve_both_sides)
{
    made.settings.data.source.vocabulary = SYMBOL_WORDS;
    made.settings.data.vocabulary = VOCABULARIES_JOINT;
    made.settings.data.max_length = 9;
    dataset *opened = made_dataset_prepared();

    const sides *both = dataset_sides(opened);
    const vocabulary *source = sides_vocabulary(both, SIDE_SOURCE);

    ck_assert(sides_are_joint(both));
    ck_assert_ptr_eq(source, sides_vocabulary(both, SIDE_TARGET));
    ck_assert_str_eq(vocabulary_symbol(source, 3), "x");
    ck_assert_int_eq(sides_symbols(both, SIDE_SOURCE), 10);
    ck_assert_int_eq(sides_symbols(both, SIDE_TARGET), 10);
    dataset_close(opened);
}
END_TEST

static void use_sentencepiece(int size)
{
    FILE *file = fopen(made.train, "w");

    for (int i = 0; i < 200; i++)
        fprintf(file, "the quick brown fox %d\tjumps over %d lazy dogs\n", i * i, i);
    fclose(file);
    made_dataset_save(made.valid, "the fox\tthe dogs\n");
    made.settings.data.source.vocabulary = SYMBOL_SENTENCEPIECE;
    made.settings.data.source.size = size;
    made.settings.data.vocabulary = VOCABULARIES_JOINT;
    made.settings.data.max_length = 64;
}

START_TEST(sentencepiece_goes_through_the_file)
{
    use_sentencepiece(60);
    dataset *opened = made_dataset_prepared();
    const vocabulary *pieces = sides_vocabulary(dataset_sides(opened), SIDE_TARGET);
    int32_t ids[64], length;
    buffer text = {0};

    ck_assert_int_eq(vocabulary_size(pieces), 60);
    ck_assert_int_eq(dataset_lengths(opened, SPLIT_VALID, SIDE_TARGET, 0, 1, &length),
                     STATUS_OK);
    ck_assert_int_eq(dataset_load(opened, SPLIT_VALID, SIDE_TARGET, 0, 1, ids), STATUS_OK);
    ck_assert_int_eq(vocabulary_decode(pieces, ids, (size_t)length, "", &text), STATUS_OK);
    ck_assert_str_eq(text.data, "the dogs");
    buffer_free(&text);
    dataset_close(opened);
}
END_TEST

START_TEST(an_impossible_size_names_its_key)
{
    use_sentencepiece(9000);
    made_dataset_message(dataset_prepare(&made.settings), STATUS_CONFIG, "data.source.size: ");
    made_dataset_message(dataset_prepare(&made.settings), STATUS_CONFIG,
                         "largest possible is ");
    ck_assert(!file_exists(made.path));
}
END_TEST

static void encode(const sides *s, dataset_side side, const char *text, pair_set *to,
                   size_t *length)
{
    const corpus_line line = {text, strlen(text)};

    ck_assert_int_eq(sides_encode(s, side, &line, "", 4, to, length), STATUS_OK);
}

START_TEST(a_line_is_encoded_into_a_set)
{
    dataset *opened = made_dataset_prepared();
    const sides *both = dataset_sides(opened);
    pair_set set = {0};
    size_t length;

    encode(both, SIDE_SOURCE, "abc", &set, &length);
    ck_assert_uint_eq(length, 3);
    encode(both, SIDE_TARGET, " y  nothing ", &set, &length);
    ck_assert_uint_eq(length, 2);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    encode(both, SIDE_SOURCE, "", &set, &length);
    ck_assert_uint_eq(length, 0);
    encode(both, SIDE_TARGET, "x x x x x", &set, &length); /* too long: nothing is put */
    ck_assert_uint_eq(length, 5);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);

    const int32_t *x = pair_set_get(&set, SIDE_SOURCE, 0, &length);
    ck_assert_uint_eq(length, 3);
    ck_assert_mem_eq(x, ((int32_t[]){4, 3, 5}), 12);
    const int32_t *y = pair_set_get(&set, SIDE_TARGET, 0, &length);
    ck_assert_uint_eq(length, 2);
    ck_assert_mem_eq(y, ((int32_t[]){4, TOKEN_UNK}), 8);
    for (int side = 0; side < SIDES; side++) {
        pair_set_get(&set, (dataset_side)side, 1, &length);
        ck_assert_uint_eq(length, 0);
    }
    pair_set_free(&set);
    dataset_close(opened);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sides");
    TCase *group = tcase_create("sides");

    tcase_add_checked_fixture(group, made_dataset_open, made_dataset_close);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, vocabularies_come_from_the_training_text);
    tcase_add_test(group, one_vocabulary_may_serve_both_sides);
    tcase_add_test(group, sentencepiece_goes_through_the_file);
    tcase_add_test(group, an_impossible_size_names_its_key);
    tcase_add_test(group, a_line_is_encoded_into_a_set);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
