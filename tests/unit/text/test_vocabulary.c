/* test_vocabulary.c - characters and words; sentencepiece has its own test. */
#include "lockstep/text/vocabulary.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

static vocabulary *build(const vocabulary_settings *settings, const char *const *lines)
{
    vocabulary_builder *builder;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&builder, settings), STATUS_OK);
    for (; *lines != NULL; lines++)
        ck_assert_int_eq(vocabulary_builder_add(builder, *lines, strlen(*lines)), STATUS_OK);
    ck_assert_int_eq(vocabulary_build(&made, builder), STATUS_OK);
    vocabulary_builder_destroy(builder);
    return made;
}

static void check_symbols(const vocabulary *made, const char *const *expected, int count)
{
    ck_assert_int_eq(vocabulary_size(made), count);
    for (int i = 0; i < count; i++)
        ck_assert_str_eq(vocabulary_symbol(made, i), expected[i]);
}

static void check_decode(const vocabulary *made, const int32_t *ids, size_t count,
                         const char *mark, const char *expected)
{
    buffer out = {0};

    ck_assert_int_eq(vocabulary_decode(made, ids, count, mark, &out), STATUS_OK);
    ck_assert_str_eq(out.data == NULL ? "" : out.data, expected);
    buffer_free(&out);
}

START_TEST(characters_by_count_then_code_point)
{
    static const char *const lines[] = {"ba a",
                                        "\xc3\xb1"
                                        "b~",
                                        NULL};
    static const char *const expected[] = {"<unk>", "<begin>", "<end>", "a",
                                           "b",     " ",       "~",     "\xc3\xb1"};
    vocabulary_settings settings = {.kind = VOCABULARY_CHARACTERS};
    vocabulary *made = build(&settings, lines);
    int32_t ids[8];
    size_t count;

    check_symbols(made, expected, 8);
    ck_assert_int_eq(vocabulary_kind_of(made), VOCABULARY_CHARACTERS);
    ck_assert_int_eq(vocabulary_encode(made, "\xc3\xb1 za", 5, ids, 8, &count), STATUS_OK);
    ck_assert_uint_eq(count, 4);
    ck_assert_int_eq(ids[0], 7);
    ck_assert_int_eq(ids[1], 5);
    ck_assert_int_eq(ids[2], TOKEN_UNK);
    ck_assert_int_eq(ids[3], 3);
    check_decode(made, (int32_t[]){1, 7, 5, 3, 2}, 5, "", "\xc3\xb1 a");
    vocabulary_destroy(made);
}
END_TEST

START_TEST(words_are_limited_by_size_and_count)
{
    static const char *const lines[] = {"the cat the dog", " the\tcat  eel ", NULL};
    static const char *const all[] = {"<unk>", "<begin>", "<end>", "the", "cat", "dog", "eel"};
    vocabulary_settings settings = {.kind = VOCABULARY_WORDS};
    vocabulary *made = build(&settings, lines);

    check_symbols(made, all, 7);
    vocabulary_destroy(made);
    settings.size = 6;
    made = build(&settings, lines);
    check_symbols(made, all, 6);
    vocabulary_destroy(made);
    settings.size = 0;
    settings.minimum_count = 2;
    made = build(&settings, lines);
    check_symbols(made, all, 5);
    vocabulary_destroy(made);
}
END_TEST

START_TEST(words_are_encoded_and_joined)
{
    static const char *const lines[] = {"anst@@ arr@@ t <end>", NULL};
    vocabulary_settings settings = {.kind = VOCABULARY_WORDS};
    vocabulary *made = build(&settings, lines);
    const char *line = "arr@@ t <end> new anst@@ t";
    int32_t ids[8];
    size_t count;

    ck_assert_int_eq(vocabulary_size(made), 6);
    ck_assert_int_eq(vocabulary_encode(made, line, strlen(line), ids, 8, &count), STATUS_OK);
    ck_assert_uint_eq(count, 6);
    ck_assert_int_eq(ids[2], TOKEN_UNK); /* a special's spelling is no special */
    ck_assert_int_eq(ids[3], TOKEN_UNK);
    ck_assert_uint_eq(vocabulary_count_specials(made, line, strlen(line)), 1);
    ck_assert_uint_eq(vocabulary_count_specials(made, "<unk> x<end> <begin>", 20), 2);
    check_decode(made, ids, 6, "@@", "arrt <unk> <unk> anstt");
    check_decode(made, ids, 2, "", "arr@@ t");
    check_decode(made, ids, 0, "@@", "");
    vocabulary_destroy(made);
}
END_TEST

