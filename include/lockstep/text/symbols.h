/* symbols.h - strings with numbers: found by text, listed by number, counted.
 *
 * An open-addressing hash (FNV-1a, linear probing) over one block of text.
 * Finding may run on several threads at once, adding may not.
 */
#ifndef LOCKSTEP_TEXT_SYMBOLS_H
#define LOCKSTEP_TEXT_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

/* Start from {0}. Owned: symbols_free. */
typedef struct symbols {
    buffer text;     /* every string with a 0 byte after it */
    size_t *starts;  /* [room] where a string begins in text */
    int64_t *counts; /* [room] the caller's */
    uint32_t *slots; /* [slot_count] number + 1, 0: free */
    size_t count, room, slot_count;
} symbols;

/* Give the string (no 0 byte inside) the next number. One that is there already
 * gets a second number, which symbols_find never returns. */
MUST_CHECK status symbols_add(symbols *symbols, const char *text, size_t size);

/* The number of a string, -1 when it is not there. */
int32_t symbols_find(const symbols *symbols, const char *text, size_t size);

/* Ended by a 0 byte. Borrowed until the next symbols_add. */
const char *symbols_at(const symbols *symbols, size_t number);

void symbols_free(symbols *symbols);

#endif
