/* test_free_running.c - outputs against gold symbols, both with their ends. */
#include "lockstep/metrics/free_running.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

/* A character is a symbol; '.' stands for <end>. */
static tokens symbols(const char *text)
{
    tokens out = {0};

    ck_assert_int_eq(tokens_add_characters(&out, text, true), STATUS_OK);
    return out;
}

static void add(double counts[FREE_RUNNING_COUNTS], const char *output, const char *gold)
{
    tokens ours = symbols(output), theirs = symbols(gold);

    ck_assert_int_eq(free_running_add(counts, &ours, &theirs), STATUS_OK);
    tokens_free(&ours);
    tokens_free(&theirs);
}

static void check(const char *output, const char *gold, int right, int edits)
{
    double counts[FREE_RUNNING_COUNTS] = {0};

    add(counts, output, gold);
    ck_assert_double_eq(counts[0], right);
    ck_assert_double_eq(counts[1], edits);
    ck_assert_double_eq(counts[2], (double)strlen(gold));
    ck_assert_double_eq(counts[3], strlen(output) == 0 || output[strlen(output) - 1] != '.');
    ck_assert_double_eq(counts[4], 1);
}

START_TEST(compares_place_by_place_and_by_edits)
{
    check("abc.", "abc.", 4, 0);
    check("axc.", "abc.", 3, 1);
    check("bc.", "abc.", 0, 1); /* one left out: all that follows stands elsewhere */
    check("aabc.", "abc.", 1, 1);
    check("ab.", "abc.", 2, 1); /* an end too early, and nothing after */
    check("abcd.", "abc.", 3, 1);
    check(".", "abc.", 0, 3);
    check(".", ".", 1, 0);
    check("abc", "abc.", 3, 1);    /* cut off: it has no end */
    check("abcabc", "abc.", 3, 3); /* cut off late */
    check("", "abc.", 0, 4);
}
END_TEST

START_TEST(scores_a_corpus_by_its_symbols)
{
    double counts[FREE_RUNNING_COUNTS] = {0};

    add(counts, "abc.", "abc.");
    add(counts, "bcdefg.", "abcdefg.");
    free_running score = free_running_score(counts);
    ck_assert_double_eq(score.accuracy, 4.0 / 12.0);
    ck_assert_double_eq(score.edit_accuracy, 1.0 - 1.0 / 12.0);
    add(counts, "x.", "y."); /* a second reference counts as a pair of its own */
    score = free_running_score(counts);
    ck_assert_double_eq(score.accuracy, 5.0 / 14.0);
    ck_assert_double_eq(score.edit_accuracy, 1.0 - 2.0 / 14.0);
    ck_assert_double_eq(score.cut_off, 0.0);
    add(counts, "y", "y.");
    ck_assert_double_eq(free_running_score(counts).cut_off, 1.0 / 4.0);
}
END_TEST

START_TEST(is_never_below_nothing)
{
    double counts[FREE_RUNNING_COUNTS] = {0};
    free_running score = free_running_score(counts);

    ck_assert_double_eq(score.accuracy, 0.0);
    ck_assert_double_eq(score.edit_accuracy, 0.0);
    add(counts, "xxxxxxxxxxxx", "ab.");
    score = free_running_score(counts);
    ck_assert_double_eq(counts[1], 12.0);
    ck_assert_double_eq(score.accuracy, 0.0);
    ck_assert_double_eq(score.edit_accuracy, 0.0);
    counts[1] = 3.0; /* as many edits as symbols */
    ck_assert_double_eq(free_running_score(counts).edit_accuracy, 0.0);
}
END_TEST

START_TEST(adds_nothing_when_memory_runs_out)
{
    double counts[FREE_RUNNING_COUNTS] = {0};
    tokens ours = symbols("ab."), theirs = symbols("ba.");

    memory_fail_after(1);
    status result = free_running_add(counts, &ours, &theirs);
    memory_fail_after(0);
    ck_assert_int_eq(result, STATUS_NOMEM);
    for (int i = 0; i < FREE_RUNNING_COUNTS; i++)
        ck_assert_double_eq(counts[i], 0.0);
    tokens_free(&ours);
    tokens_free(&theirs);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/free_running");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, compares_place_by_place_and_by_edits);
    tcase_add_test(tests, scores_a_corpus_by_its_symbols);
    tcase_add_test(tests, is_never_below_nothing);
    tcase_add_test(tests, adds_nothing_when_memory_runs_out);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
