/* test_confusion.c - labels taken for others, and the mean of their F1. */
#include "lockstep/metrics/confusion.h"

#include "lockstep/base/memory.h"
#include "macro_f1.h"
#include "unit_check.h"

enum { COUNT = 10, LABELS = 9 };

/* 7 and 2 are given rightly once and twice; 4 is never given, 8 never right. */
static const int32_t gold[COUNT] = {7, 2, 2, 4, 4, 2, 2, 7, 7, 4};
static const int32_t output[COUNT] = {7, 2, 2, 2, 2, 7, 8, 2, 8, 2};

static void check_cell(const confusion_cell *cell, int32_t wanted, int32_t given, int64_t count)
{
    ck_assert_int_eq(cell->gold, wanted);
    ck_assert_int_eq(cell->output, given);
    ck_assert_int_eq(cell->count, count);
}

START_TEST(only_what_occurs_has_a_cell)
{
    confusion c;

    ck_assert_int_eq(confusion_create(&c, gold, output, COUNT), STATUS_OK);
    ck_assert_int_eq(c.label_count, 4);
    ck_assert_mem_eq(c.labels, ((int32_t[]){2, 4, 7, 8}), 16);
    ck_assert_uint_eq(c.cell_count, 7);
    check_cell(&c.cells[0], 0, 0, 2);
    check_cell(&c.cells[1], 0, 2, 1);
    check_cell(&c.cells[2], 0, 3, 1);
    check_cell(&c.cells[3], 1, 0, 3);
    check_cell(&c.cells[4], 2, 0, 1);
    check_cell(&c.cells[5], 2, 2, 1);
    check_cell(&c.cells[6], 2, 3, 1);
    confusion_free(&c);
}
END_TEST

START_TEST(the_largest_come_first)
{
    const confusion_cell *list[8];
    confusion c;

    ck_assert_int_eq(confusion_create(&c, gold, output, COUNT), STATUS_OK);
    ck_assert_uint_eq(confusion_largest(&c, list, 8), 5);
    check_cell(list[0], 1, 0, 3);
    check_cell(list[1], 0, 2, 1);
    check_cell(list[2], 0, 3, 1);
    check_cell(list[3], 2, 0, 1);
    check_cell(list[4], 2, 3, 1);
    ck_assert_uint_eq(confusion_largest(&c, list, 2), 2);
    check_cell(list[0], 1, 0, 3);
    check_cell(list[1], 0, 2, 1);
    confusion_free(&c);
}
END_TEST

START_TEST(nothing_is_confused_in_nothing)
{
    const confusion_cell *list[1];
    confusion c;

    ck_assert_int_eq(confusion_create(&c, NULL, NULL, 0), STATUS_OK);
    ck_assert_int_eq(c.label_count, 0);
    ck_assert_uint_eq(confusion_largest(&c, list, 1), 0);
    confusion_free(&c);
    memory_fail_after(1);
    ck_assert_int_eq(confusion_create(&c, gold, output, COUNT), STATUS_NOMEM);
    memory_fail_after(0);
    confusion_free(&c);
}
END_TEST

START_TEST(each_label_counts_the_same)
{
    double counts[LABELS * MACRO_F1_COUNTS] = {0};
    const string_table unused = {0};

    ck_assert_double_eq(macro_f1_score(counts, LABELS), 0.0);
    macro_f1_add(counts, &unused, output, gold, 4);
    macro_f1_add(counts, &unused, output + 4, gold + 4, COUNT - 4);
    /* 2: 2 * 2 / (6 + 4); 4: 0; 7: 2 * 1 / (2 + 3); 8: 0; the others do not occur */
    ck_assert_double_eq_tol(macro_f1_score(counts, LABELS), 100.0 * (0.4 + 0.4) / 4, 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/confusion");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, only_what_occurs_has_a_cell);
    tcase_add_test(tests, the_largest_come_first);
    tcase_add_test(tests, nothing_is_confused_in_nothing);
    tcase_add_test(tests, each_label_counts_the_same);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
