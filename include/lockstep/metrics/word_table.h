/* word_table.h - numbers for words: equal words, equal numbers.
 *
 * Words are what white space separates (code_point_is_space).
 */
#ifndef LOCKSTEP_METRICS_WORD_TABLE_H
#define LOCKSTEP_METRICS_WORD_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/metrics/tokens.h"

/* Start from {0}. Keeps its own copy of every word. Owned: word_table_free. */
typedef struct word_table {
    buffer text;    /* the words, one after another */
    size_t *starts; /* [room / 2 + 1] where each word begins in `text` */
    int32_t *slots; /* [room] word number + 1, 0 for an empty slot */
    int words, room;
} word_table;

/* Append the number of every word of `text` to `out`; new words get the next
 * numbers, from 0 on. */
MUST_CHECK status word_table_add(word_table *table, const char *text, tokens *out);
void word_table_free(word_table *table);

#endif
