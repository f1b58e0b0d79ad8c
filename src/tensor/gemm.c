/* gemm.c - matrix products, by the engine that was chosen. */
#include "lockstep/tensor/gemm.h"

#include <cblas.h>
#include <omp.h>

#include "engines.h"
#include "lockstep/base/status.h"
#include "lockstep/tensor/core.h"
#include "lockstep/tensor/product_clock.h"

static const engine *const engines[] = {[GEMM_OPENBLAS] = &engine_openblas,
                                        [GEMM_NATIVE] = &engine_native,
                                        [GEMM_TILES] = &engine_tiles,
                                        [GEMM_PAIRS] = &engine_pairs};
static gemm_engine chosen = GEMM_OPENBLAS;

void gemm_open(void)
{
    openblas_set_num_threads(1);
    /* The flavour that runs on OpenMP takes OpenMP's number; our own loops say theirs. */
    omp_set_num_threads(1);
    core_open();
}

gemm_engine gemm_choose(gemm_engine engine)
{
    gemm_engine before = chosen;

    chosen = engine;
    return before;
}

bool gemm_wants_packed(void)
{
    return engines[chosen]->wants_packed != NULL && engines[chosen]->wants_packed();
}

bool gemm_rounds(void)
{
    return engines[chosen]->rounds;
}

bool gemm_reads_rounded(void)
{
    return gemm_rounds() && gemm_wants_packed();
}

/* Rows of a factor as it is multiplied: its columns where it is stored turned. */
static int rows_of(factor f, bool turned)
{
    return turned ? factor_width(f) : f.floats.rows;
}

void gemm_factors(const product *p)
{
    CHECK(rows_of(p->a, p->a_turned) == p->c.rows);
    CHECK(rows_of(p->b, !p->b_turned) == p->c.cols);
    CHECK(rows_of(p->a, !p->a_turned) == rows_of(p->b, p->b_turned));
    CHECK((!p->a.rounded && !p->b.rounded) || gemm_reads_rounded());
    double began = product_clock_begin();
    if (p->c.rows > 0 && p->c.cols > 0)
        engines[chosen]->multiply(p);
    product_clock_end(WORK_PRODUCTS, began);
}

void gemm_nt(float alpha, matrix a, matrix b, float beta, matrix c)
{
    gemm_factors(&(product){.a = factor_of(a),
                            .b = factor_of(b),
                            .b_turned = true,
                            .alpha = alpha,
                            .beta = beta,
                            .c = c});
}

void gemm_nn(float alpha, matrix a, matrix b, float beta, matrix c)
{
    gemm_factors(
        &(product){.a = factor_of(a), .b = factor_of(b), .alpha = alpha, .beta = beta, .c = c});
}

void gemm_tn(float alpha, matrix a, matrix b, float beta, matrix c)
{
    gemm_factors(&(product){.a = factor_of(a),
                            .b = factor_of(b),
                            .a_turned = true,
                            .alpha = alpha,
                            .beta = beta,
                            .c = c});
}
