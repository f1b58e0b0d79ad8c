/* test_ngrams.c - matches counted by hand and by brute force. */
#include "ngrams.h"

#include "lockstep/base/random.h"
#include "unit_check.h"

static void random_tokens(tokens *out, uint32_t number)
{
    int length = (int)(random_bits(1, RANDOM_TEST, number, 0, 0) % 30);

    for (int i = 0; i < length; i++) {
        uint64_t bits = random_bits(1, RANDOM_TEST, number, 1, (uint32_t)i);
        ck_assert_int_eq(tokens_add(out, (int32_t)(bits % 3)), STATUS_OK);
    }
}

static int same(const int32_t *a, const int32_t *b, int order)
{
    int i = 0;

    while (i < order && a[i] == b[i])
        i++;
    return i == order;
}

static int count_of(const tokens *in, const int32_t *key, int order, int end)
{
    int count = 0;

    for (int i = 0; i + order <= in->count && i < end; i++)
        count += same(in->items + i, key, order);
    return count;
}

/* The k-th occurrence of an n-gram matches when a reference has k of them. */
static int by_brute_force(const tokens *t, int order)
{
    int matches = 0;

    for (int i = 0; i + order <= t[0].count; i++) {
        const int32_t *key = t[0].items + i;
        int one = count_of(&t[1], key, order, t[1].count);
        int two = count_of(&t[2], key, order, t[2].count);
        matches += count_of(&t[0], key, order, i + 1) <= (one > two ? one : two);
    }
    return matches;
}

START_TEST(agrees_with_brute_force)
{
    for (uint32_t trial = 0; trial < 100; trial++) {
        tokens t[3] = {0};
        ngrams n[3];

        for (uint32_t i = 0; i < 3; i++) {
            random_tokens(&t[i], 3 * trial + i);
            ck_assert_int_eq(ngrams_init(&n[i], &t[i], 5), STATUS_OK);
        }
        for (int order = 1; order <= 5; order++)
            ck_assert_int_eq(ngrams_matches(&n[0], &n[1], 2, order), by_brute_force(t, order));
        for (int i = 0; i < 3; i++) {
            ngrams_free(&n[i]);
            tokens_free(&t[i]);
        }
    }
}
END_TEST

START_TEST(counts_all)
{
    tokens three = {0};
    ngrams list;

    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(tokens_add(&three, i), STATUS_OK);
    ck_assert_int_eq(ngrams_init(&list, &three, 4), STATUS_OK);
    ck_assert_int_eq(ngrams_total(&list, 1), 3);
    ck_assert_int_eq(ngrams_total(&list, 3), 1);
    ck_assert_int_eq(ngrams_total(&list, 4), 0);
    ngrams_free(&list);
    tokens_free(&three);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/ngrams");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, agrees_with_brute_force);
    tcase_add_test(tests, counts_all);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
