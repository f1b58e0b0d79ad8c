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

/* Told what did not fit; must end the process. */
typedef void arena_full(void *user, const char *message);

typedef struct arena {
    unsigned char *base;
    size_t size, used, peak; /* bytes */
    arena_full *full;        /* NULL: print and exit with status 1 */
    void *full_user;
} arena;

/* Reserve `size` bytes of address space. */
MUST_CHECK status arena_init(arena *arena, size_t size);

/* Reserve as many bytes as this machine has memory. */
MUST_CHECK status arena_init_machine(arena *arena);

/* Of what is not used, part number `part` of `parts` as an arena of its own, for a thread:
 * borrowed, lives as long as `arena` and until something else is pushed there; not freed. */
arena arena_part(const arena *arena, int parts, int part);

void arena_free(arena *arena); /* a zeroed arena is fine */

/* Who ends the process when the arena runs out, for what is pushed into it cannot
 * fail: after arena_init, before the first push. */
void arena_on_full(arena *arena, arena_full *full, void *user);

/* Uninitialised storage for `count` elements, aligned to ARENA_ALIGN. Running out
 * ends the process (arena_on_full) with a message that names the sizes. */
void *arena_push(arena *arena, size_t count, size_t size);

/* Everything pushed after `mark` is given back. */
size_t arena_mark(const arena *arena);
void arena_release(arena *arena, size_t mark);

#endif
