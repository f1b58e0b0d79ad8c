/* utf8.c - UTF-8 read and checked. */
#include "lockstep/base/utf8.h"

/* The forms of a code point, by its first byte; what is below `least` has a
 * shorter form. */
static const struct form {
    unsigned char mask, value;
    int32_t least;
} forms[UTF8_MAX] = {
    {0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

int utf8_step(const char *text, size_t size, int32_t *code_point)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t tail = 0;

    while (tail < UTF8_MAX && (at[0] & forms[tail].mask) != forms[tail].value)
        tail++;
    if (tail == UTF8_MAX || tail >= size)
        return 0;
    int32_t value = at[0] & (unsigned char)~forms[tail].mask;

    for (size_t i = 1; i <= tail; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3f);
    }
    if (value < forms[tail].least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *code_point = value;
    return (int)tail + 1;
}

size_t utf8_check(const char *text, size_t size)
{
    int32_t code_point;
    size_t at = 0;

    while (at < size && text[at] != 0) {
        int step = utf8_step(text + at, size - at, &code_point);

        if (step == 0)
            break;
        at += (size_t)step;
    }
    return at;
}
