/* code_point.c - UTF-8 text, one code point at a time. */
#include "code_point.h"

#include <string.h>

#include "lockstep/base/utf8.h"

int32_t code_point_next(const char **text)
{
    int32_t found;

    if (**text == 0)
        return 0;
    int step = utf8_step(*text, strnlen(*text, UTF8_MAX), &found);

    if (step == 0) { /* not UTF-8: the byte stands alone */
        found = (unsigned char)**text;
        step = 1;
    }
    *text += step;
    return found;
}

bool code_point_is_space(int32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}
