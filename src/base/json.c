/* json.c - one JSON object, written piece by piece. */
#include "lockstep/base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lockstep/base/utf8.h"

static void put(json *j, const char *bytes, size_t size)
{
    if (j->failure == STATUS_OK)
        j->failure = buffer_add(&j->text, bytes, size);
}

static void put_text(json *j, const char *text)
{
    put(j, text, strlen(text));
}

/* ---- texts ---- */

/* Bytes at the beginning of a text that stand for themselves. */
static size_t plain(const char *text, size_t size)
{
    int32_t code_point;
    size_t at = 0;

    while (at < size && (unsigned char)text[at] >= 0x20 && text[at] != '"' &&
           text[at] != '\\') {
        int step = utf8_step(text + at, size - at, &code_point);

        if (step == 0)
            break;
        at += (size_t)step;
    }
    return at;
}

static void put_escaped(json *j, unsigned char c)
{
    char escape[8];

    if (c == '"' || c == '\\')
        snprintf(escape, sizeof(escape), "\\%c", c);
    else
        snprintf(escape, sizeof(escape), "\\u%04x", c < 0x20 ? c : 0xfffdU);
    put_text(j, escape);
}

static void put_quoted(json *j, const char *text)
{
    size_t size = strlen(text);

    put(j, "\"", 1);
    for (size_t at = 0; at < size;) {
        size_t same = plain(text + at, size - at);

        put(j, text + at, same);
        at += same;
        if (at < size)
            put_escaped(j, (unsigned char)text[at++]);
    }
    put(j, "\"", 1);
}

/* ---- objects and lists ---- */

static void put_key(json *j, const char *key)
{
    if (j->separate)
        put(j, ",", 1);
    if (j->separate || j->new_line)
        put(j, j->new_line ? "\n" : " ", 1);
    j->separate = true;
    j->new_line = false;
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
    if (j->new_line)
        put(j, "\n", 1);
    put_text(j, bracket);
    j->separate = true;
    j->new_line = false;
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

void json_break(json *j)
{
    j->new_line = true;
}

/* ---- values ---- */

void json_add_text(json *j, const char *key, const char *text)
{
    put_key(j, key);
    put_quoted(j, text);
}

void json_add_value(json *j, const char *key, const char *text, size_t size)
{
    put_key(j, key);
    put(j, text, size);
}

void json_add_integer(json *j, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, value);
    put_key(j, key);
    put_text(j, text);
}

/* `format` takes a precision and the number. */
static void add_real(json *j, const char *key, const char *format, int precision, double value)
{
    put_key(j, key);
    if (!isfinite(value))
        put_text(j, "null");
    else if (j->failure == STATUS_OK)
        j->failure = buffer_add_text(&j->text, format, precision, value);
}

void json_add_number(json *j, const char *key, double value, int digits)
{
    add_real(j, key, "%.*g", digits, value);
}

void json_add_fixed(json *j, const char *key, double value, int decimals)
{
    add_real(j, key, "%.*f", decimals, value);
}

void json_add_bool(json *j, const char *key, bool value)
{
    put_key(j, key);
    put_text(j, value ? "true" : "false");
}

/* ---- the whole ---- */

status json_end_line(json *j)
{
    put(j, "\n", 1);
    return j->failure;
}

status json_write(json *j, FILE *out, const char *name)
{
    status result = json_end_line(j);

    if (result == STATUS_OK &&
        (fwrite(j->text.data, 1, j->text.size, out) < j->text.size || fflush(out) != 0))
        result = fail(STATUS_IO, "%s: cannot write: %s", name, strerror(errno));
    buffer_clear(&j->text);
    *j = (json){.text = j->text};
    return result;
}

status json_print(json *j)
{
    status result = json_write(j, stdout, "standard output");

    json_free(j);
    return result;
}

void json_free(json *j)
{
    buffer_free(&j->text);
    *j = (json){0};
}
