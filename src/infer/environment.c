/* environment.c - what must be the same on every rank for the bits to be the same. */
#include "lockstep/infer/environment.h"

#include <stdio.h>
#include <stdlib.h>

#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

static status compare(world *w, const char *what, const char *mine, const char *remedy)
{
    char text[ENVIRONMENT_TEXT] = {0}, other[ENVIRONMENT_TEXT];

    snprintf(text, sizeof(text), "%s", mine);
    int rank = world_differs(w, text, sizeof(text));
    if (rank < 0)
        return STATUS_OK;
    snprintf(other, sizeof(other), "%s", text);
    world_broadcast(w, other, sizeof(other), rank);
    status differs = STATUS_OK;
    if (world_rank(w) == 0)
        differs = fail(STATUS_USAGE, "%s differs: %s on %s (rank 0), %s on %s (rank %d); %s",
                       what, text, world_host(w, 0), other, world_host(w, rank), rank, remedy);
    return world_agree(w, differs);
}

status environment_open(world *w, environment *out)
{
    *out = (environment){0};
    status opened = kernels_open(getenv("LOCKSTEP_KERNELS"));
    if (w != NULL)
        opened = world_agree(w, opened);
    TRY(opened);
    gemm_open();
    snprintf(out->build, sizeof(out->build), "lockstep %s, %s", LOCKSTEP_VERSION, __VERSION__);
    snprintf(out->blas, sizeof(out->blas), "%s", gemm_core());
    snprintf(out->kernels, sizeof(out->kernels), "%s", kernels_get()->name);
    if (w == NULL || world_size(w) == 1)
        return STATUS_OK;
    TRY(compare(w, "the build", out->build, "install one build on all hosts"));
    TRY(compare(w, "OpenBLAS's core", out->blas,
                "set OPENBLAS_CORETYPE to one that all have, e.g. Haswell"));
    return compare(w, "the instruction set", out->kernels,
                   "set LOCKSTEP_KERNELS to one that all have, e.g. v3");
}
