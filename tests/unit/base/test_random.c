/* test_random.c - published vectors, uniformity, permutations. */
#include "unit_check.h"

#include <string.h>

#include "lockstep/base/random.h"

/* kat_vectors of Random123 (Salmon et al.), philox 4x32 with 10 rounds. */
START_TEST(test_published_vectors)
{
    static const struct {
        uint64_t key;
        uint32_t stream, counter[4], want[4];
    } vectors[] = {{0, 0, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
                   {UINT64_MAX,
                    0xff,
                    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffff},
                    {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
                   {0x299f31d0a4093822,
                    0x03,
                    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x707344},
                    {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};

    for (int i = 0; i < 3; i++) {
        uint32_t out[4];

        random_block(vectors[i].key, (random_stream)vectors[i].stream, vectors[i].counter, out);
        for (int k = 0; k < 4; k++)
            ck_assert_uint_eq(out[k], vectors[i].want[k]);
    }
}
END_TEST

START_TEST(test_streams_and_counters_differ)
{
    uint64_t one = random_bits(1, RANDOM_TEST, 2, 3, 4);

    ck_assert(one == random_bits(1, RANDOM_TEST, 2, 3, 4));
    ck_assert(one != random_bits(2, RANDOM_TEST, 2, 3, 4));
    ck_assert(one != random_bits(1, RANDOM_BENCH, 2, 3, 4));
    ck_assert(one != random_bits(1, RANDOM_TEST, 2, 3, 5));
    ck_assert(one != random_bits(1, RANDOM_TEST, 2, 4, 3));
}
END_TEST

START_TEST(test_uniform)
{
    double sum = 0, squares = 0;
    const int n = 40000;

    ck_assert(random_uniform(0) == 0.0f);
    ck_assert(random_uniform(UINT32_MAX) < 1.0f);
    for (int i = 0; i < n; i++) {
        double u = random_uniform((uint32_t)random_bits(9, RANDOM_TEST, (uint32_t)i, 0, 0));
        sum += u;
        squares += u * u;
    }
    ck_assert_double_eq_tol(sum / n, 0.5, 0.01);
    ck_assert_double_eq_tol(squares / n, 1.0 / 3, 0.01);
}
END_TEST

START_TEST(test_permutation_is_one)
{
    static unsigned char seen[5000];
    const uint64_t counts[] = {1, 2, 3, 7, 16, 17, 100, 4097};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        memset(seen, 0, sizeof(seen));
        for (uint64_t k = 0; k < counts[i]; k++) {
            uint64_t to = random_permuted(5, RANDOM_TEST, 1, 2, k, counts[i]);

            ck_assert_uint_lt(to, counts[i]);
            ck_assert_uint_eq(seen[to]++, 0);
        }
    }
}
END_TEST

START_TEST(test_permutation_mixes)
{
    int fixed = 0, same = 0;
    double distance = 0;
    const int n = 3000;

    for (int k = 0; k < n; k++) {
        int to = (int)random_permuted(5, RANDOM_TEST, 1, 2, (uint64_t)k, n);

        fixed += to == k;
        same += to == (int)random_permuted(5, RANDOM_TEST, 1, 3, (uint64_t)k, n);
        distance += to > k ? to - k : k - to;
    }
    ck_assert_int_lt(fixed, 10); /* 1 is expected */
    ck_assert_int_lt(same, 10);
    ck_assert_double_eq_tol(distance / n, n / 3.0, n / 30.0);
}
END_TEST

START_TEST(test_permutation_of_many)
{
    const uint64_t many = (uint64_t)1 << 40;

    for (uint64_t k = 0; k < 100; k++)
        ck_assert(random_permuted(1, RANDOM_TEST, 0, 0, many - k, many + 1) <= many);
    ck_assert(random_permuted(1, RANDOM_TEST, 0, 0, 7, UINT64_MAX) < UINT64_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random");
    TCase *tests = tcase_create("random");

    tcase_add_test(tests, test_published_vectors);
    tcase_add_test(tests, test_streams_and_counters_differ);
    tcase_add_test(tests, test_uniform);
    tcase_add_test(tests, test_permutation_is_one);
    tcase_add_test(tests, test_permutation_mixes);
    tcase_add_test(tests, test_permutation_of_many);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
