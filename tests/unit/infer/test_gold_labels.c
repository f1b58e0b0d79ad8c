/* test_gold_labels.c - right labels and tags as numbers. */
#include "gold_labels.h"

#include <string.h>

#include "unit_check.h"

static const char *const symbols[] = {"<unk>", "<begin>", "<end>", "very good", "bad"};

static void begin(gold_labels *out, vocabulary_kind kind)
{
    vocabulary *target;

    ck_assert_int_eq(vocabulary_load(&target, kind, symbols, 5, NULL, 0, false), STATUS_OK);
    ck_assert_int_eq(gold_labels_init(out, target), STATUS_OK);
    vocabulary_destroy(target);
}

static void add(gold_labels *g, const char *text)
{
    const corpus_line line = {text, strlen(text)};

    ck_assert_int_eq(gold_labels_add(g, &line), STATUS_OK);
}

static void check(const gold_labels *g, int64_t pair, const int32_t *wanted, size_t size)
{
    size_t count;
    const int32_t *found = gold_labels_of(g, pair, &count);

    ck_assert_uint_eq(count, size);
    ck_assert_mem_eq(found, wanted, size * sizeof(*wanted));
}

START_TEST(labels_have_the_numbers_of_their_symbols)
{
    gold_labels g;

    begin(&g, VOCABULARY_LINES);
    add(&g, "bad");
    add(&g, " very good ");
    add(&g, "very bad");
    add(&g, "so so");
    add(&g, "very bad");
    check(&g, 0, (int32_t[]){4}, 1);
    check(&g, 1, (int32_t[]){3}, 1);
    check(&g, 2, (int32_t[]){5}, 1); /* no label of the vocabulary, but of its own */
    check(&g, 3, (int32_t[]){6}, 1);
    check(&g, 4, (int32_t[]){5}, 1);
    ck_assert_uint_eq(g.names.count, 7);
    ck_assert_str_eq(string_table_at(&g.names, 5), "very bad");
    gold_labels_free(&g);
}
END_TEST

START_TEST(tags_are_words)
{
    gold_labels g;

    begin(&g, VOCABULARY_WORDS);
    add(&g, "bad  new bad");
    add(&g, "new");
    check(&g, 0, (int32_t[]){4, 5, 4}, 3);
    check(&g, 1, (int32_t[]){5}, 1);
    gold_labels_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("infer/gold_labels");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, labels_have_the_numbers_of_their_symbols);
    tcase_add_test(tests, tags_are_words);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
