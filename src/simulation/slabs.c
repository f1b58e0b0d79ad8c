/* slabs.c - the parameters and gradients of a simulated rank, most of which is nowhere. */
#define _GNU_SOURCE /* memfd_create, madvise */
#include "slabs.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "lockstep/comm/simulated.h"

/* What stands for all that has no memory of its own: larger than most messages, and than the
 * caches that real gradients would not be in either. */
enum { SHARED = 8 << 20, CELL = 64 };

/* From here on no node is ever packed (exchange/cells.h). */
static const double mostly_empty = 0.5;

static int shared_file = -1; /* of all ranks of this process */

/* ---- memory ---- */

static status open_shared(void)
{
    if (shared_file >= 0)
        return STATUS_OK;
    /* Of memory that is touched here and there the rest is to take none. */
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    shared_file = memfd_create("lockstep", MFD_CLOEXEC);
    if (shared_file < 0 || ftruncate(shared_file, SHARED) != 0)
        return fail(STATUS_NOMEM, "no memory that ranks share");
    float *all = mmap(NULL, SHARED, PROT_READ | PROT_WRITE, MAP_SHARED, shared_file, 0);
    if (all == MAP_FAILED)
        return fail(STATUS_NOMEM, "no memory that ranks share");
    for (size_t i = 0; i < SHARED / sizeof(float); i++)
        all[i] = 1.0f; /* and only ever added to: no cell of it seems empty */
    munmap(all, SHARED);
    return STATUS_OK;
}

/* Zeros that take no memory until they are written. */
static float *reserve(size_t floats)
{
    void *all = mmap(NULL, floats * sizeof(float), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return all != MAP_FAILED ? all : NULL;
}

static size_t page_floats(void)
{
    return (size_t)sysconf(_SC_PAGESIZE) / sizeof(float);
}

static void set_ones(float *slab, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        slab[i] = 1.0f;
}

/* Floats of reserved memory become the shared ones, but for what fills no page. */
static status share(float *slab, size_t first, size_t end)
{
    size_t page = page_floats(), inner = (first + page - 1) / page * page;
    size_t last = end / page * page, most = SHARED / sizeof(float);

    if (last <= inner) {
        set_ones(slab, first, end);
        return STATUS_OK;
    }
    set_ones(slab, first, inner);
    set_ones(slab, last, end);
    for (size_t at = inner; at < last; at += most) {
        size_t part = last - at < most ? last - at : most;

        if (mmap(slab + at, part * sizeof(float), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED, shared_file, 0) == MAP_FAILED)
            return fail(STATUS_NOMEM, "too many parts of memory: see vm.max_map_count");
    }
    return simulated_leave(slab + inner, (last - inner) * sizeof(float));
}

/* ---- gradients that are mostly zeros ---- */

typedef struct sparse {
    int tensor, use;
    size_t first, end; /* in a plane */
} sparse;

/* The next one from `from` on in a plane; false when there is none. */
static bool find_sparse(const slabs *s, size_t from, sparse *out)
{
    const parameters *p = &s->parameters;

    out->first = out->end = p->gradient_floats;
    for (int i = 0; i < p->count; i++)
        for (int use = 0; use < p->list[i].uses; use++) {
            size_t first = p->list[i].gradient[use];

            if (s->recording->tensors[i].filled[use] < mostly_empty && first >= from &&
                first < out->first)
                *out = (sparse){i, use, first, first + p->list[i].count};
        }
    return out->first < p->gradient_floats;
}

static status share_plane(const slabs *s, float *plane)
{
    size_t at = 0;
    sparse next;

    for (; find_sparse(s, at, &next); at = next.end)
        TRY(share(plane, at, next.first));
    return share(plane, at, s->parameters.gradient_floats);
}

/* Every cell of a row that is one of those that are not zeros. */
static void set_rows(const slabs *s, float *plane, int node, const sparse *where)
{
    const parameter *t = &s->parameters.list[where->tensor];
    double filled = s->recording->tensors[where->tensor].filled[where->use];
    uint32_t number = (uint32_t)(where->tensor * PARAMETER_USES + where->use);
    size_t cols = (size_t)t->cols;

    for (size_t row = 0; row < (size_t)t->rows; row++) {
        uint64_t bits = random_bits((uint64_t)s->rank, RANDOM_SIMULATION, (uint32_t)row,
                                    (uint32_t)node, number);

        if (random_uniform((uint32_t)bits) >= filled)
            continue;
        for (size_t col = 0; col < cols; col += CELL)
            plane[where->first + row * cols + col] = 1.0f;
    }
}

/* Whole pages of zeros are given back. */
static void set_zeros(float *first, size_t floats)
{
    const size_t page = page_floats() * sizeof(float);
    char *from = (char *)first, *end = (char *)(first + floats);
    char *inner = from + (size_t)(-(uintptr_t)from & (page - 1));
    char *last = end - ((uintptr_t)end & (page - 1));

    if (last <= inner || madvise(inner, (size_t)(last - inner), MADV_DONTNEED) != 0) {
        memset(from, 0, (size_t)(end - from));
        return;
    }
    memset(from, 0, (size_t)(inner - from));
    memset(last, 0, (size_t)(end - last));
}

void slabs_set_gradients(slabs *s)
{
    const parameters *p = &s->parameters;
    sparse next;

    for (int node = 0; node < p->nodes; node++) {
        float *plane = p->gradients + (size_t)node * p->gradient_floats;

        for (size_t at = 0; find_sparse(s, at, &next); at = next.end) {
            set_zeros(plane + next.first, next.end - next.first);
            set_rows(s, plane, node, &next);
        }
    }
}

/* ---- both ---- */

/* In the place of what parameters_allocate has taken. */
static status replace_slabs(slabs *s)
{
    parameters *p = &s->parameters;

    memory_destroy(p->values);
    memory_destroy(p->gradients);
    p->values = reserve(p->floats + PARAMETER_SLACK);
    p->gradients = reserve((size_t)p->nodes * p->gradient_floats);
    if (p->values == NULL || p->gradients == NULL)
        return fail(STATUS_NOMEM, "no addresses for %zu parameters", p->floats);
    TRY(open_shared());
    TRY(share(p->values, 0, p->floats + PARAMETER_SLACK));
    for (int node = 0; node < p->nodes; node++)
        TRY(share_plane(s, p->gradients + (size_t)node * p->gradient_floats));
    return STATUS_OK;
}

status slabs_open(slabs *out, const recording *r, int nodes, int rank)
{
    *out = (slabs){.recording = r, .rank = rank};
    parameters_init(&out->parameters);
    out->parameters.half = r->half;
    TRY(recording_register(r, &out->parameters));
    TRY(parameters_allocate(&out->parameters, nodes));
    return replace_slabs(out);
}

static void release(float *slab, size_t floats)
{
    if (slab != NULL)
        munmap(slab, floats * sizeof(float));
}

void slabs_close(slabs *s)
{
    parameters *p = &s->parameters;

    release(p->values, p->floats + PARAMETER_SLACK);
    release(p->gradients, (size_t)p->nodes * p->gradient_floats);
    p->values = p->gradients = NULL;
    parameters_free(p);
}
