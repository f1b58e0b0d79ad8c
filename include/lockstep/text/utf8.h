/* utf8.h - UTF-8 checked and walked (utf8proc). */
#ifndef LOCKSTEP_TEXT_UTF8_H
#define LOCKSTEP_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and
 * NUL bytes are not), or `size` when all is valid. */
size_t utf8_check(const char *text, size_t size);

/* Bytes of the code point at `text` (valid UTF-8, size > 0). */
int utf8_step(const char *text, size_t size, int32_t *code_point);

/* White space by Unicode. */
int utf8_is_space(int32_t code_point);

#endif
