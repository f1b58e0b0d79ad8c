/* environment.h - what must be the same on every rank for the bits to be the same. */
#ifndef LOCKSTEP_INFER_ENVIRONMENT_H
#define LOCKSTEP_INFER_ENVIRONMENT_H

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"

enum { ENVIRONMENT_TEXT = 128, ENVIRONMENT_WORD = 64 };

/* Each is one word or a few; the first four are recorded in checkpoints. */
typedef struct environment {
    char build[ENVIRONMENT_TEXT];     /* version and compiler */
    char blas[ENVIRONMENT_TEXT];      /* OpenBLAS's core name */
    char kernels[ENVIRONMENT_TEXT];   /* own instruction set (tensor/kernels.h) */
    int64_t arithmetic[2];            /* environment_learn_arithmetic */
    char processor[ENVIRONMENT_TEXT]; /* this rank's */
    char why[ENVIRONMENT_TEXT];       /* this core: "its own choice" */
} environment;

/* [collective] Choose the kernels that suit the processor, OpenBLAS's (tensor/core.h) and our
 * own, unless OPENBLAS_CORETYPE and LOCKSTEP_KERNELS say which; tell OpenBLAS to use one
 * thread. run.products, where it is auto, becomes the engine that suits the processors of all
 * ranks (tensor/gemm.h), and that engine multiplies from now on; run.bfloat16_sums the order
 * that all have instructions for, or pairs. Where ranks have other cores
 * of OpenBLAS, unless products are our own, or get other bits for the same products,
 * exponentials and reductions, they settle on the best that all have, with a warning;
 * STATUS_USAGE with the hosts and the remedy where there are none, or where builds differ. Our
 * own instruction sets give the same bits and may differ. Before any product. `world` may be
 * NULL in a program of one process. */
MUST_CHECK status environment_open(world *world, config *c, environment *out);

/* The precision of training's products, and the order of their sums, in words. */
const char *environment_precision(const config *c);

/* [collective] `arithmetic`: the bits that come out of products and of our own kernels
 * (tensor/arithmetic.h), for who records them. Takes milliseconds. */
MUST_CHECK status environment_learn_arithmetic(world *world, environment *e);

#endif
