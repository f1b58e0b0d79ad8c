/* test_number.c */
#include "lockstep/base/number.h"

#include <math.h>

#include "unit_check.h"

static const struct {
    double value;
    int decimals;
    const char *text;
} numbers[] = {
    {1.6414, 3, "1.641"},         {0.0, 4, "0.0000"},   {-2.5, 1, "-2.5"},
    {9999999.0, 2, "9999999.00"}, {1e7, 4, "1e+07"},    {1.23456e130, 4, "1.235e+130"},
    {-1e300, 3, "-1e+300"},       {INFINITY, 4, "inf"}, {NAN, 4, "nan"},
};

START_TEST(a_number_stays_short)
{
    char text[NUMBER_TEXT];

    ck_assert_str_eq(number_text(numbers[_i].value, numbers[_i].decimals, text),
                     numbers[_i].text);
}
END_TEST

static const struct {
    int64_t value;
    const char *text;
} groups[] = {{0, "0"},
              {999, "999"},
              {1000, "1,000"},
              {-100, "-100"},
              {-1234, "-1,234"},
              {12345678, "12,345,678"},
              {INT64_MIN, "-9,223,372,036,854,775,808"}};

START_TEST(digits_stand_in_groups)
{
    char text[NUMBER_TEXT];

    ck_assert_str_eq(number_grouped(groups[_i].value, text), groups[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");

    tcase_add_loop_test(tests, a_number_stays_short, 0,
                        (int)(sizeof(numbers) / sizeof(numbers[0])));
    tcase_add_loop_test(tests, digits_stand_in_groups, 0,
                        (int)(sizeof(groups) / sizeof(groups[0])));
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
