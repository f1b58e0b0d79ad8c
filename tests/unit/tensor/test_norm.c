/* test_norm.c - residual sum, dropout and layer norm against double precision. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "made_matrix.h"
#include "unit_check.h"

static const double epsilon = 1e-5;

/* s = x + dropout(branch + bias), one row. */
static void sum_row(matrix x, matrix branch, const float *bias, const dropout *d, int r,
                    double *s)
{
    for (int c = 0; c < x.cols; c++) {
        s[c] = matrix_row(x, r)[c];
        if (branch.data != NULL)
            s[c] += kernel_check_mask(d, r, c) * ((double)matrix_row(branch, r)[c] + bias[c]);
    }
}

/* s becomes xhat; returns rstd. */
static double normalise(double *s, int cols)
{
    double mean = 0.0, squares = 0.0;

    for (int c = 0; c < cols; c++)
        mean += s[c] / cols;
    for (int c = 0; c < cols; c++)
        squares += (s[c] - mean) * (s[c] - mean) / cols;
    double rstd = 1.0 / sqrt(squares + epsilon);
    for (int c = 0; c < cols; c++)
        s[c] = (s[c] - mean) * rstd;
    return rstd;
}

/* Everything that one call reads and writes. */
typedef struct layer {
    matrix x, branch, bias, gain, offset, xhat, y, rstd;
    matrix dy, carry, ds, dbranch, dgain, dbias, dsum;
} layer;

static layer layer_create(int rows, int cols, bool branch)
{
    layer l = {.x = made_matrix_create(rows, cols, KERNEL_GAP, 1),
               .bias = made_matrix_create(1, cols, 0, 3),
               .gain = made_matrix_create(1, cols, 0, 4),
               .offset = made_matrix_create(1, cols, 0, 5),
               .xhat = made_matrix_create(rows, cols, KERNEL_GAP, 6),
               .y = made_matrix_create(rows, cols, KERNEL_GAP, 7),
               .rstd = made_matrix_create(1, rows, KERNEL_GAP, 8),
               .dy = made_matrix_create(rows, cols, KERNEL_GAP, 9),
               .carry = made_matrix_create(rows, cols, KERNEL_GAP, 10),
               .ds = made_matrix_create(rows, cols, KERNEL_GAP, 11),
               .dbranch = made_matrix_create(rows, cols, KERNEL_GAP, 12),
               .dgain = made_matrix_create(1, cols, KERNEL_GAP, 13),
               .dbias = made_matrix_create(1, cols, KERNEL_GAP, 14),
               .dsum = made_matrix_create(1, cols, KERNEL_GAP, 15)};

    if (branch)
        l.branch = made_matrix_create(rows, cols, KERNEL_GAP, 2);
    return l;
}

static void layer_free(layer *l)
{
    matrix outputs[] = {l->xhat, l->y, l->rstd, l->ds, l->dbranch, l->dgain, l->dbias, l->dsum};
    matrix inputs[] = {l->x, l->branch, l->bias, l->gain, l->offset, l->dy, l->carry};

    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        made_matrix_check(outputs[i], KERNEL_GAP);
        made_matrix_free(outputs[i]);
    }
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
        made_matrix_free(inputs[i]);
}

static void forward(layer *l, const dropout *d)
{
    kernels_get()->norm_forward(&(norm_forward_args){.x = l->x,
                                                     .branch = l->branch,
                                                     .branch_bias = l->bias.data,
                                                     .dropout = d,
                                                     .gain = l->gain.data,
                                                     .bias = l->offset.data,
                                                     .epsilon = (float)epsilon,
                                                     .xhat = l->xhat,
                                                     .y = l->y,
                                                     .rstd = l->rstd.data});
}

static void backward(layer *l, const dropout *d, matrix carry, matrix ds)
{
    kernels_get()->norm_backward(
        &(norm_backward_args){.dy = l->dy,
                              .xhat = l->xhat,
                              .rstd = l->rstd.data,
                              .gain = l->gain.data,
                              .dropout = d,
                              .carry = carry,
                              .ds = ds,
                              .dbranch = d == NULL ? (matrix){0} : l->dbranch,
                              .dgain = l->dgain.data,
                              .dbias = l->dbias.data,
                              .dbranch_sum = l->branch.data == NULL ? NULL : l->dsum.data});
}

