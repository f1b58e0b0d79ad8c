/* join.c - subwords back to words by their continuation mark. */
#include "lockstep/text/join.h"

#include <string.h>

/* Does a mark that ends a word stand here? */
static int is_mark(const char *text, size_t size, const char *mark, size_t mark_size)
{
    return mark_size > 0 && size >= mark_size && memcmp(text, mark, mark_size) == 0 &&
           (size == mark_size || text[mark_size] == ' ');
}

status text_join(const char *line, size_t size, const char *continuation, buffer *out)
{
    size_t mark_size = strlen(continuation), first = 0, at = 0;

    while (at < size) {
        if (!is_mark(line + at, size - at, continuation, mark_size)) {
            at++;
            continue;
        }
        TRY(buffer_add(out, line + first, at - first));
        at += mark_size;
        if (at < size)
            at++; /* the space behind the mark */
        first = at;
    }
    return buffer_add(out, line + first, size - first);
}
