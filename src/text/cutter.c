/* cutter.c - how a line comes apart into symbols. */
#include "cutter.h"

#include <string.h>

#include "lockstep/base/status.h"

static bool next_character(const cutter *by, const char *line, size_t size, size_t *at,
                           part *out)
{
    size_t longest = 0;

    for (int i = by->first; i < by->end && *at < size; i++) {
        const char *text = string_table_at(by->symbols, (size_t)i);
        size_t length = strlen(text);
        if (length > longest && length <= size - *at && memcmp(line + *at, text, length) == 0)
            longest = length;
    }
    if (longest == 0)
        return part_next_character(line, size, at, out);
    *out = (part){.text = line + *at, .size = longest};
    *at += longest;
    return true;
}

bool cutter_next(const cutter *by, const char *line, size_t size, size_t *at, part *out)
{
    switch (by->kind) {
    case VOCABULARY_CHARACTERS:
        return next_character(by, line, size, at, out);
    case VOCABULARY_WORDS:
        return part_next_word(line, size, at, out);
    case VOCABULARY_LINES:
        return part_next_line(line, size, at, out);
    case VOCABULARY_SENTENCEPIECE:
        break;
    }
    CHECK(by->kind != VOCABULARY_SENTENCEPIECE);
    return false;
}
