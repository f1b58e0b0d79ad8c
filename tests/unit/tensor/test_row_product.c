/* test_row_product.c - rows times a packed matrix: its layout, sums against double precision,
 * and bits that depend on nothing but an element's own row and column. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "made_matrix.h"
#include "unit_check.h"

/* The second more than a strip has of several runs. */
enum { MOST_ROWS = 30, MANY_ROWS = 450, DEEP = 700, GAP = KERNEL_GAP };

/* Of panels of 8, 16 and 32 columns: less than one, one, several, and what is left over. */
static const int columns_of[] = {1, 5, 8, 16, 31, 32, 33, 64, 75, 130};
static const int depths[] = {1, 2, 7, 64};
enum {
    COLUMNS = sizeof(columns_of) / sizeof(columns_of[0]),
    DEPTHS = sizeof(depths) / sizeof(depths[0])
};

/* A matrix w [columns, depth] with its packed form, which NaN follows, and rows for it. */
typedef struct factors {
    matrix x, w;
    float *packed;
} factors;

static void pack(const factors *f)
{
    kernels_get()->panel_pack(f->w, f->packed);
}

/* Every third row has zeros, one nothing else. */
static factors create(int rows, int depth, int columns)
{
    size_t floats = (size_t)columns * (size_t)depth, slack = (size_t)kernels_get()->panel;
    factors f = {.x = made_matrix_create(rows, depth, GAP, 1),
                 .w = made_matrix_create(columns, depth, GAP, 2),
                 .packed = memory_create(floats + slack, sizeof(float))};

    for (int r = 0; r < rows; r += 3)
        for (int k = r == 6 ? 0 : 1; k < depth; k += r == 6 ? 1 : 2)
            matrix_row(f.x, r)[k] = 0.0f;
    for (size_t i = 0; i < slack; i++)
        f.packed[floats + i] = NAN;
    pack(&f);
    return f;
}

static void destroy(factors *f)
{
    made_matrix_free(f->x);
    made_matrix_free(f->w);
    memory_destroy(f->packed);
}

/* y = rows [row, row + y.rows) times columns [first, first + y.cols), as their first panel
 * has them. */
static void multiply(const factors *f, int row, int first, matrix y)
{
    int before = first / kernels_get()->panel * kernels_get()->panel;

    kernels_get()->row_product(
        &(row_product){.x = matrix_row(f->x, row),
                       .x_stride = (size_t)f->x.stride,
                       .rows = y.rows,
                       .depth = f->w.cols,
                       .b = f->packed + (size_t)before * (size_t)f->w.cols,
                       .columns = f->w.rows - before,
                       .first = first - before,
                       .cols = y.cols,
                       .y = y.data,
                       .y_stride = (size_t)y.stride});
}

static void for_shapes(void (*check)(const factors *f))
{
    for (int d = 0; d < DEPTHS; d++)
        for (int c = 0; c < COLUMNS; c++) {
            factors f = create(MOST_ROWS, depths[d], columns_of[c]);
            check(&f);
            destroy(&f);
        }
}

/* ---- layout ---- */

static void check_layout(const factors *f)
{
    int panel = kernels_get()->panel, depth = f->w.cols;
    const float *at = f->packed;

    for (int first = 0; first < f->w.rows; first += panel)
        for (int k = 0; k < depth; k++)
            for (int c = first; c < first + panel && c < f->w.rows; c++)
                ck_assert(*at++ == matrix_row(f->w, c)[k]);
    for (int i = 0; i < panel; i++)
        ck_assert(isnan(at[i])); /* not written to */
}

static void check_layouts(void)
{
    for_shapes(check_layout);
}

START_TEST(columns_stand_in_panels)
{
    kernel_check_sets(check_layouts);
}
END_TEST

/* ---- sums ---- */

/* A product in the midst of a larger matrix, of which nothing else changes. */
static void compare_rows(const factors *f, int rows)
{
    int cols = f->w.rows;
    matrix around = made_matrix_create(rows + 2, cols + 2 * GAP, 0, 3);
    matrix old = made_matrix_copy(around);
    matrix y = matrix_cols(matrix_rows(around, 1, rows), GAP, cols);
    double *sums = memory_create((size_t)cols, sizeof(double));

    multiply(f, 0, 0, y);
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
            sums[c] = 0.0;
            for (int k = 0; k < f->w.cols; k++)
                sums[c] += (double)matrix_row(f->x, r)[k] * matrix_row(f->w, c)[k];
        }
        kernel_check_close("row_product", matrix_row(y, r), sums, cols, 5e-6);
        for (int c = 0; c < cols; c++)
            matrix_row(y, r)[c] = matrix_row(old, r + 1)[c + GAP];
    }
    ck_assert_mem_eq(around.data, old.data,
                     (size_t)old.rows * (size_t)old.cols * sizeof(float));
    memory_destroy(sums);
    made_matrix_free(around);
    made_matrix_free(old);
}

