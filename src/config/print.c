/* print.c - the resolved configuration as YAML. */
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/config/config.h"
#include "option.h"
#include "value.h"

/* Characters of both paths, up to and with the last dot, that are the same. */
static size_t shared_sections(const char *a, const char *b)
{
    size_t shared = 0;
    for (size_t i = 0; a[i] && a[i] == b[i]; ++i)
        if (a[i] == '.')
            shared = i + 1;
    return shared;
}

static status add_indent(buffer *out, int depth)
{
    return buffer_add_text(out, "%*s", 2 * depth, "");
}

/* The lines "section:" that lead from the key before to this one, and the key. */
static status add_key(const char *path, const char *before, buffer *out)
{
    size_t shared = shared_sections(path, before);
    int depth = 0;
    const char *part = path;
    for (const char *dot; (dot = strchr(part, '.')); part = dot + 1, ++depth) {
        if ((size_t)(dot - path) < shared)
            continue;
        TRY(add_indent(out, depth));
        TRY(buffer_add_text(out, "%.*s:\n", (int)(dot - part), part));
    }
    TRY(add_indent(out, depth));
    return buffer_add_text(out, "%s: ", part);
}

static status add_all(const config *c, buffer *out)
{
    int count;
    const option *table = option_table(&count);
    const char *before = "";
    for (int i = 0; i < count; ++i) {
        if (!option_applies(&table[i], c) || value_is_null(&table[i], c))
            continue;
        TRY(add_key(table[i].path, before, out));
        TRY(value_add(&table[i], c, out));
        TRY(buffer_add(out, "\n", 1));
        before = table[i].path;
    }
    return STATUS_OK;
}

status config_print(const config *c, char **out)
{
    buffer text = {0};
    status result = add_all(c, &text);
    if (result == STATUS_OK) {
        *out = memory_copy_text(text.data);
        if (!*out)
            result = fail(STATUS_NOMEM, "no memory to print a configuration");
    }
    buffer_free(&text);
    return result;
}