START_TEST(a_long_line_is_counted_beyond_the_room)
{
    static const char *const lines[] = {"abc", NULL};
    vocabulary_settings settings = {.kind = VOCABULARY_CHARACTERS};
    vocabulary *made = build(&settings, lines);
    int32_t ids[3] = {-1, -1, -1};
    size_t count;

    ck_assert_int_eq(vocabulary_encode(made, "abcabc", 6, ids, 2, &count), STATUS_OK);
    ck_assert_uint_eq(count, 6);
    ck_assert_int_eq(ids[1], 4);
    ck_assert_int_eq(ids[2], -1);
    ck_assert_int_eq(vocabulary_encode(made, "ab", 2, NULL, 0, &count), STATUS_OK);
    ck_assert_uint_eq(count, 2);
    vocabulary_destroy(made);
}
END_TEST

START_TEST(a_monstrous_word_is_no_symbol)
{
    char word[2001] = "";
    const char *lines[] = {word, "cat", NULL};
    vocabulary_settings settings = {.kind = VOCABULARY_WORDS};

    memset(word, 'x', sizeof(word) - 1);
    vocabulary *made = build(&settings, lines);

    ck_assert_int_eq(vocabulary_size(made), 4);
    vocabulary_destroy(made);
}
END_TEST

START_TEST(a_saved_list_is_loaded)
{
    static const char *const list[] = {"<unk>", "<begin>", "<end>", "b", "a"};
    vocabulary *made;
    int32_t id;
    size_t count;

    ck_assert_int_eq(vocabulary_load(&made, VOCABULARY_WORDS, list, 5, NULL, 0, false),
                     STATUS_OK);
    ck_assert_int_eq(vocabulary_encode(made, "a", 1, &id, 1, &count), STATUS_OK);
    ck_assert_int_eq(id, 4);
    ck_assert_ptr_null(vocabulary_model(made, &count));
    ck_assert_uint_eq(count, 0);
    vocabulary_destroy(made);
}
END_TEST

/* Where <mask> is a special, text that spells it is unknown; elsewhere it is a word. */
START_TEST(a_mask_is_the_fourth_special)
{
    static const char *const lines[] = {"the <mask> cat the", NULL};
    static const char *const with[] = {"<unk>", "<begin>", "<end>", "<mask>", "the", "cat"};
    static const char *const without[] = {"<unk>", "<begin>", "<end>", "the", "<mask>", "cat"};
    vocabulary_settings settings = {.kind = VOCABULARY_WORDS};
    vocabulary *plain = build(&settings, lines), *made;
    int32_t ids[2];
    size_t count;

    ck_assert(!vocabulary_has_mask(plain));
    check_symbols(plain, without, 6);
    settings.mask = true;
    made = build(&settings, lines);
    ck_assert(vocabulary_has_mask(made));
    check_symbols(made, with, 6);
    ck_assert_int_eq(vocabulary_encode(made, "<mask> cat", 10, ids, 2, &count), STATUS_OK);
    ck_assert_int_eq(ids[0], TOKEN_UNK);
    ck_assert_int_eq(ids[1], 5);
    ck_assert_uint_eq(vocabulary_count_specials(made, "<mask> cat", 10), 1);
    ck_assert_uint_eq(vocabulary_count_specials(plain, "<mask> cat", 10), 0);
    check_decode(made, (int32_t[]){TOKEN_MASK, 4, TOKEN_MASK, 5}, 4, "", "the cat");
    check_decode(plain, (int32_t[]){4, 3}, 2, "", "<mask> the");
    vocabulary_destroy(plain);
    vocabulary_destroy(made);
    ck_assert_int_eq(vocabulary_load(&made, VOCABULARY_WORDS, without, 6, NULL, 0, true),
                     STATUS_FORMAT);
}
END_TEST

