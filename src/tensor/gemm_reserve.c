/* gemm_reserve.c - OpenBLAS's own memory, had before it is needed. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include "lockstep/tensor/gemm_reserve.h"

#include <omp.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"

/* OpenBLAS's buffer on x86-64 is 128 MiB of address space; a thread's stack is 8. */
static const size_t buffer_bytes = (size_t)144 << 20;
/* Other threads start meanwhile, whose heaps take 64 or for a moment 128 MiB each; OpenBLAS
 * does not end its search when one of them was faster. */
static const size_t spare_bytes = (size_t)256 << 20;
/* What other libraries take between the first look and OpenBLAS's own beginning. */
static const size_t early_bytes = (size_t)144 << 20;

/* Large enough for the buffered kernels, and to overlap on all threads. */
enum { SIDE = 192, ROUNDS = 4 };

static bool can_have(size_t bytes)
{
    void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return room != MAP_FAILED && munmap(room, bytes) == 0;
}

/* Without a limit what could be had now can be had later. */
static bool is_limited(void)
{
    struct rlimit space;

    return getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY;
}

static void multiply(float *all, int threads)
{
    const size_t size = (size_t)SIDE * SIDE;

#pragma omp parallel num_threads(threads)
    {
        float *mine = all + 2 * size * (size_t)omp_get_thread_num();
        matrix from = matrix_view(mine, SIDE, SIDE), to = matrix_view(mine + size, SIDE, SIDE);

        for (int round = 0; round < ROUNDS; round++) {
#pragma omp barrier
            gemm_nt(1.0f, from, from, 0.0f, to);
        }
    }
}

status gemm_reserve_first(void)
{
    if (!is_limited() || can_have(buffer_bytes + early_bytes))
        return STATUS_OK;
    return fail(STATUS_NOMEM,
                "no memory for OpenBLAS, which wants %zu MB of address space when it "
                "begins; raise the limit (ulimit -v)",
                (buffer_bytes + early_bytes) >> 20);
}

status gemm_reserve(int threads)
{
    if (!can_have((size_t)threads * buffer_bytes + spare_bytes))
        return fail(
            STATUS_NOMEM,
            "no memory for the products of %d threads: OpenBLAS takes %zu MB of address "
            "space for each; raise the limit (ulimit -v), or lower run.threads",
            threads, buffer_bytes >> 20);
    if (!is_limited())
        return STATUS_OK;
    float *all = memory_create((size_t)threads * 2 * SIDE * SIDE, sizeof(*all));
    if (all == NULL)
        return fail(STATUS_NOMEM, "no memory for the first products of %d threads", threads);
    multiply(all, threads);
    memory_destroy(all);
    return STATUS_OK;
}
