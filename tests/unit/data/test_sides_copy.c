/* test_sides_copy.c - the numbers of words that are copied. */
#include <string.h>

#include "made_dataset.h"
#include "unit_check.h"

/* Source: b c a d, target: a x b; c and d are the source's alone. */
static void open_made(void)
{
    made_dataset_open();
    made_dataset_save(made.train, "b c a d\tb a x\nb c a\ta x\nb c\ta\nb\ta\nu\tx\n");
    made_dataset_save(made.valid, "w v w b\tv b c w q\nb\tb\n");
    made.settings.data.source.vocabulary = SYMBOL_WORDS;
    made.settings.data.source.size = 7;
    made.settings.data.target.size = 6;
    made.settings.data.max_length = 5;
    made.settings.model.copy = 1;
}

enum { A = 3, X, B, V, VS = 7 }; /* the target's; those of both */

static void check(const pair_set *set, dataset_side side, int64_t pair, const int32_t *want,
                  size_t count)
{
    size_t got;
    const int32_t *ids = pair_set_get(set, side, pair, &got);

    ck_assert_uint_eq(got, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(ids[i], want[i]);
}

static size_t encode(const sides *s, dataset_side side, const char *text, size_t most,
                     pair_set *to)
{
    const corpus_line line = {text, strlen(text)};
    size_t length;

    ck_assert_int_eq(sides_encode(s, side, &line, "", most, to, &length), STATUS_OK);
    return length;
}

START_TEST(a_dataset_has_them)
{
    dataset *opened = made_dataset_prepared();
    pair_source valid = dataset_source(opened, SPLIT_VALID);
    pair_set set = {0};

    ck_assert(dataset_sides(opened)->copies);
    ck_assert_int_eq(sides_symbols(dataset_sides(opened), SIDE_SOURCE), VS);
    ck_assert_int_eq(sides_symbols(dataset_sides(opened), SIDE_TARGET), V);
    ck_assert_str_eq(vocabulary_symbol(sides_vocabulary(dataset_sides(opened), SIDE_TARGET), B),
                     "b");
    ck_assert_int_eq(pair_set_load(&set, &valid), STATUS_OK);
    /* w v w b: two words of its own; and v, b, c of the source's, w, and nobody's q. */
    check(&set, SIDE_SOURCE, 0, (int32_t[]){VS, VS + 1, VS, 3}, 4);
    check(&set, SIDE_TARGET, 0, (int32_t[]){V + VS + 1, B, V + 4, V + VS, TOKEN_UNK}, 5);
    check(&set, SIDE_TARGET, 1, (int32_t[]){B}, 1);
    pair_set_free(&set);
    dataset_close(opened);
}
END_TEST

START_TEST(symbols_of_the_source_are_found_in_the_target)
{
    dataset *opened = made_dataset_prepared();
    int32_t copied[VS];

    sides_copied(dataset_sides(opened), copied); /* <unk> <begin> <end> b c a d */
    ck_assert_mem_eq(copied, ((int32_t[]){0, 1, 2, B, V + 4, A, V + 6}), sizeof(copied));
    dataset_close(opened);
}
END_TEST

static void check_text(const sides *s, const pair_set *set, int64_t pair, const char *want)
{
    size_t count;
    const int32_t *ids = pair_set_get(set, SIDE_TARGET, pair, &count);
    buffer text = {0};

    ck_assert_int_eq(sides_decode(s, set, pair, ids, count, "", &text), STATUS_OK);
    ck_assert_str_eq(text.data, want);
    buffer_free(&text);
}

START_TEST(numbers_become_what_was_written)
{
    dataset *opened = made_dataset_prepared();
    const sides *s = dataset_sides(opened);
    pair_set set = {0};

    ck_assert_uint_eq(encode(s, SIDE_SOURCE, "Zoe <end> b Zoe", 5, &set), 4);
    ck_assert_uint_eq(encode(s, SIDE_TARGET, "<end> Zoe b d Bob", 5, &set), 5);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    /* One that is too long, and is dropped, leaves nothing. */
    ck_assert_uint_eq(encode(s, SIDE_SOURCE, "r s t u v w x y", 5, &set), 8);
    ck_assert_uint_eq(encode(s, SIDE_SOURCE, "Bob", 5, &set), 1);
    ck_assert_uint_eq(encode(s, SIDE_TARGET, "Bob r Zoe", 5, &set), 3);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    check(&set, SIDE_SOURCE, 0, (int32_t[]){VS, VS + 1, 3, VS}, 4);
    check(&set, SIDE_TARGET, 0, (int32_t[]){V + VS + 1, V + VS, B, V + 6, TOKEN_UNK}, 5);
    check_text(s, &set, 0, "<end> Zoe b d <unk>");
    check_text(s, &set, 1, "Bob <unk> <unk>");
    ck_assert_str_eq(sides_text(s, SIDE_SOURCE, &set, 0, VS + 1), "<end>");
    ck_assert_str_eq(sides_text(s, SIDE_SOURCE, &set, 0, VS + 2), "<unk>"); /* there is none */
    ck_assert_str_eq(sides_text(s, SIDE_TARGET, &set, 0, V + 4), "c");
    pair_set_drop(&set);
    pair_set_clear(&set);
    ck_assert_uint_eq(encode(s, SIDE_SOURCE, "Bob Zoe", 5, &set), 2);
    ck_assert_uint_eq(encode(s, SIDE_TARGET, "Zoe", 5, &set), 1);
    ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    check_text(s, &set, 0, "Zoe");
    pair_set_free(&set);
    dataset_close(opened);
}
END_TEST

START_TEST(words_may_be_kept_by_themselves)
{
    dataset *opened = made_dataset_prepared();
    const sides *s = dataset_sides(opened);
    pair_set set = {0};

    for (int pair = 0; pair < 2; pair++) {
        const corpus_line line = {pair == 0 ? "b Zoe b" : "Bob", pair == 0 ? 7 : 3};
        ck_assert_int_eq(sides_keep_words(s, &line, &set), STATUS_OK);
        ck_assert_int_eq(pair_set_put(&set, SIDE_TARGET, &(int32_t){V + VS}, 1), STATUS_OK);
        ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    }
    check_text(s, &set, 0, "Zoe");
    check_text(s, &set, 1, "Bob");
    pair_set_free(&set);
    dataset_close(opened);
}
END_TEST

/* A dataset without the numbers is another one, and is made anew. */
START_TEST(it_is_fresh_for_the_same_model_alone)
{
    bool fresh;

    made_dataset_prepare();
    ck_assert_int_eq(dataset_is_fresh(&made.settings, false, &fresh), STATUS_OK);
    ck_assert(fresh);
    made.settings.model.copy = 0;
    ck_assert_int_eq(dataset_is_fresh(&made.settings, false, &fresh), STATUS_OK);
    ck_assert(!fresh);
    dataset *opened = made_dataset_prepared();
    ck_assert(!dataset_sides(opened)->copies);
    made.settings.model.copy = 1;
    made_dataset_message(sides_check(dataset_sides(opened), &made.settings), STATUS_FORMAT,
                         "model.copy");
    dataset_close(opened);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sides_copy");
    TCase *group = tcase_create("sides_copy");

    tcase_add_checked_fixture(group, open_made, made_dataset_close);
    tcase_add_test(group, a_dataset_has_them);
    tcase_add_test(group, symbols_of_the_source_are_found_in_the_target);
    tcase_add_test(group, numbers_become_what_was_written);
    tcase_add_test(group, words_may_be_kept_by_themselves);
    tcase_add_test(group, it_is_fresh_for_the_same_model_alone);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
