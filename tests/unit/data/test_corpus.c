/* test_corpus.c */
#include "lockstep/data/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-corpus-XXXXXX";
static char first[64], second[64];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(first, sizeof(first), "%s/a", folder);
    snprintf(second, sizeof(second), "%s/b", folder);
}

static void teardown(void)
{
    unlink(first);
    unlink(second);
    rmdir(folder);
}

static void save(const char *path, const char *text)
{
    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
}

static void check_pair(corpus *from, const char *left, const char *right)
{
    corpus_line lines[SIDES];
    bool end;

    ck_assert_msg(corpus_next(from, lines, &end) == STATUS_OK, "%s", error_message());
    ck_assert(end == (left == NULL));
    if (left == NULL)
        return;
    ck_assert_uint_eq(lines[SIDE_SOURCE].size, strlen(left));
    ck_assert_mem_eq(lines[SIDE_SOURCE].text, left, strlen(left));
    ck_assert_uint_eq(lines[SIDE_TARGET].size, strlen(right));
    ck_assert_mem_eq(lines[SIDE_TARGET].text, right, strlen(right));
}

static void check_failure(const config_files *files, const char *part)
{
    corpus_line lines[SIDES];
    bool end = false;
    corpus *from;
    status result = corpus_open(&from, files);

    while (result == STATUS_OK && !end)
        result = corpus_next(from, lines, &end);
    ck_assert_int_eq(result, STATUS_INPUT);
    ck_assert_msg(strstr(error_message(), part) != NULL, "%s", error_message());
    corpus_close(from);
}

START_TEST(pairs_are_split_at_the_tab)
{
    const config_files files = {.pairs = first};
    corpus *from;

    save(first, "one\tun\r\n\n\tdeux\nthree\t\nfour 4\tquatre");
    ck_assert_int_eq(corpus_open(&from, &files), STATUS_OK);
    check_pair(from, "one", "un");
    check_pair(from, "", "");
    check_pair(from, "", "deux");
    check_pair(from, "three", "");
    check_pair(from, "four 4", "quatre");
    check_pair(from, NULL, NULL);
    ck_assert_str_eq(corpus_name(from), first);
    corpus_close(from);
}
END_TEST

START_TEST(a_line_has_exactly_one_tab)
{
    const config_files files = {.pairs = first};

    save(first, "a\tb\nno tab\n");
    check_failure(&files, "a:2: no tab");
    save(first, "a\tb\nc\td\ne\tf\tg\n");
    check_failure(&files, "a:3: more than one tab");
}
END_TEST

START_TEST(two_files_go_side_by_side)
{
    const config_files files = {.source = first, .target = second};
    corpus *from;

    save(first, "one\tstill one\ntwo\n");
    save(second, "un\ndeux");
    ck_assert_int_eq(corpus_open(&from, &files), STATUS_OK);
    check_pair(from, "one\tstill one", "un");
    check_pair(from, "two", "deux");
    check_pair(from, NULL, NULL);
    corpus_close(from);
}
END_TEST

START_TEST(unequal_lengths_name_both_counts)
{
    const config_files files = {.source = first, .target = second};

    save(first, "1\n2\n3\n");
    save(second, "1\n2\n3\n4\n5\n");
    check_failure(&files, "a has 3 lines and ");
    check_failure(&files, "b has 5;");
    save(second, "");
    check_failure(&files, "b has 0;");
}
END_TEST

START_TEST(a_conll_file_has_sentences)
{
    const config_files files = {.conll = first};
    corpus *from;

    save(first, "\n  \nEU\tB-ORG\r\nrejects O\n\n \n\nGerman   B-MISC \ncall\tO");
    ck_assert_int_eq(corpus_open(&from, &files), STATUS_OK);
    check_pair(from, "EU rejects", "B-ORG O");
    ck_assert_int_eq(corpus_blame(from, fail(STATUS_INPUT, "why")), STATUS_INPUT);
    ck_assert_msg(strstr(error_message(), "/a:3: why") != NULL, "%s", error_message());
    check_pair(from, "German call", "B-MISC O");
    check_pair(from, NULL, NULL);
    check_pair(from, NULL, NULL);
    corpus_close(from);
    save(first, "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n");
    ck_assert_int_eq(corpus_open(&from, &files), STATUS_OK);
    check_pair(from, "EU rejects", "B-ORG O");
    check_pair(from, NULL, NULL);
    corpus_close(from);
}
END_TEST

START_TEST(a_conll_file_has_columns)
{
    const config_files files = {.conll = first};

    save(first, "EU O\n\nrejects\n");
    check_failure(&files, "/a:3: one column");
    save(first, "EU O\na b O\n");
    check_failure(&files, "/a:2: 3 columns in this line, but 2 in those before it");
    save(first, "10\xc2\xa0"
                "000 O\nEU O\n");
    check_failure(&files, "/a:2: 2 columns in this line, but 3");
}
END_TEST

START_TEST(a_pair_is_blamed_where_it_stands)
{
    const config_files files = {.source = first, .target = second};
    corpus *from;

    save(first, "one\ntwo\n");
    save(second, "un\ndeux");
    ck_assert_int_eq(corpus_open(&from, &files), STATUS_OK);
    check_pair(from, "one", "un");
    check_pair(from, "two", "deux");
    corpus_blame(from, fail(STATUS_INPUT, "why"));
    ck_assert_msg(strstr(error_message(), "/a:2 and /") != NULL, "%s", error_message());
    ck_assert_msg(strstr(error_message(), "/b:2: why") != NULL, "%s", error_message());
    corpus_close(from);
}
END_TEST

START_TEST(missing_files_are_named)
{
    const config_files pairs = {.pairs = first};
    const config_files both = {.source = first, .target = second};

    check_failure(&pairs, first);
    save(first, "x\n");
    check_failure(&both, second);
}
END_TEST

START_TEST(half_a_description_is_refused)
{
    const config_files half = {.source = first};
    corpus *from;

    ck_assert_int_eq(corpus_open(&from, &half), STATUS_CONFIG);
    ck_assert_ptr_null(from);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("corpus");
    TCase *group = tcase_create("corpus");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, pairs_are_split_at_the_tab);
    tcase_add_test(group, a_line_has_exactly_one_tab);
    tcase_add_test(group, two_files_go_side_by_side);
    tcase_add_test(group, unequal_lengths_name_both_counts);
    tcase_add_test(group, a_conll_file_has_sentences);
    tcase_add_test(group, a_conll_file_has_columns);
    tcase_add_test(group, a_pair_is_blamed_where_it_stands);
    tcase_add_test(group, missing_files_are_named);
    tcase_add_test(group, half_a_description_is_refused);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