static void compare_forward(const layer *l, const dropout *d)
{
    int cols = l->x.cols;
    double *row = memory_create((size_t)cols, sizeof(double));

    for (int r = 0; r < l->x.rows; r++) {
        sum_row(l->x, l->branch, l->bias.data, d, r, row);
        double rstd = normalise(row, cols);
        /* Of a single column nothing is left but rounding, times 1 / sqrt(1e-5). */
        kernel_check_close("rstd", &l->rstd.data[r], &rstd, 1, 1e-5);
        kernel_check_close("xhat", matrix_row(l->xhat, r), row, cols, 2e-5);
        for (int c = 0; c < cols; c++)
            row[c] = row[c] * l->gain.data[c] + l->offset.data[c];
        kernel_check_close("norm_forward", matrix_row(l->y, r), row, cols, 2e-5);
    }
    memory_destroy(row);
}

/* ds of one row, by the formula. */
static void backward_row(const layer *l, int r, matrix carry, double *ds)
{
    int cols = l->dy.cols;
    const float *dy = matrix_row(l->dy, r), *xhat = matrix_row(l->xhat, r);
    double mean = 0.0, projection = 0.0;

    for (int c = 0; c < cols; c++) {
        double g = (double)l->gain.data[c] * dy[c];
        mean += g / cols;
        projection += g * xhat[c] / cols;
    }
    for (int c = 0; c < cols; c++) {
        double g = (double)l->gain.data[c] * dy[c];
        ds[c] = l->rstd.data[r] * (g - mean - xhat[c] * projection);
        if (carry.data != NULL)
            ds[c] += matrix_row(carry, r)[c];
    }
}

static void compare_sums(const layer *l, const dropout *d)
{
    matrix branch = d == NULL ? l->ds : l->dbranch;

    for (int c = 0; c < l->dy.cols; c++) {
        double gain = 0.0, bias = 0.0, sum = 0.0;
        for (int r = 0; r < l->dy.rows; r++) {
            gain += (double)matrix_row(l->dy, r)[c] * matrix_row(l->xhat, r)[c];
            bias += matrix_row(l->dy, r)[c];
            sum += matrix_row(branch, r)[c];
        }
        kernel_check_close("dgain", &l->dgain.data[c], &gain, 1, 1e-6);
        kernel_check_close("dbias", &l->dbias.data[c], &bias, 1, 1e-6);
        if (l->branch.data != NULL)
            kernel_check_close("dbranch_sum", &l->dsum.data[c], &sum, 1, 1e-6);
    }
}

static void compare_backward(const layer *l, const dropout *d, matrix carry)
{
    int cols = l->dy.cols;
    double *row = memory_create((size_t)cols, sizeof(double));

    for (int r = 0; r < l->dy.rows; r++) {
        backward_row(l, r, carry, row);
        /* rstd is 316 where there is one column. */
        double tolerance = 3e-7 * (1.0 + l->rstd.data[r]);
        kernel_check_close("norm_backward", matrix_row(l->ds, r), row, cols, tolerance);
        if (d == NULL)
            continue;
        for (int c = 0; c < cols; c++)
            row[c] = kernel_check_mask(d, r, c) * matrix_row(l->ds, r)[c];
        kernel_check_close("dbranch", matrix_row(l->dbranch, r), row, cols, 1e-6);
    }
    compare_sums(l, d);
    memory_destroy(row);
}

static void norm_and_compare(int rows, int cols, bool branch, bool carried, const dropout *d)
{
    layer l = layer_create(rows, cols, branch);
    matrix carry = carried ? l.carry : (matrix){0};

    forward(&l, d);
    compare_forward(&l, d);
    backward(&l, d, carry, l.ds);
    compare_backward(&l, d, carry);
    /* ds may be dy itself. */
    matrix kept = made_matrix_copy(l.ds);
    backward(&l, d, carry, l.dy);
    for (int r = 0; r < rows; r++)
        ck_assert_mem_eq(matrix_row(l.dy, r), matrix_row(kept, r),
                         (size_t)cols * sizeof(float));
    made_matrix_free(kept);
    layer_free(&l);
}

static void check_norm(int rows, int cols)
{
    dropout d = kernel_check_dropout();

    norm_and_compare(rows, cols, false, false, NULL);
    norm_and_compare(rows, cols, false, true, NULL);
    norm_and_compare(rows, cols, true, false, NULL);
    norm_and_compare(rows, cols, true, false, &d);
    norm_and_compare(rows, cols, true, true, &d);
}

