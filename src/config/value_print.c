/* value_print.c - a field, and its type, as text. */
#include "value.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "period.h"

static const char *field(const option *o, const config *c)
{
    return (const char *)c + o->offset;
}

static int64_t get_integer(const option *o, const config *c)
{
    int narrow;
    int64_t wide;
    if (o->size == sizeof narrow) {
        memcpy(&narrow, field(o, c), sizeof narrow);
        return narrow;
    }
    CHECK(o->size == sizeof wide);
    memcpy(&wide, field(o, c), sizeof wide);
    return wide;
}

static double get_real(const option *o, const config *c)
{
    double value;
    CHECK(o->size == sizeof value);
    memcpy(&value, field(o, c), sizeof value);
    return value;
}

static config_period get_period(const option *o, const config *c)
{
    config_period value;
    CHECK(o->size == sizeof value);
    memcpy(&value, field(o, c), sizeof value);
    return value;
}

static const char *get_text(const option *o, const config *c)
{
    const char *text;
    CHECK(o->size == sizeof text);
    memcpy(&text, field(o, c), sizeof text);
    return text;
}

bool value_is_null(const option *o, const config *c)
{
    bool text = o->type == OPTION_TEXT || o->type == OPTION_PATH || o->type == OPTION_PATHS ||
                o->type == OPTION_LIST;

    return text && !get_text(o, c);
}

/* The fewest digits that read back to the same double. A dot is always there:
 * YAML 1.1 readers, PyYAML among them, take 1e-09 for a string. */
static status add_real(double value, buffer *out)
{
    char digits[40];
    int precision = 6; /* so that 170 is not 1.7e+02 */
    do
        snprintf(digits, sizeof digits, "%.*g", precision, value);
    while (strtod(digits, NULL) != value && ++precision <= 17);
    size_t mantissa = strcspn(digits, "e");
    bool dotted = memchr(digits, '.', mantissa) != NULL;
    return buffer_add_text(out, "%.*s%s%s", (int)mantissa, digits, dotted ? "" : ".0",
                           digits + mantissa);
}

static bool is_reserved(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
        const char *word = words[i], *at = text;
        while (*word && (*at | 0x20) == *word)
            ++word, ++at;
        if (!*word && !*at)
            return true;
    }
    return false;
}

/* A text that every YAML reader takes for itself without quotes. */
static bool is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
    size_t first = strspn(text, letters);
    if (first == 0 || is_reserved(text))
        return false;
    for (const char *at = text; *at; ++at)
        if (!strchr(letters, *at) && !strchr("0123456789.-+=@", *at))
            return false;
    return true;
}

static status add_quoted(const char *text, buffer *out)
{
    TRY(buffer_add(out, "\"", 1));
    for (; *text; ++text) {
        if (*text == '"' || *text == '\\')
            TRY(buffer_add_text(out, "\\%c", *text));
        else if ((unsigned char)*text < 0x20 || *text == 0x7F)
            TRY(buffer_add_text(out, "\\x%02X", (unsigned)*text));
        else
            TRY(buffer_add(out, text, 1));
    }
    return buffer_add(out, "\"", 1);
}

static status add_text(const char *text, buffer *out)
{
    if (!text)
        return buffer_add_text(out, "null");
    return is_plain(text) ? buffer_add_text(out, "%s", text) : add_quoted(text, out);
}

/* One by itself, several as a list. */
static status add_paths(const char *paths, buffer *out)
{
    char path[FILE_PATH_MAX];
    int count = config_paths(paths);

    if (count <= 1)
        return add_text(paths, out);
    for (int i = 0; i < count; ++i) {
        CHECK(config_path_at(paths, i, path, sizeof path));
        TRY(buffer_add_text(out, i == 0 ? "[" : ", "));
        TRY(add_text(path, out));
    }
    return buffer_add(out, "]", 1);
}

/* In quotes, since words of lists are seldom plain. */
static status add_list(const char *words, buffer *out)
{
    char word[2] = "";

    TRY(buffer_add(out, "[", 1));
    for (const char *at = words ? words : ""; *at; ++at) {
        if (at == words)
            TRY(buffer_add(out, "\"", 1));
        if (*at == ' ') {
            TRY(buffer_add(out, "\", \"", 4));
            continue;
        }
        if (*at == '"' || *at == '\\')
            TRY(buffer_add(out, "\\", 1));
        word[0] = *at;
        TRY(buffer_add(out, word, 1));
    }
    return buffer_add_text(out, "%s]", words && *words ? "\"" : "");
}

status value_add(const option *o, const config *c, buffer *out)
{
    switch (o->type) {
    case OPTION_INTEGER:
        return buffer_add_text(out, "%lld", (long long)get_integer(o, c));
    case OPTION_REAL:
        return add_real(get_real(o, c), out);
    case OPTION_PERIOD:
        return period_add(get_period(o, c), out);
    case OPTION_CHOICE:
        return buffer_add_text(out, "%s", option_word(o, get_integer(o, c)));
    case OPTION_PATHS:
        return add_paths(get_text(o, c), out);
    case OPTION_LIST:
        return add_list(get_text(o, c), out);
    default:
        return add_text(get_text(o, c), out);
    }
}

static status add_number_type(const option *o, buffer *out)
{
    TRY(buffer_add_text(out, "%s %s %.16g",
                        o->type == OPTION_INTEGER ? "an integer" : "a number",
                        o->above_low ? "above" : "of at least", o->low));
    if (!isfinite(o->high))
        return STATUS_OK;
    return buffer_add_text(out, " and %s %.16g", o->below_high ? "below" : "at most", o->high);
}

static status add_words(const option *o, buffer *out)
{
    for (const option_choice *choice = o->choices; choice->word; ++choice)
        TRY(buffer_add_text(out, "%s%s", choice == o->choices ? "" : " | ", choice->word));
    return STATUS_OK;
}

status value_add_type(const option *o, buffer *out)
{
    switch (o->type) {
    case OPTION_INTEGER:
    case OPTION_REAL:
        return add_number_type(o, out);
    case OPTION_PERIOD:
        return buffer_add_text(out,
                               "steps, an integer of at least 1, or a time: 90s, 10min, 2h");
    case OPTION_CHOICE:
        return add_words(o, out);
    case OPTION_PATH:
        return buffer_add_text(out, "a path");
    case OPTION_PATHS:
        return buffer_add_text(out, "a path, or a list of paths such as [a.h5, b.h5]");
    case OPTION_LIST:
        return buffer_add_text(out, "a list of words");
    default:
        return buffer_add_text(out, "a text");
    }
}
