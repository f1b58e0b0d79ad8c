/* code_point.h - UTF-8 text, one code point at a time.
 *
 * Metrics may be asked about anything a model printed: bytes that are not UTF-8
 * count as one code point each, and no read goes past the final 0 byte.
 */
#ifndef LOCKSTEP_SRC_METRICS_CODE_POINT_H
#define LOCKSTEP_SRC_METRICS_CODE_POINT_H

#include <stdbool.h>
#include <stdint.h>

/* The code point at `*text`, which moves behind it; 0 at the end of the text,
 * where `*text` stays. */
int32_t code_point_next(const char **text);

/* White space as Python's str.split sees it, which sacreBLEU relies on. */
bool code_point_is_space(int32_t code_point);

#endif
