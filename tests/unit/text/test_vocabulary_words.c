/* test_vocabulary_words.c - a line's numbers, and where its words begin. */
#include <stdio.h>
#include <string.h>

#include "lockstep/text/vocabulary.h"
#include "unit_check.h"

enum { ROOM = 32 };

static int32_t ids[ROOM], marks[ROOM];
static size_t count;

static vocabulary *build(vocabulary_kind kind, const char *const *lines, int size)
{
    const vocabulary_settings settings = {.kind = kind, .size = size, .minimum_count = 1};
    vocabulary_builder *builder;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_OK);
    for (int i = 0; lines[i] != NULL; i++)
        ck_assert_int_eq(vocabulary_builder_add(builder, lines[i], strlen(lines[i])),
                         STATUS_OK);
    ck_assert_msg(vocabulary_build(&made, builder) == STATUS_OK, "%s", error_message());
    vocabulary_builder_destroy(builder);
    return made;
}

static void encode(const vocabulary *by, const char *line, const char *mark, size_t room)
{
    for (int i = 0; i < ROOM; i++)
        ids[i] = marks[i] = 99;
    ck_assert_int_eq(
        vocabulary_encode_words(by, line, strlen(line), mark, ids, marks, room, &count),
        STATUS_OK);
}

static void expect_marks(const char *wanted)
{
    ck_assert_uint_eq(count, strlen(wanted));
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(marks[i], wanted[i] == '-' ? -1 : 0);
}

START_TEST(every_word_is_marked)
{
    vocabulary *words = build(VOCABULARY_WORDS, (const char *[]){"b a b", NULL}, 0);

    encode(words, " a  b q ", "", ROOM);
    expect_marks("000");
    ck_assert_mem_eq(ids, ((int32_t[]){4, 3, TOKEN_UNK}), 3 * sizeof(*ids));
    encode(words, "", "", ROOM);
    expect_marks("");
    vocabulary_destroy(words);
}
END_TEST

START_TEST(a_word_goes_on_behind_its_mark)
{
    vocabulary *words = build(VOCABULARY_WORDS, (const char *[]){"x@@ y z", NULL}, 0);

    encode(words, "x@@ y@@ z y x@@", "@@", ROOM);
    expect_marks("0--00");
    encode(words, "x@@ y", "", ROOM);
    expect_marks("00");
    vocabulary_destroy(words);
}
END_TEST

START_TEST(spaces_belong_to_no_word)
{
    vocabulary *characters = build(VOCABULARY_CHARACTERS, (const char *[]){"ab c", NULL}, 0);

    encode(characters,
           " ab\xc2\xa0"
           "c ",
           "", ROOM);
    expect_marks("-0--0-");
    ck_assert_int_eq(ids[3], TOKEN_UNK); /* another space */
    vocabulary_destroy(characters);
}
END_TEST

/* It is one symbol, and carries the word that it begins. */
START_TEST(a_symbol_of_ones_own_may_begin_a_word)
{
    const vocabulary_settings settings = {
        .kind = VOCABULARY_CHARACTERS, .minimum_count = 1, .symbols = "<s>"};
    vocabulary_builder *builder;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_OK);
    ck_assert_int_eq(vocabulary_builder_add(builder, "ab <s>", 6), STATUS_OK);
    ck_assert_int_eq(vocabulary_build(&made, builder), STATUS_OK);
    vocabulary_builder_destroy(builder);
    encode(made, "a<s> <s>b", "", ROOM);
    expect_marks("0--0-");
    ck_assert_int_eq(ids[1], 3);
    ck_assert_int_eq(ids[3], 3);
    vocabulary_destroy(made);
    ck_assert_int_eq(vocabulary_builder_create(
                         &builder, &(vocabulary_settings){.kind = VOCABULARY_CHARACTERS,
                                                          .symbols = "<s> a\xc2\xa0"
                                                                     "b"}),
                     STATUS_CONFIG);
}
END_TEST

