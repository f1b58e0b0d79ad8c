/* test_node.c */
#include "lockstep/slab/node.h"

#include <math.h>
#include <string.h>

#include "unit_check.h"

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t rounded(float value)
{
    node_round(&value, 1);
    return bits_of(value);
}

/* bfloat16 number `half`, of 0x0000 to 0xffff. */
static float number(uint32_t half)
{
    return float_of(half << 16);
}

static bool is_nan(uint32_t half)
{
    return (half & 0x7fff) > 0x7f80;
}

START_TEST(every_bfloat16_stays_as_it_is)
{
    for (uint32_t h = 0; h < 65536; h++) {
        if (is_nan(h))
            ck_assert_uint_eq(rounded(number(h)), (h | 0x40) << 16);
        else
            ck_assert_uint_eq(rounded(number(h)), h == 0x8000 ? 0 : h << 16);
    }
}
END_TEST

/* Between two neighbours the nearer one is taken, and in the middle the even one. Beyond the
 * largest one its neighbour is infinity. */
START_TEST(rounding_is_to_nearest_and_even)
{
    for (uint32_t h = 0; h < 0x7f80; h++) {
        uint32_t middle = h << 16 | 0x8000, even = h + (h & 1), minus = 0x80000000;

        ck_assert_uint_eq(rounded(float_of(middle)), even << 16);
        ck_assert_uint_eq(rounded(float_of(middle - 1)), h << 16);
        ck_assert_uint_eq(rounded(float_of(middle + 1)), (h + 1) << 16);
        ck_assert_uint_eq(rounded(float_of(middle | minus)),
                          even == 0 ? 0 : even << 16 | minus);
        ck_assert_uint_eq(rounded(float_of((middle + 1) | minus)), (h + 1) << 16 | minus);
    }
}
END_TEST

static const struct {
    float value;
    uint32_t bits;
} edges[] = {
    {0.0F, 0},
    {-0.0F, 0},
    {1.0F, 0x3f800000},
    {0.1F, 0x3dcd0000},
    {-0.1F, 0xbdcd0000},
    {0x1.01p0F, 0x3f800000},       /* in the middle of 1 and 1 + 2^-7 */
    {0x1.03p0F, 0x3f820000},       /* in the middle of 1 + 2^-7 and 1 + 2^-6 */
    {0x1.fep127F, 0x7f7f0000},     /* the largest */
    {0x1.fefffep127F, 0x7f7f0000}, /* the last that is nearer to it than to 2^128 */
    {0x1.ffp127F, 0x7f800000},
    {0x1.fffffep127F, 0x7f800000},
    {-0x1.fffffep127F, 0xff800000},
    {INFINITY, 0x7f800000},
    {-INFINITY, 0xff800000},
    {0x1p-133F, 0x00010000}, /* the smallest */
    {0x1p-134F, 0x00000000}, /* half of it */
    {0x1.8p-134F, 0x00010000},
    {-0x1.8p-134F, 0x80010000},
    {0x1p-149F, 0x00000000},
    {-0x1p-149F, 0x00000000},   /* and not -0 */
    {0x1.fcp-127F, 0x007f0000}, /* the largest subnormal */
    {0x1.fffffcp-127F, 0x00800000},
};

START_TEST(edges_are_kept)
{
    ck_assert_uint_eq(rounded(edges[_i].value), edges[_i].bits);
}
END_TEST

/* Payloads that rounding could carry over, or cut off. */
START_TEST(a_nan_stays_one)
{
    static const uint32_t nans[] = {0x7fc00000, 0xffc00000, 0x7fffffff,
                                    0xffffffff, 0x7f800001, 0xff800001};
    float one = 1.0F, sum;

    for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
        float value = float_of(nans[i]);
        uint16_t half;

        ck_assert(isnan(float_of(rounded(value))));
        node_add(&sum, &value, &one, 1, true);
        ck_assert(isnan(sum));
        node_pack(&half, &sum, 1);
        ck_assert(is_nan(half));
    }
}
END_TEST

START_TEST(packing_is_exact)
{
    static float before[65536], after[65536];
    static uint16_t halves[65536];

    for (uint32_t h = 0; h < 65536; h++)
        before[h] = number(h);
    node_pack(halves, before, 65536);
    node_unpack(after, halves, 65536);
    for (uint32_t h = 0; h < 65536; h++)
        ck_assert_uint_eq(halves[h], h);
    ck_assert_mem_eq(before, after, sizeof before);
}
END_TEST

/* A sum is rounded once, after float32 has. 2^-7 is what 1 can be told from. */
START_TEST(a_sum_is_rounded_where_asked)
{
    const float left = 1.0F, right = 0x1.1p-8F;
    float sum;

    node_add(&sum, &left, &right, 1, false);
    ck_assert(sum == 0x1.011p0F);
    node_add(&sum, &left, &right, 1, true);
    ck_assert(sum == 0x1.02p0F);
    /* In float32 the sum falls into the middle, and from there to the even one. */
    const float hair = 0x1.000002p-8F;
    node_add(&sum, &left, &hair, 1, true);
    ck_assert(sum == 1.0F);
}
END_TEST

START_TEST(opposites_add_up_to_plus_zero)
{
    const float values[2] = {-0.0F, -0x1p-140F};
    float sum;

    node_add(&sum, &values[0], &values[0], 1, true);
    ck_assert_uint_eq(bits_of(sum), 0);
    node_add(&sum, &values[1], &values[1], 1, true);
    ck_assert_uint_eq(bits_of(sum), 0);
    node_add(&sum, &values[0], &values[0], 1, false);
    ck_assert_uint_eq(bits_of(sum), 0x80000000);
}
END_TEST

/* Lengths that no vector divides, and in place. */
START_TEST(arrays_are_as_single_numbers)
{
    enum { MANY = 1003 };
    float left[MANY + 1], right[MANY + 1], single;

    for (int half = 0; half <= 1; half++) {
        for (int i = 0; i <= MANY; i++) {
            left[i] = ldexpf((float)(i * 7919 % 2048 - 1024), i % 40 - 30);
            right[i] = ldexpf((float)(i * 5003 % 4096 - 2048), i % 30 - 30);
        }
        float last = left[MANY];
        float expected[MANY];
        for (int i = 0; i < MANY; i++)
            node_add(&expected[i], &left[i], &right[i], 1, half);
        node_add(left, left, right, MANY, half);
        ck_assert_mem_eq(left, expected, sizeof expected);
        ck_assert(left[MANY] == last);
    }
    float last = right[MANY];
    for (int i = 0; i < MANY; i++) {
        single = right[i];
        left[i] = float_of(rounded(single));
    }
    node_round(right, MANY);
    ck_assert_mem_eq(left, right, MANY * sizeof(float));
    ck_assert(right[MANY] == last);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("node");
    TCase *tests = tcase_create("node");

    tcase_add_test(tests, every_bfloat16_stays_as_it_is);
    tcase_add_test(tests, rounding_is_to_nearest_and_even);
    tcase_add_loop_test(tests, edges_are_kept, 0, (int)(sizeof edges / sizeof edges[0]));
    tcase_add_test(tests, a_nan_stays_one);
    tcase_add_test(tests, packing_is_exact);
    tcase_add_test(tests, a_sum_is_rounded_where_asked);
    tcase_add_test(tests, opposites_add_up_to_plus_zero);
    tcase_add_test(tests, arrays_are_as_single_numbers);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
