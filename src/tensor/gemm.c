/* gemm.c - matrix products; the only door to CBLAS. */
#include "lockstep/tensor/gemm.h"

#include <cblas.h>
#include <omp.h>

#include "lockstep/base/status.h"
#include "lockstep/tensor/core.h"
#include "witness.h"

void gemm_open(void)
{
    openblas_set_num_threads(1);
    /* The flavour that runs on OpenMP takes OpenMP's number; our own loops say theirs. */
    omp_set_num_threads(1);
    core_open();
}

static void product(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int k, float alpha, matrix a,
                    matrix b, float beta, matrix c)
{
    if (c.rows == 0 || c.cols == 0)
        return;
    witness_read(a);
    witness_read(b);
    witness_write(c);
    cblas_sgemm(CblasRowMajor, ta, tb, c.rows, c.cols, k, alpha, a.data, a.stride, b.data,
                b.stride, beta, c.data, c.stride);
}

void gemm_nt(float alpha, matrix a, matrix b, float beta, matrix c)
{
    CHECK(a.rows == c.rows && b.rows == c.cols && a.cols == b.cols);
    product(CblasNoTrans, CblasTrans, a.cols, alpha, a, b, beta, c);
}

void gemm_nn(float alpha, matrix a, matrix b, float beta, matrix c)
{
    CHECK(a.rows == c.rows && b.cols == c.cols && a.cols == b.rows);
    product(CblasNoTrans, CblasNoTrans, a.cols, alpha, a, b, beta, c);
}

void gemm_tn(float alpha, matrix a, matrix b, float beta, matrix c)
{
    CHECK(a.cols == c.rows && b.cols == c.cols && a.rows == b.rows);
    product(CblasTrans, CblasNoTrans, a.rows, alpha, a, b, beta, c);
}
