/* memory.c - the only door to malloc: zeroed, aligned, counted. */
#define _DEFAULT_SOURCE /* madvise */

#include "lockstep/base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ALIGN = 64, LARGE = 128 * 1024, HUGE = 4 * 1024 * 1024 };

#if defined(MADV_HUGEPAGE)
/* Large pages spare the processor most of its address look-ups in products. */
static void ask_for_large_pages(void *raw, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)raw + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)raw + size) / page * page;

    if (size >= HUGE && end > first)
        (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
}
#else
static void ask_for_large_pages(void *raw, size_t size)
{
    (void)raw;
    (void)size;
}
#endif

/* Stands directly before a block. */
typedef struct header {
    void *raw; /* what to free */
    size_t size;
} header;

static atomic_size_t allocations;
static atomic_size_t fail_at; /* the count that fails; 0: no limit */

static header *header_of(void *block)
{
    return (header *)block - 1;
}

static bool budget_left(void)
{
    size_t number = atomic_fetch_add(&allocations, 1) + 1;
    size_t limit = atomic_load(&fail_at);

    return limit == 0 || number < limit;
}

/* Large blocks come from calloc, which leaves untouched pages to the system;
 * small ones end where they say, so that a sanitizer sees any overrun. */
static unsigned char *place(size_t size, void **raw)
{
    if (size < LARGE) {
        if (posix_memalign(raw, ALIGN, ALIGN + size) != 0)
            *raw = NULL;
        else
            memset(*raw, 0, ALIGN + size);
        return (unsigned char *)*raw + ALIGN;
    }
    *raw = calloc(1, size + 2 * (size_t)ALIGN);
    if (*raw != NULL)
        ask_for_large_pages(*raw, size + 2 * (size_t)ALIGN);
    uintptr_t after = (uintptr_t)*raw + sizeof(header);
    size_t shift = sizeof(header) + (size_t)(-after & (ALIGN - 1));
    return (unsigned char *)*raw + shift;
}

void memory_populate(void *block)
{
#if defined(MADV_POPULATE_WRITE)
    const header *h = header_of(block);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)block / page * page;

    (void)madvise((void *)first, (uintptr_t)block + h->size - first, MADV_POPULATE_WRITE);
#else
    (void)block;
#endif
}

void *memory_create(size_t count, size_t size)
{
    void *raw;

    if (!budget_left())
        return NULL;
    if (size != 0 && count > (SIZE_MAX - 2 * (size_t)ALIGN) / size)
        return NULL;
    unsigned char *block = place(count * size, &raw);
    if (raw == NULL)
        return NULL;
    *header_of(block) = (header){.raw = raw, .size = count * size};
    return block;
}

void *memory_resize(void *block, size_t count, size_t size)
{
    void *bigger = memory_create(count, size);

    if (bigger == NULL || block == NULL)
        return bigger;
    size_t old = header_of(block)->size, new = header_of(bigger)->size;
    memcpy(bigger, block, old < new ? old : new);
    memory_destroy(block);
    return bigger;
}

char *memory_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_create(size, 1);

    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void memory_destroy(void *block)
{
    if (block != NULL)
        free(header_of(block)->raw);
}

size_t memory_allocations(void)
{
    return atomic_load(&allocations);
}

void memory_fail_after(size_t n)
{
    atomic_store(&fail_at, n == 0 ? 0 : atomic_load(&allocations) + n);
}

size_t memory_peak(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (size_t)usage.ru_maxrss * 1024; /* Linux counts in KiB */
}
