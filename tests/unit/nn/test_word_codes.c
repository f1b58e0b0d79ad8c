/* test_word_codes.c - fixed vectors by which words are known again. */
#include "lockstep/nn/word_codes.h"

#include <math.h>
#include <string.h>

#include "unit_check.h"

enum { WIDTH = 200, ROWS = 7 };

static const int32_t words[ROWS] = {0, 7, 1, 0, 40, 7, 1};

static void add(float *rows, int threads)
{
    pass pass = {.threads = threads};

    memset(rows, 0, ROWS * WIDTH * sizeof(*rows));
    word_codes_add(&pass, words, matrix_view(rows, ROWS, WIDTH));
}

static double dot(const float *a, const float *b)
{
    double sum = 0.0;

    for (int i = 0; i < WIDTH; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

START_TEST(a_word_has_one_code_and_others_have_others)
{
    static float rows[ROWS][WIDTH], again[ROWS][WIDTH];

    add(&rows[0][0], 1);
    add(&again[0][0], 3);
    ck_assert_mem_eq(rows, again, sizeof(rows));
    for (int a = 0; a < ROWS; a++)
        for (int b = 0; b < ROWS; b++) {
            double product = dot(rows[a], rows[b]);
            if (words[a] == words[b])
                ck_assert_double_eq(product, WIDTH);
            else /* as often as not the signs are the same */
                ck_assert_double_lt(fabs(product), 4 * sqrt(WIDTH));
        }
}
END_TEST

START_TEST(a_code_is_added)
{
    static float rows[ROWS][WIDTH], plain[ROWS][WIDTH];
    pass pass = {.threads = 1};

    add(&plain[0][0], 1);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < WIDTH; i++)
            rows[r][i] = 0.5f;
    word_codes_add(&pass, words, matrix_view(&rows[0][0], ROWS, WIDTH));
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < WIDTH; i++)
            ck_assert(rows[r][i] == plain[r][i] + 0.5f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/word_codes");
    TCase *tests = tcase_create("word_codes");

    tcase_add_test(tests, a_word_has_one_code_and_others_have_others);
    tcase_add_test(tests, a_code_is_added);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
