/* code_point.c - UTF-8 text, one code point at a time. */
#include "lockstep/metrics/code_point.h"

/* Bytes that follow a first byte, and the bits of the first byte that count. */
static int tail_bytes(unsigned char first, int32_t *bits)
{
    static const struct {
        unsigned char mask, value;
    } kinds[] = {{0xe0, 0xc0}, {0xf0, 0xe0}, {0xf8, 0xf0}};

    *bits = first;
    for (int k = 0; k < 3; k++) {
        if ((first & kinds[k].mask) == kinds[k].value) {
            *bits = first & (unsigned char)~kinds[k].mask;
            return k + 1;
        }
    }
    return 0;
}

int32_t code_point_next(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    int32_t value;

    if (at[0] == 0)
        return 0;
    int tail = tail_bytes(at[0], &value);

    for (int k = 1; k <= tail; k++) {
        if ((at[k] & 0xc0) != 0x80) { /* not UTF-8: the byte stands alone */
            *text += 1;
            return at[0];
        }
        value = value << 6 | (at[k] & 0x3f);
    }
    *text += tail + 1;
    return value;
}

bool code_point_is_space(int32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}
