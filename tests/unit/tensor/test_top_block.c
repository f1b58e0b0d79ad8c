/* test_top_block.c - the likeliest symbols, gathered block by block, against a full sort. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { ROWS = 5, GAP = KERNEL_GAP, MOST = 8, FIRST = 3, MOST_SYMBOLS = 700 };

/* Products [ROWS, symbols] of the symbols from FIRST on, and the list that is made of them. */
typedef struct listing {
    matrix products;
    float *bias;
    int count;
    float best[ROWS * MOST];
    int32_t symbols[ROWS * MOST];
    const int32_t *never;
    int nevers;
} listing;

static listing create(int symbols, int count)
{
    listing l = {.products = made_matrix_create(ROWS, symbols, GAP, 1),
                 .bias = memory_create((size_t)symbols, sizeof(float)),
                 .count = count};

    made_floats(l.bias, (size_t)symbols, 2, 1.0f);
    for (int i = 0; i < ROWS * count; i++) {
        l.best[i] = -INFINITY;
        l.symbols[i] = -1;
    }
    return l;
}

static void destroy(listing *l)
{
    made_matrix_free(l->products);
    memory_destroy(l->bias);
}

static float logit_of(const listing *l, int row, int at)
{
    return matrix_row(l->products, row)[at] + l->bias[at];
}

/* What is said of the block [first, end) itself. A largest that is no number is not compared:
 * the sum shows it. */
static void check_statistics(const listing *l, const top_block *b, int first, int end)
{
    for (int r = 0; r < ROWS; r++) {
        float largest = -INFINITY;
        double sum = 0.0;
        for (int at = first; at < end; at++)
            largest = fmaxf(largest, logit_of(l, r, at));
        for (int at = first; at < end; at++)
            sum += exp((double)logit_of(l, r, at) - (double)largest);
        if (isnan(sum) != isnan(b->sum[r]))
            ck_abort_msg("the sum of row %d is %g, not %g", r, b->sum[r], sum);
        if (isnan(sum))
            continue;
        if (b->largest[r] != largest)
            ck_abort_msg("the largest of row %d is %g, not %g", r, b->largest[r], largest);
        kernel_check_close("sum", &b->sum[r], &sum, 1, 5e-6);
        for (int at = first; at < end; at++)
            if (matrix_row(b->logits, r)[at - first] != logit_of(l, r, at))
                ck_abort_msg("logit %d of row %d is not its own plus the bias", at, r);
    }
}

static void add_block(listing *l, int first, matrix logits)
{
    float largest[ROWS], sum[ROWS];
    const top_block block = {.logits = logits,
                             .bias = l->bias + first,
                             .first = FIRST + first,
                             .largest = largest,
                             .sum = sum,
                             .count = l->count,
                             .best = l->best,
                             .symbols = l->symbols,
                             .never = l->never,
                             .nevers = l->nevers};

    for (int r = 0; r < ROWS; r++)
        memcpy(matrix_row(logits, r), matrix_row(l->products, r) + first,
               (size_t)logits.cols * sizeof(float));
    kernels_get()->top_block(&block);
    check_statistics(l, &block, first, first + logits.cols);
}

/* In blocks of `step` symbols. */
static void add_blocks(listing *l, int step)
{
    matrix room = made_matrix_create(ROWS, step, GAP, 9);

    for (int first = 0; first < l->products.cols; first += step) {
        int left = l->products.cols - first;
        add_block(l, first, matrix_cols(room, 0, left < step ? left : step));
        made_matrix_check(room, GAP);
    }
    made_matrix_free(room);
}

/* ---- what is expected ---- */

typedef struct candidate {
    float logit;
    int32_t symbol;
} candidate;

static int by_logit(const void *one, const void *other)
{
    const candidate *a = one, *b = other;

    if (a->logit != b->logit)
        return a->logit > b->logit ? -1 : 1;
    return a->symbol < b->symbol ? -1 : 1;
}

static bool may_be_listed(const listing *l, int row, int at)
{
    for (int i = 0; i < l->nevers; i++)
        if (l->never[i] == FIRST + at)
            return false;
    return logit_of(l, row, at) > -INFINITY; /* and is a number */
}

