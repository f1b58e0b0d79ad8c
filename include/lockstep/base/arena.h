/* arena.h - bump allocation with mark and release, for what lives one step.
 *
 * An arena reserves address space and lets the operating system commit pages
 * when they are first touched, so it may be reserved generously; within the
 * reservation a push cannot fail and allocates nothing.
 */
#ifndef LOCKSTEP_BASE_ARENA_H
#define LOCKSTEP_BASE_ARENA_H

#include <stddef.h>

#include "lockstep/base/status.h"

#define ARENA_ALIGN ((size_t)64) /* one cache line, one AVX-512 vector */

typedef struct arena {
    unsigned char *base;
    size_t size, used, peak; /* bytes */
} arena;

/* Reserve `size` bytes of address space. */
MUST_CHECK status arena_init(arena *arena, size_t size);

/* Reserve as many bytes as this machine has memory. */
MUST_CHECK status arena_init_machine(arena *arena);

void arena_free(arena *arena); /* a zeroed arena is fine */

/* Uninitialised storage for `count` elements, aligned to ARENA_ALIGN. Running
 * out ends the process with a message that names the size. */
void *arena_push(arena *arena, size_t count, size_t size);

/* Everything pushed after `mark` is given back. */
size_t arena_mark(const arena *arena);
void arena_release(arena *arena, size_t mark);

#endif
