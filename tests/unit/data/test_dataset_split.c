/* test_dataset_split.c - the splits, by name. */
#include "lockstep/data/dataset.h"

#include "unit_check.h"

static const char *const names[SPLITS] = {
    [SPLIT_TRAIN] = "train", [SPLIT_VALID] = "valid", [SPLIT_TEST] = "test"};

START_TEST(test_names_and_back)
{
    dataset_split found = SPLITS;

    ck_assert_str_eq(dataset_split_name((dataset_split)_i), names[_i]);
    ck_assert(dataset_split_find(names[_i], &found));
    ck_assert_int_eq(found, _i);
}
END_TEST

START_TEST(test_no_such_split)
{
    static const char *const none[] = {"", "tes", "tests", "Test"};
    dataset_split found = SPLITS;

    for (int i = 0; i < 4; i++)
        ck_assert(!dataset_split_find(none[i], &found));
    ck_assert_int_eq(found, SPLITS);
}
END_TEST

START_TEST(test_files)
{
    static const config c;

    ck_assert_ptr_eq(dataset_split_files(&c, SPLIT_TRAIN), &c.data.train);
    ck_assert_ptr_eq(dataset_split_files(&c, SPLIT_VALID), &c.data.valid);
    ck_assert_ptr_eq(dataset_split_files(&c, SPLIT_TEST), &c.data.test);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset_split");
    TCase *tests = tcase_create("dataset_split");

    tcase_add_loop_test(tests, test_names_and_back, 0, SPLITS);
    tcase_add_test(tests, test_no_such_split);
    tcase_add_test(tests, test_files);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
