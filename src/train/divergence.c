/* divergence.c - do all ranks still have the same parameters? */
#include "divergence.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/trace.h"
#include "lockstep/store/store.h"

bool divergence_is_due(const training *t)
{
    int64_t every = t->config->distributed.check_every;

    return every > 0 && t->step % every == 0;
}

/* ---- hashes ---- */

static int tensors_of(const parameters *p)
{
    return p->count + (p->buffers == NULL ? 0 : p->buffers->count);
}

/* Parameters, and after them buffers. */
static const parameter *tensor_at(const parameters *p, int i, const float **values)
{
    const parameters *from = i < p->count ? p : p->buffers;
    int index = i < p->count ? i : i - p->count;

    *values = parameters_values(from, index);
    return &from->list[index];
}

static uint64_t hash_tensor(const parameters *p, int i)
{
    const float *values;
    const parameter *tensor = tensor_at(p, i, &values);

    return store_hash(values, tensor->count * sizeof(float));
}

static uint64_t hash_all(const parameters *p)
{
    uint64_t chain[2] = {0, 0};

    for (int i = 0; i < tensors_of(p); i++) {
        chain[1] = hash_tensor(p, i);
        chain[0] = store_hash(chain, sizeof(chain));
    }
    return chain[0];
}

/* ---- who is to blame ---- */

typedef struct finding {
    int tensor, tensors; /* the first that differs, and how many do */
    int rank, ranks;     /* the first to blame for that, and how many are */
    bool certain;        /* most ranks have other bits */
} finding;

/* [collective] hashes[world_size] of tensor i. A union goes by bits, whatever their type. */
static void share_hashes(const training *t, int i, double *hashes)
{
    uint64_t mine = hash_tensor(transformer_parameters(t->model), i);
    size_t ranks = (size_t)world_size(t->world);

    memset(hashes, 0, ranks * sizeof(*hashes));
    memcpy(&hashes[world_rank(t->world)], &mine, sizeof(mine));
    world_union(t->world, hashes, ranks);
}

static bool same(const double *a, const double *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* A rank whose hash more than half of them have; -1: there is none. */
static int find_majority(const double *hashes, int ranks)
{
    for (int rank = 0; rank < ranks; rank++) {
        int alike = 0;

        for (int other = 0; other < ranks; other++)
            alike += same(&hashes[rank], &hashes[other]);
        if (2 * alike > ranks)
            return rank;
    }
    return -1;
}

static void judge(const double *hashes, int ranks, finding *f)
{
    int right = find_majority(hashes, ranks);

    f->certain = right >= 0;
    f->ranks = 0;
    for (int rank = ranks - 1; rank >= 0; rank--)
        if (!same(&hashes[rank], &hashes[f->certain ? right : 0])) {
            f->rank = rank;
            f->ranks++;
        }
}

/* [collective] */
static finding find(const training *t, double *hashes)
{
    int ranks = world_size(t->world), tensors = tensors_of(transformer_parameters(t->model));
    finding f = {.tensors = 0};

    for (int i = 0; i < tensors; i++) {
        finding here = {.tensor = i, .tensors = f.tensors + 1};

        share_hashes(t, i, hashes);
        judge(hashes, ranks, &here);
        if (here.ranks > 0 && f.tensors == 0)
            f = here;
        else if (here.ranks > 0)
            f.tensors++;
    }
    return f;
}

static status describe(const training *t, const finding *f)
{
    const float *values;
    const parameters *p = transformer_parameters(t->model);
    const parameter *tensor = tensor_at(p, f->tensor, &values);
    char more[48] = "", doubt[64] = "";

    if (f->tensors == 0)
        return fail(STATUS_DIVERGED,
                    "the ranks' parameters differed after step %lld, but no longer when they "
                    "were looked at one by one: a memory or a processor fails",
                    (long long)t->step);
    if (f->ranks > 1)
        snprintf(more, sizeof(more), ", as on %d more rank%s", f->ranks - 1,
                 PLURAL(f->ranks - 1));
    if (!f->certain)
        snprintf(doubt, sizeof(doubt), ", and no majority says which is right");
    return fail(STATUS_DIVERGED,
                "the parameters are no longer the same: rank %d (host %s): %s differs from %s "
                "after step %lld%s (%d of %d tensor%s%s). A memory, a processor or a network "
                "changed it; nothing was saved since. The same command goes on from the last "
                "checkpoint; leave that host out if it happens again",
                f->rank, world_host(t->world, f->rank), tensor->name,
                f->rank == 0 ? "most ranks'" : "rank 0's", (long long)t->step, more, f->tensors,
                tensors_of(p), PLURAL(tensors_of(p)), doubt);
}

/* [collective] Rank 0 speaks for all, as they see the same. */
static status explain(const training *t)
{
    double *hashes = memory_create((size_t)world_size(t->world), sizeof(*hashes));
    status said = STATUS_OK;

    if (hashes == NULL)
        said = fail(STATUS_NOMEM, "the parameters are no longer the same on all ranks, and "
                                  "there is no memory to look where");
    said = world_agree(t->world, said);
    if (said == STATUS_OK) {
        finding f = find(t, hashes);
        said = world_agree(t->world, world_rank(t->world) == 0 ? describe(t, &f) : STATUS_OK);
    }
    memory_destroy(hashes);
    return said;
}

status divergence_check(const training *t)
{
    if (world_size(t->world) == 1)
        return STATUS_OK;
    training_settle(t);
    trace_begin(TRACE_COMPARE_PARAMETERS);
    uint64_t hash = hash_all(transformer_parameters(t->model));
    bool differs = world_differs(t->world, &hash, sizeof(hash)) >= 0;
    trace_end();
    return differs ? explain(t) : STATUS_OK;
}
