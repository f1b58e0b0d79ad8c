/* part.c - a line taken apart: utf8proc knows what white space is. */
#include "lockstep/text/part.h"

#include <string.h>

#include <utf8proc.h>

#include "lockstep/base/status.h"
#include "lockstep/base/utf8.h"

static bool is_space(int32_t code_point)
{
    if (code_point < 0x80)
        return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
    if (code_point == 0x85) /* next line: a control, so not found below */
        return true;
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return false;
    }
}

static size_t step(const char *line, size_t size, size_t at, int32_t *code_point)
{
    int bytes = utf8_step(line + at, size - at, code_point);

    CHECK(bytes > 0);
    return (size_t)bytes;
}

/* The first place at or after `at` where being a space equals `space`. */
static size_t find_space(const char *line, size_t size, size_t at, bool space)
{
    int32_t code_point;

    for (size_t bytes; at < size; at += bytes) {
        bytes = step(line, size, at, &code_point);
        if (is_space(code_point) == space)
            break;
    }
    return at;
}

bool part_next_word(const char *line, size_t size, size_t *at, part *out)
{
    size_t first = find_space(line, size, *at, false);
    size_t last = find_space(line, size, first, true);

    *out = (part){.text = line + first, .size = last - first};
    *at = last;
    return last > first;
}

bool part_next_character(const char *line, size_t size, size_t *at, part *out)
{
    int32_t code_point;

    if (*at >= size)
        return false;
    *out = (part){.text = line + *at, .size = step(line, size, *at, &code_point)};
    *at += out->size;
    return true;
}

bool part_next_line(const char *line, size_t size, size_t *at, part *out)
{
    part word;

    if (!part_next_word(line, size, at, out))
        return false;
    while (part_next_word(line, size, at, &word))
        out->size = (size_t)(word.text + word.size - out->text);
    return true;
}

bool part_goes_on(const part *word, const char *continuation)
{
    size_t size = strlen(continuation);

    return size > 0 && word->size >= size &&
           memcmp(word->text + word->size - size, continuation, size) == 0;
}

size_t part_count_words(const char *line, size_t size, const char *continuation)
{
    size_t words = 0, at = 0;
    bool inside = false;
    part found;

    while (part_next_word(line, size, &at, &found)) {
        words += !inside;
        inside = part_goes_on(&found, continuation);
    }
    return words;
}
