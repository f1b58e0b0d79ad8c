/* json.c - one JSON object, written piece by piece. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void put(json *j, const char *bytes, size_t size)
{
    if (j->failure == STATUS_OK)
        j->failure = buffer_add(&j->text, bytes, size);
}

static void put_text(json *j, const char *text)
{
    put(j, text, strlen(text));
}

static void put_quoted(json *j, const char *text)
{
    put(j, "\"", 1);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char escape[8];

        if (c == '"' || c == '\\')
            snprintf(escape, sizeof(escape), "\\%c", c);
        else if (c < 0x20)
            snprintf(escape, sizeof(escape), "\\u%04x", c);
        else
            snprintf(escape, sizeof(escape), "%c", c);
        put_text(j, escape);
    }
    put(j, "\"", 1);
}

static void put_key(json *j, const char *key)
{
    if (j->separate)
        put(j, ", ", 2);
    j->separate = true;
    if (key == NULL)
        return;
    put_quoted(j, key);
    put(j, ": ", 2);
}

static void begin(json *j, const char *key, const char *bracket)
{
    put_key(j, key);
    put_text(j, bracket);
    j->separate = false;
}

static void end(json *j, const char *bracket)
{
    put_text(j, bracket);
    j->separate = true;
}

void json_begin(json *j, const char *key)
{
    begin(j, key, "{");
}

void json_end(json *j)
{
    end(j, "}");
}

void json_begin_list(json *j, const char *key)
{
    begin(j, key, "[");
}

void json_end_list(json *j)
{
    end(j, "]");
}

void json_add_text(json *j, const char *key, const char *text)
{
    put_key(j, key);
    put_quoted(j, text);
}

void json_add_integer(json *j, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, value);
    put_key(j, key);
    put_text(j, text);
}

void json_add_number(json *j, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.9g", value);
    put_key(j, key);
    put_text(j, isfinite(value) ? text : "null");
}

void json_add_bool(json *j, const char *key, bool value)
{
    put_key(j, key);
    put_text(j, value ? "true" : "false");
}

status json_print(json *j)
{
    put(j, "\n", 1);
    status result = j->failure;

    if (result == STATUS_OK)
        fputs(j->text.data, stdout);
    buffer_free(&j->text);
    return result;
}
