/* join.h - subwords back to words by their continuation mark. */
#ifndef LOCKSTEP_TEXT_JOIN_H
#define LOCKSTEP_TEXT_JOIN_H

#include <stddef.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

/* Append the line to `out` without the marks, a word that ends in one joined to
 * the next: "anst@@ arr@@ t" with "@@" becomes "anstarrt". A mark at the end of
 * the line goes too; an empty mark leaves the line as it is. (subword-nmt) */
MUST_CHECK status text_join(const char *line, size_t size, const char *continuation,
                            buffer *out);

#endif
