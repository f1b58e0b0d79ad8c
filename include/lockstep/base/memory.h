/* memory.h - the only door to malloc: zeroed, aligned, counted.
 *
 * The counter lets a test prove that a training step allocates nothing, and a
 * budget lets a test make any allocation fail.
 */
#ifndef LOCKSTEP_BASE_MEMORY_H
#define LOCKSTEP_BASE_MEMORY_H

#include <stddef.h>

/* `count * size` zeroed bytes, aligned to 64; NULL when there is no memory or
 * the product overflows. A count of 0 gives a valid pointer. */
void *memory_create(size_t count, size_t size);

/* The same block with room for `count` elements of `size` bytes, its first
 * bytes kept, new ones undefined; NULL leaves `block` as it was. */
void *memory_resize(void *block, size_t count, size_t size);

/* A copy of the string; NULL when there is no memory. */
char *memory_copy_text(const char *text);

void memory_destroy(void *block); /* NULL is fine */

/* Let the system find all pages of a large block now, and not when each is first written. What
 * stands there stays, even where another thread is writing it. Where the system cannot (before
 * Linux 5.14) nothing happens. */
void memory_populate(void *block);

/* How many allocations this process has made so far, on any thread. */
size_t memory_allocations(void);

/* For tests: the n-th allocation from now fails (1 is the next), and all that
 * follow; 0 lifts the limit. */
void memory_fail_after(size_t n);

/* The largest resident set of this process so far, in bytes. */
size_t memory_peak(void);

#endif
