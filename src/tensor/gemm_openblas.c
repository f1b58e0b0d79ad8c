/* gemm_openblas.c - products by OpenBLAS; the only door to CBLAS's products. */
#include <cblas.h>

#include "engines.h"
#include "witness.h"

static CBLAS_TRANSPOSE order(bool turned)
{
    return turned ? CblasTrans : CblasNoTrans;
}

static void multiply(const product *p)
{
    matrix a = p->a.floats, b = p->b.floats;
    int depth = p->a_turned ? a.rows : a.cols;

    witness_read(a);
    witness_read(b);
    witness_write(p->c);
    cblas_sgemm(CblasRowMajor, order(p->a_turned), order(p->b_turned), p->c.rows, p->c.cols,
                depth, p->alpha, a.data, a.stride, b.data, b.stride, p->beta, p->c.data,
                p->c.stride);
}

const engine engine_openblas = {.multiply = multiply};
