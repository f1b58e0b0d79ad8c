/* test_half.c */
#include "lockstep/base/half.h"

#include <math.h>
#include <string.h>

#include "unit_check.h"

/* By the definition of binary16, in double. */
static double meaning(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double sign = half >> 15 ? -1.0 : 1.0;

    if (exponent == 31)
        return fraction ? NAN : sign * INFINITY;
    return sign * (exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24));
}

START_TEST(every_half_is_what_it_means)
{
    for (uint32_t h = 0; h < 65536; h++) {
        float value = half_to_float((uint16_t)h);
        double wanted = meaning((uint16_t)h);

        if (isnan(wanted))
            ck_assert(isnan(value));
        else
            ck_assert(value == wanted && !signbit(value) == !(h >> 15));
    }
}
END_TEST

START_TEST(every_half_comes_back)
{
    for (uint32_t h = 0; h < 65536; h++) {
        uint16_t quiet = (h & 0x7c00) == 0x7c00 && (h & 0x3ff) ? 0x200 : 0;

        ck_assert_uint_eq(half_from_float(half_to_float((uint16_t)h)), h | quiet);
    }
}
END_TEST

/* Between two halves the nearer one is taken, and in the middle the even one. */
START_TEST(rounding_is_to_nearest_and_even)
{
    for (uint16_t h = 0; h < 0x7bff; h++) {
        float middle = (float)((meaning(h) + meaning((uint16_t)(h + 1))) / 2.0);
        uint16_t even = (uint16_t)(h + (h & 1));

        ck_assert_uint_eq(half_from_float(middle), even);
        ck_assert_uint_eq(half_from_float(-middle), even | 0x8000);
        ck_assert_uint_eq(half_from_float(nextafterf(middle, 0.0F)), h);
        ck_assert_uint_eq(half_from_float(nextafterf(middle, INFINITY)), h + 1);
    }
}
END_TEST

static const struct {
    float value;
    uint16_t half;
} edges[] = {
    {0.0F, 0x0000},         {-0.0F, 0x8000},        {1.0F, 0x3c00},     {-2.0F, 0xc000},
    {65504.0F, 0x7bff},     {65519.996F, 0x7bff},   {65520.0F, 0x7c00}, {1e30F, 0x7c00},
    {INFINITY, 0x7c00},     {-INFINITY, 0xfc00},    {0x1p-14F, 0x0400}, {0x1p-24F, 0x0001},
    {0x1p-25F, 0x0000},     {0x1.8p-25F, 0x0001},   {1e-30F, 0x0000},   {-1e-45F, 0x8000},
    {0x1.ff8p-15F, 0x03ff}, {0x1.ffcp-15F, 0x0400}, {0.1F, 0x2e66},
};

START_TEST(edges_are_kept)
{
    ck_assert_uint_eq(half_from_float(edges[_i].value), edges[_i].half);
}
END_TEST

START_TEST(a_nan_stays_one)
{
    ck_assert(isnan(half_to_float(half_from_float(NAN))));
    ck_assert(isnan(half_to_float(half_from_float(-NAN))));
}
END_TEST

/* Lengths that no vector divides. */
START_TEST(arrays_are_as_single_numbers)
{
    enum { MANY = 1003 };
    float floats[MANY + 1], back[MANY + 1];
    uint16_t halves[MANY + 1];

    for (int i = 0; i < MANY; i++)
        floats[i] = ldexpf((float)(i * 7919 % 2048 - 1024), i % 40 - 30);
    halves[MANY] = 0x1234;
    back[MANY] = 5.0F;
    half_from_floats(halves, floats, MANY);
    half_to_floats(back, halves, MANY);
    for (int i = 0; i < MANY; i++) {
        float single = half_to_float(halves[i]);

        ck_assert_uint_eq(halves[i], half_from_float(floats[i]));
        ck_assert_int_eq(memcmp(&back[i], &single, sizeof single), 0);
    }
    ck_assert_uint_eq(halves[MANY], 0x1234);
    ck_assert(back[MANY] == 5.0F);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("half");
    TCase *tests = tcase_create("half");

    tcase_add_test(tests, every_half_is_what_it_means);
    tcase_add_test(tests, every_half_comes_back);
    tcase_add_test(tests, rounding_is_to_nearest_and_even);
    tcase_add_loop_test(tests, edges_are_kept, 0, (int)(sizeof edges / sizeof edges[0]));
    tcase_add_test(tests, a_nan_stays_one);
    tcase_add_test(tests, arrays_are_as_single_numbers);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
