/* product_check.c - products of matrices next to their elements one by one. */
#include "product_check.h"

#include <math.h>

#include "kernel_check.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { GAP = KERNEL_GAP };

float product_factor(matrix m, bool turned, int row, int column)
{
    return turned ? matrix_row(m, column)[row] : matrix_row(m, row)[column];
}

static matrix make(int rows, int cols, bool turned, uint32_t seed)
{
    return made_matrix_create(turned ? cols : rows, turned ? rows : cols, GAP, seed);
}

static bool is_same(float a, float b)
{
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

void product_check_elements(const product_arithmetic *arithmetic, const product *p,
                            matrix before)
{
    int depth = p->a_turned ? p->a.floats.rows : p->a.floats.cols;

    for (int r = 0; r < p->c.rows; r++)
        for (int c = 0; c < p->c.cols; c++) {
            float want = arithmetic->element(p, depth, r, c, matrix_row(before, r)[c]),
                  got = matrix_row(p->c, r)[c];
            if (!is_same(want, got))
                ck_abort_msg("%s: [%d, %d] of %d x %d x %d is %a, not %a", kernels_get()->name,
                             r, c, p->c.rows, p->c.cols, depth, (double)got, (double)want);
        }
}

void product_check(const product_arithmetic *arithmetic, product p, int m, int n, int k)
{
    p.a = factor_of(make(m, k, p.a_turned, 1));
    p.b = factor_of(make(k, n, p.b_turned, 2));
    p.c = made_matrix_create(m, n, GAP, 3);
    matrix before = made_matrix_copy(p.c);

    if (p.beta == 0.0f)
        made_matrix_fill(p.c, NAN); /* what was there does not matter */
    arithmetic->multiply(&p);
    product_check_elements(arithmetic, &p, before);
    made_matrix_check(p.c, GAP);
    matrix all[] = {p.a.floats, p.b.floats, p.c, before};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

void product_check_forms(const product_arithmetic *arithmetic, const int (*sizes)[3], int count,
                         float alpha, float beta)
{
    for (int i = 0; i < count; i++)
        for (int form = 0; form < 4; form++) {
            product p = {.a_turned = form % 2 != 0,
                         .b_turned = form / 2 != 0,
                         .alpha = alpha,
                         .beta = beta};
            product_check(arithmetic, p, sizes[i][0], sizes[i][1], sizes[i][2]);
        }
}