static void compare_row(const listing *l, int row)
{
    candidate all[MOST_SYMBOLS];
    int found = 0;

    for (int at = 0; at < l->products.cols; at++)
        if (may_be_listed(l, row, at))
            all[found++] = (candidate){logit_of(l, row, at), FIRST + at};
    qsort(all, (size_t)found, sizeof(all[0]), by_logit);
    for (int i = 0; i < l->count; i++) {
        candidate want = i < found ? all[i] : (candidate){-INFINITY, -1};
        int at = row * l->count + i;
        if (l->symbols[at] != want.symbol || l->best[at] != want.logit)
            ck_abort_msg("%s: place %d of %d in row %d has symbol %d (%g), not %d (%g)",
                         kernels_get()->name, i, l->count, row, l->symbols[at], l->best[at],
                         want.symbol, want.logit);
    }
}

static void list_and_compare(listing *l, int step)
{
    add_blocks(l, step);
    for (int r = 0; r < ROWS; r++)
        compare_row(l, r);
}

/* ---- tests ---- */

static const int steps[] = {1, 7, 64, 65, 500, TOP_BLOCK_COLS};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* For every size of list and of blocks, with what `change` makes of the products. */
static void check_all(int symbols, void (*change)(listing *l))
{
    for (int count = 1; count <= MOST; count++)
        for (int s = 0; s < STEPS; s++) {
            listing l = create(symbols, count);
            change(&l);
            list_and_compare(&l, steps[s]);
            destroy(&l);
        }
}

static void leave(listing *l)
{
    (void)l;
}

static void check_lists(void)
{
    check_all(1, leave);
    check_all(5, leave); /* shorter than some lists */
    check_all(64, leave);
    check_all(MOST_SYMBOLS, leave);
}

START_TEST(lists_are_those_of_a_sort)
{
    kernel_check_sets(check_lists);
}
END_TEST

/* A handful of values, which occur in every block. */
static void make_ties(listing *l)
{
    for (int at = 0; at < l->products.cols; at++) {
        l->bias[at] = 0.0f;
        for (int r = 0; r < ROWS; r++)
            matrix_row(l->products, r)[at] = (float)(at * (r + 1) % 5) - 3.0f;
    }
}

static void check_ties(void)
{
    check_all(MOST_SYMBOLS, make_ties);
}

START_TEST(of_equals_the_first_comes_first)
{
    kernel_check_sets(check_ties);
}
END_TEST

/* They would be the likeliest. */
static const int32_t never[] = {FIRST + 64, FIRST, FIRST + MOST_SYMBOLS - 1, -1, 100000};

static void forbid(listing *l)
{
    l->never = never;
    l->nevers = 5;
    for (int i = 0; i < 3; i++)
        l->bias[never[i] - FIRST] = 50.0f;
}

static void check_never(void)
{
    check_all(MOST_SYMBOLS, forbid);
}

START_TEST(symbols_that_are_never_chosen_count_in_the_sum_alone)
{
    kernel_check_sets(check_never);
}
END_TEST

static void make_infinite(listing *l)
{
    for (int r = 0; r < ROWS; r++)
        for (int at = 0; at < l->products.cols; at++)
            if (at % (r + 2) != 0)
                matrix_row(l->products, r)[at] = -INFINITY;
}

static void check_infinite(void)
{
    check_all(3, make_infinite);
    check_all(MOST_SYMBOLS, make_infinite);
}

START_TEST(impossible_symbols_are_not_listed)
{
    kernel_check_sets(check_infinite);
}
END_TEST

/* Rows of nothing else, of one, and of none. */
static void make_nan(listing *l)
{
    for (int at = 0; at < l->products.cols; at++) {
        matrix_row(l->products, 0)[at] = NAN;
        matrix_row(l->products, 1)[at] = -NAN;
    }
    matrix_row(l->products, 2)[l->products.cols / 2] = NAN;
    matrix_row(l->products, 3)[l->products.cols / 2] = -NAN;
}

static void check_nan(void)
{
    check_all(1, make_nan);
    check_all(MOST_SYMBOLS, make_nan);
}

START_TEST(what_is_no_number_is_not_listed_and_shows_in_the_sum)
{
    kernel_check_sets(check_nan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/top_block");
    TCase *tests = tcase_create("top_block");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, lists_are_those_of_a_sort);
    tcase_add_test(tests, of_equals_the_first_comes_first);
    tcase_add_test(tests, symbols_that_are_never_chosen_count_in_the_sum_alone);
    tcase_add_test(tests, impossible_symbols_are_not_listed);
    tcase_add_test(tests, what_is_no_number_is_not_listed_and_shows_in_the_sum);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
