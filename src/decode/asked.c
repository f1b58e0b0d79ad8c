/* asked.c - where the symbols of a label or of tags stand. */
#include "asked.h"

int asked_count(const packed *asked, int sentence)
{
    int count = 0;

    if (asked == NULL)
        return 1;
    for (int r = asked->offsets[sentence]; r < asked->offsets[sentence + 1]; r++)
        count += asked->ids[r] >= 0;
    return count;
}

search_output asked_output(arena *arena, int count)
{
    return (search_output){.ids = arena_push(arena, (size_t)count + 1, sizeof(int32_t)),
                           .ended = true};
}
