/* tag_scheme.c - which tags may follow which. */
#include "lockstep/metrics/tag_scheme.h"

#include <stddef.h>
#include <string.h>

tag tag_of(const char *name)
{
    const char *hyphen = *name == '\0' ? NULL : strchr(name + 1, '-');

    if (*name == '\0')
        return (tag){.place = 'O', .type = ""};
    return (tag){.place = *name, .type = hyphen != NULL ? hyphen + 1 : name + 1};
}

static bool is_open(tag t)
{
    return t.place == 'B' || t.place == 'I';
}

static bool goes_on(tag before, tag now)
{
    return is_open(before) && strcmp(before.type, now.type) == 0;
}

static bool iob1(tag before, tag now)
{
    return now.place != 'B' || goes_on(before, now);
}

static bool iob2(tag before, tag now)
{
    return now.place != 'I' || goes_on(before, now);
}

static bool bioes(tag before, tag now)
{
    bool inside = now.place == 'I' || now.place == 'E';

    return inside ? goes_on(before, now) : !is_open(before);
}

static const tag_scheme schemes[] = {{"iob1", iob1}, {"iob2", iob2}, {"bioes", bioes}};

const tag_scheme *tag_scheme_find(const char *name)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strcmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

bool tag_may_follow(const tag_scheme *scheme, const char *before, const char *now)
{
    return scheme->may_follow(tag_of(before == NULL ? "" : before),
                              tag_of(now == NULL ? "" : now));
}
