/* environment.h - what must be the same on every rank for the bits to be the same. */
#ifndef LOCKSTEP_INFER_ENVIRONMENT_H
#define LOCKSTEP_INFER_ENVIRONMENT_H

#include "lockstep/comm/world.h"

enum { ENVIRONMENT_TEXT = 128 };

/* Each is one word or a few; recorded in checkpoints. */
typedef struct environment {
    char build[ENVIRONMENT_TEXT];   /* version and compiler */
    char blas[ENVIRONMENT_TEXT];    /* OpenBLAS's core name */
    char kernels[ENVIRONMENT_TEXT]; /* own instruction set (tensor/kernels.h) */
} environment;

/* [collective] Choose the kernels (environment variable LOCKSTEP_KERNELS), tell OpenBLAS to
 * use one thread, and compare all ranks: STATUS_USAGE with the hosts and the remedy where
 * they differ. Before any product. `world` may be NULL in a program of one process. */
MUST_CHECK status environment_open(world *world, environment *out);

#endif
