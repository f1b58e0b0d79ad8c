/* environment.c - what must be the same on every rank for the bits to be the same. */
#include "lockstep/infer/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/tensor/arithmetic.h"
#include "lockstep/tensor/core.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/gemm_reserve.h"
#include "lockstep/tensor/kernels.h"
#include "lockstep/tensor/processor.h"
#include "settle.h"

static const char own_kernels[] = "LOCKSTEP_KERNELS", cores[] = "OPENBLAS_CORETYPE";

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0';
}

static const char *kernels_name(void)
{
    return kernels_get()->name;
}

static bool kernels_take(const char *name)
{
    return kernels_open(name) == STATUS_OK;
}

static status compare_builds(world *w, const char *mine)
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
        differs = fail(STATUS_USAGE,
                       "the build differs: %s on %s (rank 0), %s on %s (rank %d); install one "
                       "build on all hosts",
                       text, world_host(w, 0), other, world_host(w, rank), rank);
    return world_agree(w, differs);
}

/* Of products too, which are ours. */
static status hash_all(uint64_t *hash)
{
    uint64_t products;

    TRY(arithmetic_products(&products));
    TRY(arithmetic_kernels(hash));
    *hash ^= products;
    return STATUS_OK;
}

/* [collective] */
static status settle_all(world *w, const environment *e, bool native)
{
    const settling blas = {"OpenBLAS's core", cores,     core_pinned(),       core_list(),
                           core_name,         core_take, arithmetic_products, false};
    const settling own = {"the instruction set",
                          own_kernels,
                          is_set(own_kernels),
                          kernels_list(),
                          kernels_name,
                          kernels_take,
                          native ? hash_all : arithmetic_kernels,
                          true};

    if (w == NULL || world_size(w) == 1)
        return STATUS_OK;
    TRY(compare_builds(w, e->build));
    if (!native)
        TRY(settle(w, &blas));
    return settle(w, &own);
}

/* `guess`: the core before anything was chosen; `chosen`: before the ranks settled. */
static void explain(environment *e, const char *guess, const char *chosen)
{
    const char *now = core_name();

    if (core_pinned())
        snprintf(e->why, sizeof(e->why), "%s=%.64s", cores, getenv(cores));
    else if (strcmp(now, chosen) != 0)
        snprintf(e->why, sizeof(e->why), "which all ranks have, in place of %s", chosen);
    else if (strcmp(now, guess) != 0)
        snprintf(e->why, sizeof(e->why), "in place of %s, its own choice", guess);
    else
        snprintf(e->why, sizeof(e->why), "its own choice");
    if (!core_pinned() && strcmp(now, chosen) == 0 && !core_suits())
        log_warning("OpenBLAS multiplies with its kernels for %s, though this processor has "
                    "%s, and holds no better ones; install one built with DYNAMIC_ARCH, as "
                    "distributions have",
                    now, processor_level_name(processor_level_get()));
}

status environment_learn_arithmetic(world *w, environment *e)
{
    uint64_t products = 0, kernels = 0;
    status done = arithmetic_products(&products);

    if (done == STATUS_OK)
        done = arithmetic_kernels(&kernels);
    e->arithmetic[0] = (int64_t)products;
    e->arithmetic[1] = (int64_t)kernels;
    return world_agree(w, done);
}

/* [collective] Ours where one rank is faster with them and none slower: on hosts of different
 * kinds OpenBLAS would have other bits. */
static bool suits_all(world *w)
{
    int merit = (int)gemm_native_merit();
    bool slower = merit == MERIT_SLOWER, fast = merit == MERIT_FAST;

    if (w == NULL)
        return fast;
    slower = world_max(w, slower) != 0;
    fast = world_max(w, fast) != 0;
    return fast && !slower;
}

/* [collective] Are products ours? */
static bool choose_engine(world *w, config *c)
{
    if (c->run.products == PRODUCTS_AUTO)
        c->run.products = suits_all(w) ? PRODUCTS_NATIVE : PRODUCTS_OPENBLAS;
    bool native = c->run.products == PRODUCTS_NATIVE;
    gemm_choose(native ? GEMM_NATIVE : GEMM_OPENBLAS);
    return native;
}

/* [collective] Those that the slowest rank is fastest at. */
static void choose_sums(world *w, config *c)
{
    int lacks = !kernels_get()->has_tiles;

    if (c->model.precision != BFLOAT16 || c->run.bfloat16_sums != SUMS_AUTO)
        return;
    if (w != NULL)
        lacks = world_max(w, lacks) != 0;
    c->run.bfloat16_sums = lacks ? SUMS_PAIRS : SUMS_TILES;
}

const char *environment_precision(const config *c)
{
    if (c->model.precision == FLOAT32)
        return "float32";
    return c->run.bfloat16_sums == SUMS_TILES ? "bfloat16, sums in tiles"
                                              : "bfloat16, sums in pairs";
}

static void learn_names(environment *e)
{
    snprintf(e->build, sizeof(e->build), "lockstep %s, %s", LOCKSTEP_VERSION, __VERSION__);
    processor_name(e->processor, sizeof(e->processor));
}

status environment_open(world *w, config *c, environment *out)
{
    char guess[ENVIRONMENT_WORD], chosen[ENVIRONMENT_WORD];

    *out = (environment){.build = ""};
    status opened = kernels_open(getenv(own_kernels));
    if (w != NULL)
        opened = world_agree(w, opened);
    TRY(opened);
    learn_names(out);
    snprintf(guess, sizeof(guess), "%s", core_name());
    gemm_open();
    bool native = choose_engine(w, c);
    choose_sums(w, c);
    snprintf(chosen, sizeof(chosen), "%s", core_name());
    opened = gemm_reserve(1); /* before the first product, which would wait for ever */
    TRY(w != NULL ? world_agree(w, opened) : opened);
    TRY(settle_all(w, out, native));
    snprintf(out->blas, sizeof(out->blas), "%s", core_name());
    snprintf(out->kernels, sizeof(out->kernels), "%s", kernels_name());
    explain(out, guess, chosen);
    return STATUS_OK;
}
