/* arena.c - bump allocation with mark and release. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, madvise */
#include "lockstep/base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lockstep/base/log.h"

static size_t round_up(size_t size)
{
    return (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
}

static bool reserve(arena *a, size_t size)
{
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    *a = (arena){0};
    if (base == MAP_FAILED)
        return false;
    /* Advice only: a kernel without huge pages runs slower, not wrong. */
    (void)madvise(base, size, MADV_HUGEPAGE);
    a->base = base;
    a->size = size;
    return true;
}

status arena_init(arena *a, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN || !reserve(a, round_up(size > 0 ? size : 1)))
        return fail(STATUS_NOMEM,
                    "cannot reserve %zu bytes of address space: %s; raise the "
                    "limit (ulimit -v)",
                    size, strerror(errno));
    return STATUS_OK;
}

status arena_init_machine(arena *a)
{
    const size_t least = (size_t)1 << 24;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t size = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : (size_t)1 << 34;

    for (; size >= least; size /= 2)
        if (reserve(a, round_up(size)))
            return STATUS_OK;
    return fail(STATUS_NOMEM,
                "cannot reserve even %zu bytes of address space: %s; raise the "
                "limit (ulimit -v)",
                least, strerror(errno));
}

arena arena_part(const arena *a, int parts, int part)
{
    size_t size = (a->size - a->used) / (size_t)parts / ARENA_ALIGN * ARENA_ALIGN;

    return (arena){.base = a->base + a->used + (size_t)part * size,
                   .size = size,
                   .full = a->full,
                   .full_user = a->full_user};
}

void arena_free(arena *a)
{
    if (a->base != NULL)
        munmap(a->base, a->size);
    *a = (arena){0};
}

void arena_on_full(arena *a, arena_full *full, void *user)
{
    a->full = full;
    a->full_user = user;
}

static _Noreturn void run_out(const arena *a, size_t count, size_t size)
{
    char text[160];

    snprintf(text, sizeof(text),
             "%zu elements of %zu bytes are wanted, and %zu of %zu bytes are in use", count,
             size, a->used, a->size);
    if (a->full != NULL)
        a->full(a->full_user, text);
    log_error("out of memory: %s", text);
    _Exit(EXIT_FAILURE);
}

void *arena_push(arena *a, size_t count, size_t size)
{
    size_t bytes, left = a->size - a->used;

    /* The arena's size is a multiple of the alignment, so what fits still fits
     * when rounded up. */
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > left)
        run_out(a, count, size);
    void *block = a->base + a->used;
    a->used += round_up(bytes);
    if (a->used > a->peak)
        a->peak = a->used;
    return block;
}

size_t arena_mark(const arena *a)
{
    return a->used;
}

void arena_release(arena *a, size_t mark)
{
    CHECK(mark <= a->used);
    a->used = mark;
}
