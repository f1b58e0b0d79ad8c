/* utf8.h - UTF-8 read and checked. */
#ifndef LOCKSTEP_BASE_UTF8_H
#define LOCKSTEP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4 }; /* bytes of the longest code point */

/* Bytes of the code point at `text`, of which `size` (at least 1) may be read; 0
 * when what stands there is not UTF-8 (overlong forms and surrogates are not).
 * `*code_point` is set unless 0 is returned. A 0 byte is a code point. */
int utf8_step(const char *text, size_t size, int32_t *code_point);

/* Offset of the first code point that is not valid UTF-8, or a 0 byte's, or
 * `size` when all is valid. */
size_t utf8_check(const char *text, size_t size);

#endif
