/* check_symbols.c - what symbols of a user's own may be. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "option.h"

/* The words of a list that stand before `end`, and the word [at, at + size): the same? */
static bool is_there(const char *list, const char *end, const char *at, size_t size)
{
    for (const char *word = list; word < end; word += strcspn(word, " ") + 1)
        if (strcspn(word, " ") == size && strncmp(word, at, size) == 0)
            return true;
    return false;
}

status check_symbols(const config_side *side, const char *name, const given *g)
{
    static const char specials[] = "<unk> <begin> <end> <mask>";
    char path[OPTION_PATH_MAX];

    snprintf(path, sizeof path, "data.%s.symbols", name);
    for (const char *at = side->symbols; at != NULL && *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        bool special = is_there(specials, specials + sizeof specials - 1, at, size);
        if (special || is_there(side->symbols, at, at, size)) {
            fail(STATUS_CONFIG, "%s: %.*s %s", path, (int)size, at,
                 special ? "is there already, for other uses" : "stands there twice");
            return given_refuse(g, path);
        }
        at += size;
    }
    return STATUS_OK;
}
