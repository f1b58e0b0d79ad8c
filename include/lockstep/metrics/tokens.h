/* tokens.h - a text as a sequence of numbers: its words or its characters. */
#ifndef LOCKSTEP_METRICS_TOKENS_H
#define LOCKSTEP_METRICS_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/base/string_table.h"

/* Start from {0}. Owned: tokens_free. */
typedef struct tokens {
    int32_t *items; /* [count]; NULL while empty */
    int count, room;
} tokens;

MUST_CHECK status tokens_add(tokens *list, int32_t item);

/* The numbers of the words of `text`, which white space separates
 * (code_point_is_space): equal words have equal numbers, those that `numbers` does
 * not hold yet get its next ones. */
MUST_CHECK status tokens_add_words(tokens *list, const char *text, string_table *numbers);

/* The code points of the words of `text`, with one space between two words, or
 * with nothing there. */
MUST_CHECK status tokens_add_characters(tokens *list, const char *text, bool spaces);
void tokens_clear(tokens *list); /* keeps the room */
void tokens_free(tokens *list);

#endif