static void compare_all_rows(const factors *f)
{
    for (int rows = 0; rows <= MOST_ROWS; rows++)
        compare_rows(f, rows);
}

static void check_sums(void)
{
    for_shapes(compare_all_rows);
}

START_TEST(sums_are_right_and_nothing_else_is_written)
{
    kernel_check_sets(check_sums);
}
END_TEST

/* ---- bits ---- */

static float chain(const float *x, const float *w, int depth)
{
    float sum = 0.0f;

    for (int k = 0; k < depth; k++)
        sum = fmaf(x[k], w[k], sum);
    return sum;
}

static void check_chain(const factors *f)
{
    matrix y = made_matrix_create(f->x.rows, f->w.rows, GAP, 3);

    multiply(f, 0, 0, y);
    for (int r = 0; r < y.rows; r++)
        for (int c = 0; c < f->w.rows; c++) {
            float sum = chain(matrix_row(f->x, r), matrix_row(f->w, c), f->w.cols);
            if (memcmp(&sum, &matrix_row(y, r)[c], sizeof(sum)) != 0)
                ck_abort_msg("%s: [%d, %d] of depth %d is %a, not %a", kernels_get()->name, r,
                             c, f->w.cols, matrix_row(y, r)[c], sum);
        }
    made_matrix_free(y);
}

/* The last one is so deep that its sums are taken in several runs, strip by strip. */
static void check_chains(void)
{
    factors deep = create(MANY_ROWS, DEEP, 37);

    for_shapes(check_chain);
    check_chain(&deep);
    destroy(&deep);
}

START_TEST(every_element_is_one_chain_of_multiply_adds)
{
    kernel_check_sets(check_chains);
}
END_TEST

/* `rows` rows from `row` on and columns [first, first + cols) are those of the whole. */
static void compare_part(const factors *f, matrix whole, int row, int rows, int first, int cols)
{
    matrix y = made_matrix_create(rows, cols, GAP, 4);

    multiply(f, row, first, y);
    made_matrix_check(y, GAP);
    for (int r = 0; r < rows; r++)
        if (memcmp(matrix_row(y, r), matrix_row(whole, row + r) + first,
                   (size_t)cols * sizeof(float)) != 0)
            ck_abort_msg("%s: row %d has other bits with %d others, or in columns %d to %d",
                         kernels_get()->name, row + r, rows - 1, first, first + cols);
    made_matrix_free(y);
}

static void check_neighbours(const factors *f)
{
    matrix whole = made_matrix_create(MOST_ROWS, f->w.rows, GAP, 3);

    multiply(f, 0, 0, whole);
    for (int rows = 1; rows < MOST_ROWS; rows++)
        for (int row = 0; row + rows <= MOST_ROWS; row += rows)
            compare_part(f, whole, row, rows, 0, f->w.rows);
    made_matrix_free(whole);
}

static void check_all_neighbours(void)
{
    for_shapes(check_neighbours);
}

START_TEST(bits_do_not_depend_on_other_rows)
{
    kernel_check_sets(check_all_neighbours);
}
END_TEST

static void check_columns(const factors *f, int most, int step)
{
    matrix whole = made_matrix_create(f->x.rows, f->w.rows, GAP, 3);

    multiply(f, 0, 0, whole);
    for (int first = 0; first <= f->w.rows; first += step)
        for (int cols = 0; first + cols <= f->w.rows; cols += cols < 3 ? 1 : 3 * step) {
            compare_part(f, whole, 2, 1, first, cols);
            compare_part(f, whole, 3, most, first, cols);
        }
    made_matrix_free(whole);
}

/* That begin and end anywhere in their panels, of a few rows and of several strips and runs. */
static void check_all_columns(void)
{
    int panel = kernels_get()->panel;
    factors flat = create(MOST_ROWS, 9, 3 * panel + 5),
            deep = create(MANY_ROWS, DEEP, 2 * panel + 5);

    check_columns(&flat, 15, 1);
    check_columns(&deep, MANY_ROWS - 3, 13);
    destroy(&flat);
    destroy(&deep);
}

START_TEST(bits_do_not_depend_on_which_columns_are_asked_for)
{
    kernel_check_sets(check_all_columns);
}
END_TEST

/* ---- the largest alone ---- */

