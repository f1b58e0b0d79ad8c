/* string_table.h - strings with numbers: found by text, listed by number.
 *
 * An open-addressing hash (FNV-1a, linear probing) over one block of text.
 * Finding may run on several threads at once, adding may not.
 */
#ifndef LOCKSTEP_BASE_STRING_TABLE_H
#define LOCKSTEP_BASE_STRING_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

/* Start from {0}. Owned: string_table_free. */
typedef struct string_table {
    buffer text;     /* every string with a 0 byte after it */
    size_t *starts;  /* [room] where a string begins in text */
    uint32_t *slots; /* [slot_count] number + 1, 0: free */
    size_t count, room, slot_count;
} string_table;

/* Give the string (no 0 byte inside) the next number. One that is there already
 * gets a second number, which string_table_find never returns. */
MUST_CHECK status string_table_add(string_table *table, const char *text, size_t size);

/* The number of a string, -1 when it is not there. */
int32_t string_table_find(const string_table *table, const char *text, size_t size);

/* Ended by a 0 byte. Borrowed until the next string_table_add. */
const char *string_table_at(const string_table *table, size_t number);

void string_table_free(string_table *table);

#endif
