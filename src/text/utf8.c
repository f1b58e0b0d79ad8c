/* utf8.c - UTF-8 checked and walked. */
#include "lockstep/text/utf8.h"

#include <utf8proc.h>

#include "lockstep/base/status.h"

static int decode(const char *text, size_t size, int32_t *code_point)
{
    utf8proc_ssize_t room = size < 4 ? (utf8proc_ssize_t)size : 4;

    return (int)utf8proc_iterate((const utf8proc_uint8_t *)text, room, code_point);
}

size_t utf8_check(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size) {
        unsigned char byte = (unsigned char)text[at];
        int32_t code_point;
        int step = 1;

        if (byte == 0)
            break;
        if (byte >= 0x80)
            step = decode(text + at, size - at, &code_point);
        if (step <= 0)
            break;
        at += (size_t)step;
    }
    return at;
}

int utf8_step(const char *text, size_t size, int32_t *code_point)
{
    unsigned char byte = (unsigned char)text[0];

    if (byte < 0x80) {
        *code_point = byte;
        return 1;
    }
    int step = decode(text, size, code_point);

    CHECK(step > 0);
    return step;
}

int utf8_is_space(int32_t code_point)
{
    if (code_point < 0x80)
        return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
    if (code_point == 0x85) /* next line: a control, so not found below */
        return 1;
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return 1;
    default:
        return 0;
    }
}

/* The first place at or after `at` where being a space equals `space`. */
static size_t find_space(const char *line, size_t size, size_t at, int space)
{
    while (at < size) {
        int32_t code_point;
        int step = utf8_step(line + at, size - at, &code_point);

        if (utf8_is_space(code_point) == space)
            break;
        at += (size_t)step;
    }
    return at;
}

int utf8_next_word(const char *line, size_t size, size_t *at, utf8_word *out)
{
    size_t first = find_space(line, size, *at, 0);
    size_t last = find_space(line, size, first, 1);

    *out = (utf8_word){.text = line + first, .size = last - first};
    *at = last;
    return last > first;
}