START_TEST(numbers_beyond_the_room_are_counted)
{
    vocabulary *characters = build(VOCABULARY_CHARACTERS, (const char *[]){"ab c", NULL}, 0);

    encode(characters, "ab c", "", 2);
    ck_assert_uint_eq(count, 4);
    ck_assert_mem_eq(marks, ((int32_t[]){0, -1, 99}), 3 * sizeof(*marks));
    ck_assert_int_eq(ids[2], 99);
    vocabulary_destroy(characters);
}
END_TEST

/* Each word as if it stood alone, and no word without a number. */
START_TEST(pieces_come_word_by_word)
{
    char line[64];
    const char *lines[201] = {NULL};
    static char text[200][64];
    size_t alone, at = 0;
    int32_t word[ROOM];

    for (int i = 0; i < 200; i++) {
        snprintf(text[i], sizeof(text[i]), "the quick brown fox %d jumps", i * i);
        lines[i] = text[i];
    }
    vocabulary *pieces = build(VOCABULARY_SENTENCEPIECE, lines, 60);

    snprintf(line, sizeof(line), "quick \xe2\x80\x8b quack fox"); /* a space of no width */
    encode(pieces, line, "", ROOM);
    for (const char *part = strtok(line, " "); part != NULL; part = strtok(NULL, " ")) {
        ck_assert_int_eq(vocabulary_encode(pieces, part, strlen(part), word, ROOM, &alone),
                         STATUS_OK);
        if (alone == 0) {
            ck_assert_int_eq(ids[at], TOKEN_UNK);
            alone = 1;
        } else {
            ck_assert_mem_eq(ids + at, word, alone * sizeof(*word));
        }
        for (size_t i = 0; i < alone; i++)
            ck_assert_int_eq(marks[at + i], i == 0 ? 0 : -1);
        at += alone;
    }
    ck_assert_uint_eq(at, count);
    encode(pieces, "quick quack fox", "", 3);
    ck_assert_uint_gt(count, 3);
    ck_assert_int_eq(ids[3], 99);
    ck_assert_int_eq(marks[3], 99);
    vocabulary_destroy(pieces);
}
END_TEST

START_TEST(a_line_may_be_one_symbol)
{
    vocabulary *lines =
        build(VOCABULARY_LINES, (const char *[]){"very bad", " good\t", "good", "", NULL}, 0);
    buffer text = {0};

    ck_assert_int_eq(vocabulary_size(lines), 5);
    ck_assert_str_eq(vocabulary_symbol(lines, 3), "good");
    ck_assert_str_eq(vocabulary_symbol(lines, 4), "very bad");
    ck_assert_int_eq(vocabulary_encode(lines, " very bad ", 10, ids, 1, &count), STATUS_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], 4);
    ck_assert_int_eq(vocabulary_encode(lines, "very  bad", 9, ids, 1, &count), STATUS_OK);
    ck_assert_int_eq(ids[0], TOKEN_UNK);
    ck_assert_int_eq(vocabulary_encode(lines, " ", 1, ids, 1, &count), STATUS_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(vocabulary_count_specials(lines, "<end>", 5), 1);
    ck_assert_uint_eq(vocabulary_count_specials(lines, "<end> x", 7), 0);
    ck_assert_int_eq(vocabulary_decode(lines, (int32_t[]){4}, 1, "", &text), STATUS_OK);
    ck_assert_str_eq(text.data, "very bad");
    buffer_free(&text);
    vocabulary_destroy(lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vocabulary_words");
    TCase *group = tcase_create("vocabulary_words");

    tcase_add_test(group, every_word_is_marked);
    tcase_add_test(group, a_word_goes_on_behind_its_mark);
    tcase_add_test(group, spaces_belong_to_no_word);
    tcase_add_test(group, a_symbol_of_ones_own_may_begin_a_word);
    tcase_add_test(group, numbers_beyond_the_room_are_counted);
    tcase_add_test(group, pieces_come_word_by_word);
    tcase_add_test(group, a_line_may_be_one_symbol);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
