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
    int depth = p->a_turned ? p->a.rows : p->a.cols;

    witness_read(p->a);
    witness_read(p->b);
    witness_write(p->c);
    cblas_sgemm(CblasRowMajor, order(p->a_turned), order(p->b_turned), p->c.rows, p->c.cols,
                depth, p->alpha, p->a.data, p->a.stride, p->b.data, p->b.stride, p->beta,
                p->c.data, p->c.stride);
}

const engine engine_openblas = {.multiply = multiply};
