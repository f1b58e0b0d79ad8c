/* test_labels.c - metrics of labels against seqeval and scikit-learn (make_labels.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/metrics/metric.h"
#include "unit_check.h"

enum { LINE = 4096, LONGEST = 64, CASES = 120 };

/* The tags of a sentence, up to a "|" or the end; `*at` moves behind them. */
static int read_sentence(const char **at, string_table *names, int32_t *tags)
{
    int count = 0;

    while (**at != '\0' && **at != '\n') {
        size_t size = strcspn(*at, " \n");
        const char *word = *at;

        *at += size + ((*at)[size] == ' ');
        if (size == 1 && *word == '|')
            break;
        tags[count] = string_table_find(names, word, size);
        if (tags[count] < 0) {
            tags[count] = (int32_t)names->count;
            ck_assert_int_eq(string_table_add(names, word, size), STATUS_OK);
        }
        count++;
    }
    return count;
}

/* Numbers of all names first, so that the counts of labels stay where they are. */
static void number_names(const char *line, string_table *names)
{
    int32_t tags[LONGEST];

    while (read_sentence(&line, names, tags) > 0)
        ;
}

static void check_case(const char *gold, const char *output, const char *wanted)
{
    const metric *spans = metric_find("span_f1"), *labels = metric_find("macro_f1");
    string_table names = {0};
    double counts[3] = {0}, expected[5];
    char *end;

    number_names(gold, &names);
    number_names(output, &names);
    double *each = memory_create(metric_counts(labels, names.count), sizeof(*each));

    while (*gold != '\0' && *gold != '\n') {
        int32_t right[LONGEST], given[LONGEST];
        int count = read_sentence(&gold, &names, right);

        ck_assert_int_eq(read_sentence(&output, &names, given), count);
        spans->add_labels(counts, &names, given, right, count);
        labels->add_labels(each, &names, given, right, count);
    }
    for (int i = 0; i < 5; i++, wanted = end)
        expected[i] = strtod(wanted, &end);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(counts[i], expected[i]);
    ck_assert_double_eq_tol(metric_score(spans, counts, names.count), expected[3], 1e-8);
    ck_assert_double_eq_tol(metric_score(labels, each, names.count), expected[4], 1e-8);
    memory_destroy(each);
    string_table_free(&names);
}

START_TEST(tags_count_as_elsewhere)
{
    FILE *file = fopen("labels.txt", "r");
    char gold[LINE], output[LINE], wanted[LINE];
    int cases = 0;

    ck_assert_ptr_nonnull(file);
    while (fgets(gold, LINE, file) != NULL) {
        ck_assert_ptr_nonnull(fgets(output, LINE, file));
        ck_assert_ptr_nonnull(fgets(wanted, LINE, file));
        check_case(gold, output, wanted);
        cases++;
    }
    fclose(file);
    ck_assert_int_eq(cases, CASES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden/labels");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, tags_count_as_elsewhere);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
