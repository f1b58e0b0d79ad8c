/* test_edit.c - distances known from the textbooks, and the laws of a metric. */
#include "edit.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "unit_check.h"

static tokens characters(const char *text)
{
    tokens out = {0};

    ck_assert_int_eq(tokens_add_characters(&out, text, true), STATUS_OK);
    return out;
}

static int distance(const char *left, const char *right)
{
    tokens a = characters(left), b = characters(right);
    int out = -1;

    ck_assert_int_eq(edit_distance(&a, &b, &out), STATUS_OK);
    tokens_free(&a);
    tokens_free(&b);
    return out;
}

START_TEST(knows_the_textbook_pairs)
{
    ck_assert_int_eq(distance("kitten", "sitting"), 3);
    ck_assert_int_eq(distance("saturday", "sunday"), 3);
    ck_assert_int_eq(distance("intention", "execution"), 5);
    ck_assert_int_eq(distance("", "abc"), 3);
    ck_assert_int_eq(distance("abc", ""), 3);
    ck_assert_int_eq(distance("", ""), 0);
    ck_assert_int_eq(distance("same", "same"), 0);
    ck_assert_int_eq(distance("aaa", "aaaaa"), 2);
    ck_assert_int_eq(distance("ab", "ba"), 2);
    ck_assert_int_eq(distance("M\u00fcller", "Muller"), 1);
}
END_TEST

/* The recursion that defines the distance, without any cleverness. */
static int by_definition(const char *a, const char *b)
{
    if (*a == 0 || *b == 0)
        return (int)(strlen(a) + strlen(b));
    int change = by_definition(a + 1, b + 1) + (*a != *b);
    int remove = by_definition(a + 1, b) + 1;
    int insert = by_definition(a, b + 1) + 1;
    int best = change < remove ? change : remove;

    return best < insert ? best : insert;
}

static void random_word(char out[8], uint32_t number)
{
    uint64_t bits = random_bits(1, RANDOM_TEST, number, 0, 0);
    int length = (int)(bits % 7);

    for (int i = 0; i < length; i++)
        out[i] = (char)('a' + (bits >> (8 + 2 * i)) % 3);
    out[length] = 0;
}

START_TEST(agrees_with_the_definition)
{
    char a[8], b[8];

    for (uint32_t i = 0; i < 200; i++) {
        random_word(a, 2 * i);
        random_word(b, 2 * i + 1);
        ck_assert_int_eq(distance(a, b), by_definition(a, b));
        ck_assert_int_eq(distance(b, a), by_definition(a, b));
    }
}
END_TEST

START_TEST(says_when_memory_runs_out)
{
    tokens a = characters("abc"), b = characters("xyz");
    int out;

    memory_fail_after(1);
    status result = edit_distance(&a, &b, &out);
    memory_fail_after(0);
    ck_assert_int_eq(result, STATUS_NOMEM);
    tokens_free(&a);
    tokens_free(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/edit");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, knows_the_textbook_pairs);
    tcase_add_test(tests, agrees_with_the_definition);
    tcase_add_test(tests, says_when_memory_runs_out);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
