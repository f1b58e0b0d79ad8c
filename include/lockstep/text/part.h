/* part.h - a line taken apart, into its words or its characters. */
#ifndef LOCKSTEP_TEXT_PART_H
#define LOCKSTEP_TEXT_PART_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a line of valid UTF-8; borrows from it. */
typedef struct part {
    const char *text;
    size_t size;
} part;

/* The next part of `line` at or after `*at`, which moves behind it; false when
 * there is none. Start with `*at` = 0. */
typedef bool part_next(const char *line, size_t size, size_t *at, part *out);

part_next part_next_word;      /* between white space (Unicode's White_Space) */
part_next part_next_character; /* a code point */
part_next part_next_line;      /* the whole, once, without white space at its ends */

/* Does `continuation`, which may be empty, end the word, so that it goes on in the next? */
bool part_goes_on(const part *word, const char *continuation);

/* Words of a line, each counted once with all in which it goes on. */
size_t part_count_words(const char *line, size_t size, const char *continuation);

#endif
