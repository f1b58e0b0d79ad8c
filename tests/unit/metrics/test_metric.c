/* test_metric.c - metrics by name; what holds for every one of them. */
#include "lockstep/metrics/metric.h"

#include "accuracy.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

enum { TEXTS = 6 }; /* the first metrics */

static const char *const outputs[] = {"the cat sat on the mat", "a dog", "",
                                      "we saw nothing at all there"};
static const char *const references[][2] = {
    {"the cat sat on a mat", "the cat sat on the mat"},
    {"a dog", "one dog"},
    {"empty", ""},
    {"we saw nothing there", "we did not see a thing"},
};

static void add(const metric *m, double *counts, int from, int to)
{
    for (int i = from; i < to; i++)
        ck_assert_int_eq(m->add(counts, outputs[i], references[i], 2), STATUS_OK);
}

START_TEST(finds_by_name)
{
    const char *const names[] = {"bleu",  "chrf",     "wer",      "per",    "cer",
                                 "exact", "accuracy", "macro_f1", "span_f1"};
    const bool higher[] = {true, true, false, false, false, true, true, true, true};

    for (int i = 0; i < 9; i++) {
        const metric *found = metric_find(names[i]);
        ck_assert_ptr_nonnull(found);
        ck_assert_ptr_eq(found, metric_at(i));
        ck_assert_str_eq(found->name, names[i]);
        ck_assert_int_eq(found->higher_is_better, higher[i]);
        ck_assert_int_le(found->counts, METRIC_COUNTS_MAX);
        ck_assert((found->add == NULL) == (i >= TEXTS));
        ck_assert((found->add_labels == NULL) == (i < TEXTS));
        ck_assert((found->score == NULL) == (found->score_labels != NULL));
    }
    ck_assert_ptr_null(metric_at(9));
    ck_assert_ptr_null(metric_find("rouge"));
}
END_TEST

/* Ranks add up their parts; a perfect corpus has the best score. */
START_TEST(sums_over_parts)
{
    const metric *m = metric_at(_i);
    double whole[METRIC_COUNTS_MAX] = {0}, left[METRIC_COUNTS_MAX] = {0};
    double right[METRIC_COUNTS_MAX] = {0}, perfect[METRIC_COUNTS_MAX] = {0};

    add(m, whole, 0, 4);
    add(m, left, 0, 1);
    add(m, right, 1, 4);
    for (int i = 0; i < METRIC_COUNTS_MAX; i++) {
        ck_assert_double_eq(whole[i], left[i] + right[i]);
        if (i >= m->counts)
            ck_assert_double_eq(whole[i], 0.0);
    }
    ck_assert_int_eq(m->add(perfect, outputs[0], &outputs[0], 1), STATUS_OK);
    ck_assert_double_eq_tol(m->score(perfect), m->higher_is_better ? 100.0 : 0.0, 1e-9);
}
END_TEST

START_TEST(survives_lack_of_memory)
{
    const metric *m = metric_at(_i);
    status result = STATUS_NOMEM;
    int failures = 0;

    for (size_t n = 1; result != STATUS_OK; n++) {
        double counts[METRIC_COUNTS_MAX] = {0};
        memory_fail_after(n);
        result = m->add(counts, outputs[0], references[0], 2);
        memory_fail_after(0);
        if (result != STATUS_OK) {
            ck_assert_int_eq(result, STATUS_NOMEM);
            for (int i = 0; i < METRIC_COUNTS_MAX; i++)
                ck_assert_double_eq(counts[i], 0.0);
            failures++;
        }
    }
    ck_assert_int_gt(failures, 1);
}
END_TEST

START_TEST(labels_have_counts_of_their_own)
{
    const metric *accuracy = metric_find("accuracy"), *each = metric_find("macro_f1");
    const int32_t output[] = {0, 1, 2, 1}, gold[] = {0, 1, 1, 2};
    const string_table unused = {0};
    double right[2] = {0}, counts[9] = {0};

    ck_assert_uint_eq(metric_counts(metric_find("bleu"), 0), 10);
    ck_assert_uint_eq(metric_counts(accuracy, 3), 2);
    ck_assert_uint_eq(metric_counts(each, 3), 9);
    accuracy->add_labels(right, &unused, output, gold, 4);
    each->add_labels(counts, &unused, output, gold, 4);
    ck_assert_double_eq(metric_score(accuracy, right, 3), 50.0);
    ck_assert_double_eq_tol(metric_score(each, counts, 3), 50.0, 1e-12); /* 1, 1/2 and 0 */
}
END_TEST

START_TEST(knows_an_exact_match)
{
    double counts[ACCURACY_COUNTS] = {0};
    const char *either[] = {"K AE T", "K AH T"};

    ck_assert_double_eq(accuracy_score(counts), 0.0);
    ck_assert_int_eq(accuracy_add_exact(counts, "K AH T", either, 2), STATUS_OK);
    ck_assert_int_eq(accuracy_add_exact(counts, " K  AE T", either, 2), STATUS_OK);
    ck_assert_int_eq(accuracy_add_exact(counts, "K AHT", either, 2), STATUS_OK);
    ck_assert_int_eq(accuracy_add_exact(counts, "", either, 2), STATUS_OK);
    ck_assert_double_eq(accuracy_score(counts), 50.0);
    accuracy_add(counts, 6, 6);
    ck_assert_double_eq(accuracy_score(counts), 80.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/metric");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, finds_by_name);
    tcase_add_loop_test(tests, sums_over_parts, 0, TEXTS);
    tcase_add_loop_test(tests, survives_lack_of_memory, 0, TEXTS);
    tcase_add_test(tests, labels_have_counts_of_their_own);
    tcase_add_test(tests, knows_an_exact_match);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
