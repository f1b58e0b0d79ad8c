/* product_check.h - products of matrices, of every form, next to their elements one by one. */
#ifndef LOCKSTEP_TESTS_PRODUCT_CHECK_H
#define LOCKSTEP_TESTS_PRODUCT_CHECK_H

#include "lockstep/tensor/kernels.h"

/* An arithmetic: its products, and what element (row, column) of one is, `before` having stood
 * there, with so many inner indices. */
typedef struct product_arithmetic {
    void (*multiply)(const product *p);
    float (*element)(const product *p, int depth, int row, int column, float before);
} product_arithmetic;

/* A factor's element (row, column), whether it is stored turned or straight. */
float product_factor(matrix m, bool turned, int row, int column);

/* Every element of p->c has the bits that it should have, `before` having stood there. */
void product_check_elements(const product_arithmetic *arithmetic, const product *p,
                            matrix before);

/* Made-up factors in the form of `p`, [m,k] and [k,n], whose rows have gaps between them:
 * every element of the product is right, and the gaps are as they were. */
void product_check(const product_arithmetic *arithmetic, product p, int m, int n, int k);

/* The same for every form and all `count` sizes. */
void product_check_forms(const product_arithmetic *arithmetic, const int (*sizes)[3], int count,
                         float alpha, float beta);

#endif
