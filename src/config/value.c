/* value.c - text into a field. */
#include "value.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "period.h"
#include "words.h"

static char *field(const option *o, config *c)
{
    return (char *)c + o->offset;
}

char **value_text(const option *o, config *c)
{
    CHECK(o->size == sizeof(char *));
    return (char **)(void *)field(o, c);
}

static bool is_text(const option *o)
{
    return o->type == OPTION_TEXT || o->type == OPTION_PATH || o->type == OPTION_PATHS ||
           o->type == OPTION_LIST;
}

static void set_integer(const option *o, config *c, int64_t value)
{
    int narrow = (int)value;
    memcpy(field(o, c), o->size == sizeof narrow ? (void *)&narrow : (void *)&value, o->size);
}

const char *value_excerpt(const char *text, char out[VALUE_EXCERPT_MAX])
{
    enum { SHOWN = 60 };
    size_t size = strlen(text), shown = size > SHOWN ? SHOWN : size;
    while (shown < size && shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80)
        --shown; /* never half a character */
    for (size_t i = 0; i < shown; ++i)
        out[i] = (unsigned char)text[i] < 0x20 ? '?' : text[i];
    snprintf(out + shown, VALUE_EXCERPT_MAX - shown, "%s", shown < size ? "..." : "");
    return out;
}

static status refuse(const option *o, const char *text)
{
    char shown[VALUE_EXCERPT_MAX];
    buffer type = {0};
    status result = value_add_type(o, &type);
    if (result == STATUS_OK)
        result = fail(STATUS_CONFIG, "%s: `%s` is not allowed; give %s", o->path,
                      value_excerpt(text, shown), type.data);
    buffer_free(&type);
    return result;
}

/* Beyond 2^53 a double would take its neighbour for a bound. */
static bool in_bounds(const option *o, long long value)
{
    return value >= (long long)o->low && value <= (long long)o->high;
}

static bool in_range(const option *o, double value)
{
    return (o->above_low ? value > o->low : value >= o->low) &&
           (o->below_high ? value < o->high : value <= o->high);
}

static status load_integer(const option *o, config *c, const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!*text || strspn(text, "+-0123456789") != strlen(text) || *end || errno ||
        !in_bounds(o, value))
        return refuse(o, text);
    set_integer(o, c, value);
    return STATUS_OK;
}

static status load_real(const option *o, config *c, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (!*text || strspn(text, "+-.0123456789eE") != strlen(text) || *end || !isfinite(value) ||
        !in_range(o, value))
        return refuse(o, text);
    memcpy(field(o, c), &value, sizeof value);
    return STATUS_OK;
}

static status load_period(const option *o, config *c, const char *text)
{
    config_period value;
    CHECK(o->size == sizeof value);
    if (!period_read(text, o->high, &value))
        return refuse(o, text);
    memcpy(field(o, c), &value, sizeof value);
    return STATUS_OK;
}

/* A switch has the three spellings of YAML's core schema. */
static bool is_word(const option *o, const char *word, const char *text)
{
    static const char *const spellings[][3] = {{"false", "False", "FALSE"},
                                               {"true", "True", "TRUE"}};
    bool found = strcmp(word, text) == 0;
    for (int i = 0; i < 2 && o->choices == switch_words; ++i)
        for (int k = 1; k < 3 && strcmp(word, spellings[i][0]) == 0; ++k)
            found |= strcmp(text, spellings[i][k]) == 0;
    return found;
}

static status load_choice(const option *o, config *c, const char *text)
{
    for (const option_choice *choice = o->choices; choice->word; ++choice) {
        if (!is_word(o, choice->word, text))
            continue;
        set_integer(o, c, choice->value);
        return STATUS_OK;
    }
    return refuse(o, text);
}

static status load_text(const option *o, config *c, const char *text)
{
    char *copy = memory_copy_text(text);
    if (!copy)
        return fail(STATUS_NOMEM, "%s: no memory for its value", o->path);
    char **place = value_text(o, c);
    memory_destroy(*place);
    *place = copy;
    return STATUS_OK;
}

static status check_path(const option *o, const char *path)
{
    if (!*path)
        return fail(STATUS_CONFIG, "%s: the path is empty; give one, or leave the key out",
                    o->path);
    if (strncmp(path, "~/", 2) == 0 || strcmp(path, "~") == 0)
        return fail(
            STATUS_CONFIG,
            "%s: `%s`: only a shell knows what ~ is; write the whole path (for a folder "
            "that is called ~: ./~)",
            o->path, path);
    return STATUS_OK;
}

static status load_path(const option *o, config *c, const char *text)
{
    TRY(check_path(o, text));
    return load_text(o, c, text);
}

static status check_twice(const option *o, const char *paths, int number, const char *path)
{
    char before[FILE_PATH_MAX];

    for (int i = 0; i < number; ++i)
        if (config_path_at(paths, i, before, sizeof before) && strcmp(before, path) == 0)
            return fail(STATUS_CONFIG, "%s: %s is there twice", o->path, path);
    return STATUS_OK;
}

static status load_paths(const option *o, config *c, const char *text)
{
    char path[FILE_PATH_MAX];
    int count = config_paths(text);

    if (count == 1)
        return load_path(o, c, text);
    for (int i = 0; i < count; ++i) {
        if (!config_path_at(text, i, path, sizeof path))
            return fail(STATUS_CONFIG, "%s: a path is too long", o->path);
        TRY(check_path(o, path));
        TRY(check_twice(o, text, i, path));
    }
    return load_text(o, c, text);
}

static status load_list(const option *o, config *c, const char *text)
{
    if (strpbrk(text, " \t\r"))
        return fail(STATUS_CONFIG, "%s: a word of a list has white space in it", o->path);
    TRY(load_text(o, c, text));
    for (char *at = *value_text(o, c); *at; ++at)
        *at = *at == '\n' ? ' ' : *at;
    return STATUS_OK;
}

status value_load(const option *o, config *c, const char *text, bool quoted)
{
    bool number = o->type == OPTION_INTEGER || o->type == OPTION_REAL ||
                  (o->type == OPTION_PERIOD && strspn(text, "0123456789") == strlen(text));
    if (number && quoted)
        return fail(STATUS_CONFIG, "%s: a number stands in quotes; write it without", o->path);
    switch (o->type) {
    case OPTION_INTEGER:
        return load_integer(o, c, text);
    case OPTION_REAL:
        return load_real(o, c, text);
    case OPTION_PERIOD:
        return load_period(o, c, text);
    case OPTION_CHOICE:
        return load_choice(o, c, text);
    case OPTION_PATH:
        return load_path(o, c, text);
    case OPTION_PATHS:
        return load_paths(o, c, text);
    case OPTION_LIST:
        return load_list(o, c, text);
    default:
        return load_text(o, c, text);
    }
}

status value_init(const option *o, config *c)
{
    if (o->initial)
        return value_load(o, c, o->initial, false);
    CHECK(is_text(o));
    value_free(o, c);
    return STATUS_OK;
}

status value_copy(const option *from, const option *to, config *c)
{
    CHECK(from->type == to->type && from->size == to->size);
    if (!is_text(from)) {
        memcpy(field(to, c), field(from, c), to->size);
        return STATUS_OK;
    }
    const char *text = *value_text(from, c);
    if (text)
        return load_text(to, c, text);
    value_free(to, c);
    return STATUS_OK;
}

void value_free(const option *o, config *c)
{
    if (!is_text(o))
        return;
    char **place = value_text(o, c);
    memory_destroy(*place);
    *place = NULL;
}
