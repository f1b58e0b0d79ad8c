/* tokens.c - a text as a sequence of numbers: its words or its characters. */
#include "lockstep/metrics/tokens.h"

#include <limits.h>

#include "lockstep/base/memory.h"
#include "lockstep/metrics/code_point.h"

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