static const int32_t never[] = {0, 17};

/* Of row `row` of the products, what surpasses `best`. */
static int32_t largest(matrix y, int row, const float *bias, float *best)
{
    int32_t symbol = -1;

    for (int c = 0; c < y.cols; c++) {
        volatile float logit = matrix_row(y, row)[c] + bias[c];
        if (logit > *best && c != never[0] && c != never[1]) {
            *best = logit;
            symbol = c;
        }
    }
    return symbol;
}

static void compare_best(matrix y, const float *bias, const float *best, const int32_t *symbols)
{
    for (int r = 0; r < y.rows; r++) {
        float expected = r % 4 == 3 ? 0.4f : -INFINITY;
        int32_t symbol = largest(y, r, bias, &expected);
        if (symbols[r] != symbol || memcmp(&best[r], &expected, sizeof(expected)) != 0)
            ck_abort_msg("%s: row %d of %d has %d with %a, not %d with %a", kernels_get()->name,
                         r, y.rows, symbols[r], best[r], symbol, expected);
    }
}

static void find_best(const factors *f, int rows)
{
    float best[MOST_ROWS], *bias = memory_create((size_t)f->w.rows, sizeof(float));
    int32_t symbols[MOST_ROWS];
    matrix y = made_matrix_create(rows, f->w.rows, GAP, 3);

    made_floats(bias, (size_t)f->w.rows, 5, 1.0f);
    for (int r = 0; r < rows; r++) {
        best[r] = r % 4 == 3 ? 0.4f : -INFINITY;
        symbols[r] = -1;
    }
    multiply(f, 0, 0, y);
    kernels_get()->best_product(&(best_product){.x = f->x.data,
                                                .x_stride = (size_t)f->x.stride,
                                                .rows = rows,
                                                .depth = f->w.cols,
                                                .b = f->packed,
                                                .columns = f->w.rows,
                                                .bias = bias,
                                                .best = best,
                                                .symbols = symbols,
                                                .never = never,
                                                .nevers = 2});
    compare_best(y, bias, best, symbols);
    made_matrix_free(y);
    memory_destroy(bias);
}

static void find_all_best(const factors *f)
{
    for (int rows = 1; rows <= MOST_ROWS; rows++)
        find_best(f, rows);
    matrix_row(f->w, f->w.rows / 2)[0] = NAN;
    pack(f);
    find_best(f, MOST_ROWS);
}

static void check_best(void)
{
    for_shapes(find_all_best);
}

START_TEST(the_largest_is_that_of_all_products)
{
    kernel_check_sets(check_best);
}
END_TEST

/* ---- what is not finite ---- */

static void check_not_finite(void)
{
    enum { DEPTH = 7, BAD_ROW = 4, INFINITE = 11, BAD_COLUMN = 20 };
    factors f = create(MOST_ROWS, DEPTH, 37);
    matrix y = made_matrix_create(MOST_ROWS, 37, GAP, 3);

    matrix_row(f.x, BAD_ROW)[5] = NAN;
    for (int r = 0; r < MOST_ROWS; r++)
        matrix_row(f.x, r)[2] = r % 2 == 0 ? 0.0f : -1.0f;
    matrix_row(f.w, INFINITE)[2] = INFINITY;
    matrix_row(f.w, BAD_COLUMN)[DEPTH - 1] = NAN;
    pack(&f);
    multiply(&f, 0, 0, y);
    for (int r = 0; r < MOST_ROWS; r++)
        for (int c = 0; c < 37; c++) {
            float got = matrix_row(y, r)[c];
            bool nan = r == BAD_ROW || c == BAD_COLUMN || (c == INFINITE && r % 2 == 0);
            ck_assert(isnan(got) ? nan : !nan);
            ck_assert(nan || (isinf(got) && got < 0.0f) == (c == INFINITE));
        }
    made_matrix_free(y);
    destroy(&f);
}

START_TEST(what_is_not_finite_stays_in_its_row_and_column)
{
    kernel_check_sets(check_not_finite);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/row_product");
    TCase *tests = tcase_create("row_product");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, columns_stand_in_panels);
    tcase_add_test(tests, sums_are_right_and_nothing_else_is_written);
    tcase_add_test(tests, every_element_is_one_chain_of_multiply_adds);
    tcase_add_test(tests, bits_do_not_depend_on_other_rows);
    tcase_add_test(tests, bits_do_not_depend_on_which_columns_are_asked_for);
    tcase_add_test(tests, the_largest_is_that_of_all_products);
    tcase_add_test(tests, what_is_not_finite_stays_in_its_row_and_column);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
