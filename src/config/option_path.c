/* option_path.c - finding rows of the table by path, and what they say. */
#include <stdio.h>
#include <string.h>

#include "lockstep/config/nearest.h"
#include "option.h"

const option *option_find(const char *path)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i)
        if (strcmp(table[i].path, path) == 0)
            return &table[i];
    return NULL;
}

bool option_is_section(const char *path)
{
    int count;
    const option *table = option_table(&count);
    size_t size = strlen(path);
    for (int i = 0; i < count; ++i)
        if (strncmp(table[i].path, path, size) == 0 && table[i].path[size] == '.')
            return true;
    return false;
}

bool option_applies(const option *o, const config *c)
{
    return !o->applies || o->applies->holds(c);
}

const char *option_word(const option *o, int64_t value)
{
    CHECK(o->type == OPTION_CHOICE);
    const option_choice *choice = o->choices;
    while (choice->word && choice->value != value)
        ++choice;
    CHECK(choice->word != NULL);
    return choice->word;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static void nearest_section(const char *path, char out[OPTION_PATH_MAX])
{
    int count, best = NEAREST_LENGTH_MAX;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i) {
        const char *dot = table[i].path;
        while ((dot = strchr(dot, '.'))) {
            char section[OPTION_PATH_MAX];
            snprintf(section, sizeof section, "%.*s", (int)(dot++ - table[i].path),
                     table[i].path);
            nearest near;
            nearest_init(&near, path);
            nearest_add(&near, section);
            if (!near.best || near.distance >= best)
                continue;
            best = near.distance;
            snprintf(out, OPTION_PATH_MAX, "%s", section);
        }
    }
}

static void nearest_key(const char *path, char out[OPTION_PATH_MAX])
{
    int count;
    const option *table = option_table(&count);
    nearest whole, part;
    nearest_init(&whole, path);
    nearest_init(&part, last_part(path));
    const char *sibling = NULL; /* the right key in the wrong section */
    for (int i = 0; i < count; ++i) {
        nearest_add(&whole, table[i].path);
        const char *before = part.best;
        nearest_add(&part, last_part(table[i].path));
        if (part.best != before)
            sibling = table[i].path;
    }
    const char *found = whole.best ? whole.best : sibling;
    snprintf(out, OPTION_PATH_MAX, "%s", found ? found : "");
}

void option_nearest(const char *path, bool section, char out[OPTION_PATH_MAX])
{
    out[0] = 0;
    if (section)
        nearest_section(path, out);
    else
        nearest_key(path, out);
}