static layer layer_rows(const layer *l, int r, matrix *one)
{
    layer row = *l;

    row.x = matrix_rows(l->x, r, 1);
    row.branch = matrix_rows(l->branch, r, 1);
    row.dy = matrix_rows(l->dy, r, 1);
    row.xhat = matrix_rows(l->xhat, r, 1);
    row.rstd.data += r;
    row.y = one[0];
    row.ds = one[1];
    row.dbranch = one[2];
    return row;
}

static void check_rows(int rows, int cols)
{
    dropout d = kernel_check_dropout();
    layer l = layer_create(rows, cols, true);
    matrix one[3] = {made_matrix_create(1, cols, 0, 1), made_matrix_create(1, cols, 0, 1),
                     made_matrix_create(1, cols, 0, 1)};

    forward(&l, &d);
    backward(&l, &d, (matrix){0}, l.ds);
    for (int r = 0; r < rows; r++) {
        dropout later = kernel_check_later(d, r);
        layer row = layer_rows(&l, r, one);
        forward(&row, &later);
        backward(&row, &later, (matrix){0}, row.ds);
        kernel_check_bits("norm_forward", l.y, r, row.y);
        kernel_check_bits("norm_backward", l.ds, r, row.ds);
        kernel_check_bits("norm_backward's branch", l.dbranch, r, row.dbranch);
    }
    for (int i = 0; i < 3; i++)
        made_matrix_free(one[i]);
    layer_free(&l);
}

static void residual_and_compare(int rows, int cols, const dropout *d)
{
    layer l = layer_create(rows, cols, true);
    double *row = memory_create((size_t)cols, sizeof(double));
    matrix in = made_matrix_copy(l.x);

    kernels_get()->residual_add(l.x, l.branch, l.bias.data, d, l.y);
    kernels_get()->residual_add(l.x, l.branch, l.bias.data, d, l.x); /* y may be x */
    kernels_get()->residual_backward(l.dy, d, l.dbranch, l.dsum.data);
    for (int r = 0; r < rows; r++) {
        sum_row(in, l.branch, l.bias.data, d, r, row);
        kernel_check_close("residual_add", matrix_row(l.y, r), row, cols, 1e-6);
        kernel_check_bits("residual_add in place", l.y, r, matrix_rows(l.x, r, 1));
        for (int c = 0; c < cols; c++)
            row[c] = kernel_check_mask(d, r, c) * matrix_row(l.dy, r)[c];
        kernel_check_close("residual_backward", matrix_row(l.dbranch, r), row, cols, 1e-6);
    }
    for (int c = 0; c < cols; c++) {
        row[c] = 0.0;
        for (int r = 0; r < rows; r++)
            row[c] += matrix_row(l.dbranch, r)[c];
    }
    kernel_check_close("residual_backward's sum", l.dsum.data, row, cols, 1e-6);
    made_matrix_free(in);
    memory_destroy(row);
    layer_free(&l);
}

static void check_residual(int rows, int cols)
{
    dropout d = kernel_check_dropout();

    residual_and_compare(rows, cols, NULL);
    residual_and_compare(rows, cols, &d);
}

/* A row that is not a number says so, and its neighbours do not suffer. */
static void check_nan(int rows, int cols)
{
    layer l = layer_create(rows, cols, false);
    int bad = rows - 1;

    matrix_row(l.x, bad)[cols - 1] = NAN;
    forward(&l, NULL);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++)
            ck_assert(isnan(matrix_row(l.y, r)[c]) == (r == bad));
    layer_free(&l);
}

START_TEST(norm_is_right_forward_and_backward)
{
    kernel_check(check_norm);
}
END_TEST

START_TEST(rows_do_not_depend_on_their_neighbours)
{
    kernel_check(check_rows);
}
END_TEST

START_TEST(residual_is_right_forward_and_backward)
{
    kernel_check(check_residual);
}
END_TEST

START_TEST(nan_stays_in_its_row)
{
    kernel_check(check_nan);
}
END_TEST

static Suite *norm_suite(void)
{
    Suite *suite = suite_create("tensor/norm");
    TCase *tests = tcase_create("norm");

    tcase_add_test(tests, norm_is_right_forward_and_backward);
    tcase_add_test(tests, rows_do_not_depend_on_their_neighbours);
    tcase_add_test(tests, residual_is_right_forward_and_backward);
    tcase_add_test(tests, nan_stays_in_its_row);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(norm_suite());
}
