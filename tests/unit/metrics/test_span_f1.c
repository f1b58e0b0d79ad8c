/* test_span_f1.c - spans of tags, counted by hand; tests/golden/test_labels.c has many more. */
#include "span_f1.h"

#include <string.h>

#include "unit_check.h"

enum { LONGEST = 16 };

static string_table names;

static int number(const char *line, int32_t *tags)
{
    int count = 0;

    while (*line != '\0') {
        size_t size = strcspn(line, " ");

        tags[count] = string_table_find(&names, line, size);
        if (tags[count] < 0) {
            tags[count] = (int32_t)names.count;
            ck_assert_int_eq(string_table_add(&names, line, size), STATUS_OK);
        }
        count++;
        line += size + (line[size] == ' ');
    }
    return count;
}

static const struct {
    const char *output, *gold;
    double right, given, wanted;
} known[] = {
    {"", "", 0, 0, 0},
    {"O O", "O O", 0, 0, 0},
    /* IOB2: a B begins a span, an I goes on */
    {"B-X I-X O B-Y", "B-X I-X O B-Y", 2, 2, 2},
    {"B-X B-X O B-Y", "B-X I-X O B-Y", 1, 3, 2},
    {"B-X I-X I-X O", "B-X I-X O O", 0, 1, 1},
    {"B-X I-Y", "B-X I-X", 0, 2, 1}, /* the type changes, so a span begins */
    /* IOB1: an I begins one too, and a B only behind another of its type */
    {"I-X I-X B-X O", "B-X I-X B-X O", 2, 2, 2},
    {"I-X I-Y", "B-X B-Y", 2, 2, 2},
    {"O I-X", "O B-X", 1, 1, 1},
    /* BIOES */
    {"S-X B-Y E-Y O", "B-X B-Y I-Y O", 2, 2, 2},
    {"B-X I-X E-X I-X", "B-X I-X E-X O", 1, 2, 1},
    {"S-X S-X", "B-X I-X", 0, 2, 1},
    {"B-X O E-X", "B-X I-X E-X", 0, 2, 1},
    /* without types, and with hyphens in them */
    {"B I O", "B I O", 1, 1, 1},
    {"B-a-b I-a-b", "B-a-b I-a-c", 0, 1, 2},
};

START_TEST(spans_are_counted)
{
    int32_t output[LONGEST], gold[LONGEST];
    double counts[SPAN_F1_COUNTS] = {0};
    int count = number(known[_i].output, output);

    ck_assert_int_eq(number(known[_i].gold, gold), count);
    span_f1_add(counts, &names, output, gold, count);
    ck_assert_double_eq(counts[0], known[_i].right);
    ck_assert_double_eq(counts[1], known[_i].given);
    ck_assert_double_eq(counts[2], known[_i].wanted);
    string_table_free(&names);
}
END_TEST

/* No span goes on in the next sentence. */
START_TEST(sentences_end_spans)
{
    int32_t tags[LONGEST];
    double counts[SPAN_F1_COUNTS] = {0};
    int count = number("I-X I-X", tags);

    span_f1_add(counts, &names, tags, tags, count);
    span_f1_add(counts, &names, tags, tags, count);
    ck_assert_double_eq(counts[0], 2);
    string_table_free(&names);
}
END_TEST

START_TEST(the_score_is_of_all_spans)
{
    /* precision 2/3, recall 2/5: 2 * 2/3 * 2/5 / (2/3 + 2/5) = 1/2 */
    ck_assert_double_eq_tol(span_f1_score((double[]){2, 3, 5}), 50.0, 1e-12);
    ck_assert_double_eq(span_f1_score((double[]){0, 0, 0}), 0.0);
    ck_assert_double_eq(span_f1_score((double[]){0, 0, 2}), 0.0);
    ck_assert_double_eq(span_f1_score((double[]){4, 4, 4}), 100.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/span_f1");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, spans_are_counted, 0, sizeof(known) / sizeof(*known));
    tcase_add_test(tests, sentences_end_spans);
    tcase_add_test(tests, the_score_is_of_all_spans);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
