/* utf8.h - UTF-8 checked and walked (utf8proc). */
#ifndef LOCKSTEP_TEXT_UTF8_H
#define LOCKSTEP_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Offset of the first byte that is not valid UTF-8 (overlong forms, surrogates
 * and NUL bytes are not), or `size` when all is valid. */
size_t utf8_check(const char *text, size_t size);

/* Bytes of the code point at `text` (valid UTF-8, size > 0). */
int utf8_step(const char *text, size_t size, int32_t *code_point);

/* White space by Unicode (the property White_Space). */
int utf8_is_space(int32_t code_point);

/* A word of a line of valid UTF-8. */
typedef struct utf8_word {
    const char *text;
    size_t size;
} utf8_word;

/* The next word of `line` at or after `*at`, between white space; `*at` moves
 * behind it. 0 when there is none. Start with `*at` = 0. */
int utf8_next_word(const char *line, size_t size, size_t *at, utf8_word *out);

#endif
