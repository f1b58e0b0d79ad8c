/* tokens.c - a text as a sequence of numbers: its words or its characters. */
#include "lockstep/metrics/tokens.h"

#include <limits.h>

#include "code_point.h"
#include "lockstep/base/memory.h"

static status grow(tokens *list)
{
    if (list->room > INT_MAX / 2)
        return fail(STATUS_NOMEM,
                    "a text of more than %d tokens is too long "
                    "for a metric",
                    list->room);
    int room = list->room == 0 ? 64 : 2 * list->room;
    int32_t *items = memory_resize(list->items, (size_t)room, sizeof(*list->items));

    if (items == NULL)
        return fail(STATUS_NOMEM, "no memory for a text of %d tokens", room);
    list->items = items;
    list->room = room;
    return STATUS_OK;
}

status tokens_add(tokens *list, int32_t item)
{
    if (list->count == list->room)
        TRY(grow(list));
    list->items[list->count++] = item;
    return STATUS_OK;
}

static status number_of(string_table *words, const char *word, size_t size, int32_t *out)
{
    *out = string_table_find(words, word, size);
    if (*out >= 0)
        return STATUS_OK;
    *out = (int32_t)words->count;
    return string_table_add(words, word, size);
}

/* The next word of the text, or NULL; `*text` moves behind it. */
static const char *next_word(const char **text, size_t *size)
{
    const char *begin = NULL, *before = *text;

    for (int32_t c; (c = code_point_next(text)) != 0; before = *text) {
        if (begin == NULL && !code_point_is_space(c))
            begin = before;
        else if (begin != NULL && code_point_is_space(c))
            break;
    }
    *size = begin == NULL ? 0 : (size_t)(before - begin);
    return begin;
}

status tokens_add_words(tokens *list, const char *text, string_table *numbers)
{
    size_t size;
    int32_t number;

    for (const char *word; (word = next_word(&text, &size)) != NULL;) {
        TRY(number_of(numbers, word, size, &number));
        TRY(tokens_add(list, number));
    }
    return STATUS_OK;
}

status tokens_add_characters(tokens *list, const char *text, bool spaces)
{
    bool gap = false, begun = false;

    for (int32_t c = code_point_next(&text); c != 0; c = code_point_next(&text)) {
        if (code_point_is_space(c)) {
            gap = begun;
            continue;
        }
        if (gap && spaces)
            TRY(tokens_add(list, ' '));
        TRY(tokens_add(list, c));
        gap = false;
        begun = true;
    }
    return STATUS_OK;
}

void tokens_clear(tokens *list)
{
    list->count = 0;
}

void tokens_free(tokens *list)
{
    memory_destroy(list->items);
    *list = (tokens){0};
}