static void check_encode(const vocabulary *made, const char *line, const int32_t *expected,
                         size_t count)
{
    int32_t ids[16];
    size_t got;

    ck_assert_int_eq(vocabulary_encode(made, line, strlen(line), ids, 16, &got), STATUS_OK);
    ck_assert_uint_eq(got, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(ids[i], expected[i]);
}

/* Kept whole, the longest first, however seldom they are seen. */
START_TEST(symbols_of_a_user_are_kept_whole)
{
    static const char *const lines[] = {"a<s>b", "bb", NULL};
    static const char *const characters[] = {"<unk>", "<begin>", "<end>", "<s>",
                                             "x",     "<s>>",    "b",     "a"};
    vocabulary_settings settings = {.kind = VOCABULARY_CHARACTERS, .symbols = "<s> x <s>>"};
    vocabulary *made = build(&settings, lines), *loaded;

    check_symbols(made, characters, 8);
    vocabulary_destroy(made);
    settings.minimum_count = 3;
    made = build(&settings, lines);
    check_symbols(made, characters, 7);
    vocabulary_destroy(made);
    ck_assert_int_eq(
        vocabulary_load(&loaded, VOCABULARY_CHARACTERS, characters, 8, NULL, 0, false),
        STATUS_OK);
    check_encode(loaded, "a<s>b<s>><sx", (int32_t[]){7, 3, 6, 5, 0, 0, 4}, 7);
    check_decode(loaded, (int32_t[]){7, 3, 6}, 3, "", "a<s>b");
    vocabulary_destroy(loaded);
}
END_TEST

START_TEST(words_of_a_user_are_symbols)
{
    static const char *const lines[] = {"q <s> p p", NULL};
    static const char *const words[] = {"<unk>", "<begin>", "<end>", "<s>", "never", "p"};
    vocabulary_settings settings = {
        .kind = VOCABULARY_WORDS, .symbols = "<s> never", .size = 6};
    vocabulary *made = build(&settings, lines);
    vocabulary_builder *builder;

    check_symbols(made, words, 6);
    check_encode(made, "p <s> never p<s>", (int32_t[]){5, 3, 4, TOKEN_UNK}, 4);
    vocabulary_destroy(made);
    settings.size = 4;
    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "no room for 5"));
}
END_TEST

/* By two, each of half of the lines, as by one of all. */
START_TEST(counts_are_merged)
{
    static const char *const lines[] = {"b a own", "c a", "b c c", "d b a"};
    static const char *const expected[] = {"<unk>", "<begin>", "<end>", "own", "a", "b", "c"};
    const vocabulary_settings settings = {
        .kind = VOCABULARY_WORDS, .minimum_count = 2, .symbols = "own"};
    vocabulary_builder *all;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&all, &settings), STATUS_OK);
    for (int half = 0; half < 2; half++) {
        vocabulary_builder *part;
        buffer saved = {0};

        ck_assert_int_eq(vocabulary_builder_create(&part, &settings), STATUS_OK);
        ck_assert(!vocabulary_builder_keeps_lines(part));
        for (int i = half; i < 4; i += 2)
            ck_assert_int_eq(vocabulary_builder_add(part, lines[i], strlen(lines[i])),
                             STATUS_OK);
        ck_assert_int_eq(vocabulary_builder_save(part, &saved), STATUS_OK);
        ck_assert_int_eq(vocabulary_builder_merge(all, saved.data, saved.size), STATUS_OK);
        buffer_free(&saved);
        vocabulary_builder_destroy(part);
    }
    ck_assert_int_eq(vocabulary_build(&made, all), STATUS_OK);
    check_symbols(made, expected, 7);
    vocabulary_destroy(made);
    vocabulary_builder_destroy(all);
}
END_TEST

START_TEST(a_damaged_list_is_refused)
{
    static const char *const twice[] = {"<unk>", "<begin>", "<end>", "b", "b"};
    static const char *const other[] = {"<unk>", "<end>", "<begin>", "b"};
    vocabulary *made;

    ck_assert_int_eq(vocabulary_load(&made, VOCABULARY_WORDS, twice, 5, NULL, 0, false),
                     STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "\"b\""));
    ck_assert_int_eq(vocabulary_load(&made, VOCABULARY_WORDS, other, 4, NULL, 0, false),
                     STATUS_FORMAT);
    ck_assert_int_eq(vocabulary_load(&made, VOCABULARY_WORDS, twice, 2, NULL, 0, false),
                     STATUS_FORMAT);
    ck_assert_ptr_null(made);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vocabulary");
    TCase *group = tcase_create("vocabulary");

    tcase_add_test(group, characters_by_count_then_code_point);
    tcase_add_test(group, words_are_limited_by_size_and_count);
    tcase_add_test(group, words_are_encoded_and_joined);
    tcase_add_test(group, a_long_line_is_counted_beyond_the_room);
    tcase_add_test(group, a_monstrous_word_is_no_symbol);
    tcase_add_test(group, symbols_of_a_user_are_kept_whole);
    tcase_add_test(group, words_of_a_user_are_symbols);
    tcase_add_test(group, a_saved_list_is_loaded);
    tcase_add_test(group, a_mask_is_the_fourth_special);
    tcase_add_test(group, counts_are_merged);
    tcase_add_test(group, a_damaged_list_is_refused);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
