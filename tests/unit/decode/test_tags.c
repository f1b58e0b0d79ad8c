/* test_tags.c - sequences of tags in an order, against all that there are. */
#include <math.h>

#include "toy.h"

enum { SYMBOLS = 8, TAGS = SYMBOLS - TOKEN_SPECIALS, ORDER = TAGS + 1 };

static int32_t marks[TOY_ROWS];
static uint8_t order[ORDER * ORDER];
static packed source, asked;
static pass whole;

/* Everything may follow everything, but for what `forbidden` names: before, now. */
static void allow_all_but(const int (*forbidden)[2], int count)
{
    memset(order, 1, sizeof(order));
    for (int i = 0; i < count; i++)
        order[forbidden[i][0] * ORDER + forbidden[i][1]] = 0;
}

static const int some[][2] = {{0, 1}, {0, 3}, {1, 1}, {2, 4}, {3, 3}, {3, 0}, {4, 2}, {5, 5}};

static void setup(void)
{
    toy_open_classifier(TASK_TAG, SYMBOLS);
    whole = (pass){.arena = &t.memory, .threads = 1};
    source = packed_one_grain(&t.memory, t.ids, t.offsets, TOY_SEQUENCES);
    for (int r = 0; r < t.offsets[TOY_SEQUENCES]; r++)
        marks[r] = r % 3 == 1 ? -1 : 0;
    asked = packed_one_grain(&t.memory, marks, t.offsets, TOY_SEQUENCES);
    allow_all_but(some, sizeof(some) / sizeof(*some));
}

static search_result run(const char *name)
{
    const search *found = search_find(name);
    const search_options options = {.n_best = 1, .asked = &asked, .may_follow = order};
    search_result result;

    ck_assert_ptr_nonnull(found);
    found->run(t.model, &whole, &source, t.numbers, &options, NULL, &result);
    ck_assert_int_eq(result.each, 1);
    return result;
}

/* Of all words of all sentences: [words, TAGS]. */
static matrix log_p(void)
{
    body_memory memory = transformer_encode(t.model, &whole, &source);
    matrix states = transformer_states(t.model, &whole, &memory, &asked);
    matrix all = pass_matrix(&whole, states.rows, TAGS);

    transformer_log_p(t.model, &whole, states, NULL, all);
    return all;
}

static int breaks_of(const int *tags, int count)
{
    int breaks = 0;

    for (int i = 0; i <= count; i++)
        breaks +=
            !order[(i == 0 ? 0 : tags[i - 1] + 1) * ORDER + (i == count ? 0 : tags[i] + 1)];
    return breaks;
}

static double sum_of(matrix words, const int *tags)
{
    double sum = 0.0;

    for (int i = 0; i < words.rows; i++)
        sum += (double)matrix_row(words, i)[tags[i]];
    return sum;
}

/* The largest log p among all sequences that break the order as seldom as can be. */
static double best_of_all(matrix words, int *breaks)
{
    int tags[TOY_PLACES] = {0}, sequences = 1;
    double best = -INFINITY;

    for (int i = 0; i < words.rows; i++)
        sequences *= TAGS;
    *breaks = words.rows + 2;
    for (int n = 0; n < sequences; n++) {
        for (int i = 0, left = n; i < words.rows; i++, left /= TAGS)
            tags[i] = left % TAGS;
        int own = breaks_of(tags, words.rows);
        double sum = sum_of(words, tags);
        if (own < *breaks || (own == *breaks && sum > best))
            best = sum;
        *breaks = own < *breaks ? own : *breaks;
    }
    return best;
}

static void is_the_best(const search_output *output, matrix words)
{
    int tags[TOY_PLACES], breaks;
    double best = best_of_all(words, &breaks);

    ck_assert_int_eq(output->count, words.rows);
    ck_assert(output->ended);
    for (int i = 0; i < output->count; i++) {
        tags[i] = output->ids[i] - TOKEN_SPECIALS;
        ck_assert_int_ge(tags[i], 0);
        ck_assert_int_lt(tags[i], TAGS);
    }
    ck_assert_double_eq_tol(output->score, sum_of(words, tags), 1e-9);
    ck_assert_double_eq_tol(output->score, best, 1e-9);
    ck_assert_int_eq(breaks_of(tags, words.rows), breaks);
}

static void all_are_the_best(void)
{
    search_result found = run("tags");
    matrix all = log_p();

    for (int s = 0, first = 0; s < TOY_SEQUENCES; s++) {
        is_the_best(&found.list[s], matrix_rows(all, first, found.list[s].count));
        first += found.list[s].count;
    }
}

START_TEST(none_in_order_is_better)
{
    all_are_the_best();
}
END_TEST

/* An order that nothing keeps to: a break at every step but one. */
START_TEST(no_other_breaks_the_order_less)
{
    memset(order, 0, sizeof(order));
    order[2 * ORDER + 4] = 1;
    all_are_the_best();
}
END_TEST

START_TEST(without_an_order_each_word_has_its_likeliest)
{
    allow_all_but(NULL, 0);
    search_result ours = run("tags"), likeliest = run("classify");

    for (int s = 0; s < TOY_SEQUENCES; s++) {
        const search_output *a = &ours.list[s], *b = &likeliest.list[s];

        ck_assert_int_eq(a->count, b->count);
        ck_assert_mem_eq(a->ids, b->ids, (size_t)a->count * sizeof(*a->ids));
        ck_assert_double_eq_tol(a->score, b->score, 1e-5 * (double)(a->count + 1));
    }
}
END_TEST

START_TEST(no_numbers_are_unknown)
{
    parameters *p = transformer_parameters(t.model);

    for (int c = 0; c < TAGS; c++)
        parameters_values(p, parameters_find(p, "classifier.bias"))[c] = NAN;
    search_result all = run("tags");

    for (int s = 0; s < TOY_SEQUENCES; s++)
        for (int i = 0; i < all.list[s].count; i++)
            ck_assert_int_eq(all.list[s].ids[i], TOKEN_UNK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/tags");
    TCase *tests = tcase_create("tags");

    tcase_add_checked_fixture(tests, setup, toy_close);
    tcase_add_test(tests, none_in_order_is_better);
    tcase_add_test(tests, no_other_breaks_the_order_less);
    tcase_add_test(tests, without_an_order_each_word_has_its_likeliest);
    tcase_add_test(tests, no_numbers_are_unknown);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
