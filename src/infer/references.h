/* references.h - what a source may become: pairs with the same source are one item with
 * several references.
 */
#ifndef LOCKSTEP_INFER_REFERENCES_H
#define LOCKSTEP_INFER_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

typedef struct references references;

/* `continuation`, borrowed, is undone in references as decoding undoes it in outputs
 * (text/join.h). `*out` is owned: references_destroy. */
MUST_CHECK status references_create(references **out, const char *continuation);
void references_destroy(references *r); /* NULL is fine */

/* A pair of lines. `*is_new`: no pair before it had this source; it is the item
 * references_count - 1. */
MUST_CHECK status references_add(references *r, const char *source, size_t source_size,
                                 const char *target, size_t target_size, bool *is_new);

int64_t references_count(const references *r); /* items */

/* The references of an item, in the order in which they were added: pointers into `list`,
 * a scratch buffer of the caller's; borrowed until the next references_add. */
MUST_CHECK status references_of(const references *r, int64_t item, buffer *list,
                                const char *const **texts, int *count);

/* The pairs of an item, numbered from 0 as they were added: the first, and the one of the
 * same item after `pair`; -1: there is no other. */
int64_t references_first(const references *r, int64_t item);
int64_t references_next(const references *r, int64_t pair);

#endif
