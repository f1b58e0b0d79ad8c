/* config.c - from a file and overrides to checked values. */
#include "lockstep/config/config.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "document.h"
#include "given.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "option.h"
#include "value.h"

/* A file of this size is something else: data, or a program. */
enum { TEXT_MAX = 256 * 1024 };

typedef struct loader {
    config *config;
    given *given;
    int override; /* the one being applied; -1: the file is being read */
    int values;   /* that were read so far, null ones too */
} loader;

static status config_init(config *c)
{
    int count;
    const option *table = option_table(&count);
    memset(c, 0, sizeof *c);
    for (int i = 0; i < count; ++i)
        TRY(value_init(&table[i], c));
    return STATUS_OK;
}

void config_free(config *c)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i)
        value_free(&table[i], c);
    memset(c, 0, sizeof *c);
}

/* ---- one entry of the file or of an override ---- */

static status refuse_unknown(const document_entry *entry)
{
    char near[OPTION_PATH_MAX], shown[VALUE_EXCERPT_MAX];
    option_nearest(entry->path, entry->section, near);
    const char *what = entry->section ? "section" : "key";
    value_excerpt(entry->path, shown);
    if (*near)
        return fail(STATUS_CONFIG, "unknown %s `%s`; did you mean `%s`?", what, shown, near);
    return fail(STATUS_CONFIG,
                "unknown %s `%s`; `lockstep config --reference` lists all "
                "keys",
                what, shown);
}

static status load_section(const document_entry *entry)
{
    if (option_is_section(entry->path))
        return STATUS_OK;
    if (option_find(entry->path))
        return fail(STATUS_CONFIG, "%s is one value, not a section", entry->path);
    return refuse_unknown(entry);
}

/* A list where one is expected, and one value elsewhere. */
static status check_form(const document_entry *entry, const option *o)
{
    if (entry->list && o->type != OPTION_LIST && o->type != OPTION_PATHS)
        return fail(STATUS_CONFIG, "%s: a list stands where one value is expected", o->path);
    if (!entry->list && entry->text && o->type == OPTION_LIST)
        return fail(STATUS_CONFIG, "%s: give a list of words, such as [a, b]", o->path);
    if (!entry->list && entry->text && o->type == OPTION_PATHS && strchr(entry->text, '\n'))
        return fail(STATUS_CONFIG, "%s: a path has a line feed in it", o->path);
    return STATUS_OK;
}

static status load_value(loader *l, const document_entry *entry, const option *o)
{
    l->values++;
    TRY(check_form(entry, o));
    if (!entry->text) { /* null: as if the key were not there */
        given_forget(l->given, o);
        return value_init(o, l->config);
    }
    TRY(value_load(o, l->config, entry->text, entry->quoted));
    if (l->override < 0)
        given_add_line(l->given, o, entry->line);
    else
        given_add_override(l->given, o, l->override);
    return STATUS_OK;
}

static status visit(void *user, const document_entry *entry)
{
    loader *l = user;
    if (entry->section)
        return load_section(entry);
    const option *o = option_find(entry->path);
    if (o)
        return load_value(l, entry, o);
    if (!option_is_section(entry->path))
        return refuse_unknown(entry);
    if (entry->text)
        return fail(STATUS_CONFIG, "%s is a section, not one value", entry->path);
    return STATUS_OK; /* a section whose keys are all commented out */
}

/* ---- overrides ---- */

/* A key's value stands for itself, a section's are a flow mapping: {key: value}. */
static status load_named(loader *l, const char *name, const char *path, const char *value)
{
    int before = l->values;
    const option *o = option_find(path);
    if (o && (o->type == OPTION_LIST || (o->type == OPTION_PATHS && *value == '[')))
        return document_load(name, path, value, visit, l);
    if (!option_is_section(path))
        return document_load_value(name, path, value, visit, l);
    TRY(document_load(name, path, value, visit, l));
    if (l->values > before)
        return STATUS_OK;
    return fail(STATUS_CONFIG,
                "%s: sets nothing, for %s is a section; write --set %s.key=value", name, path,
                path);
}

static status load_override(loader *l, const char *text)
{
    char name[VALUE_EXCERPT_MAX + 8], shown[VALUE_EXCERPT_MAX];
    snprintf(name, sizeof name, "--set %s", value_excerpt(text, shown));
    const char *equals = strchr(text, '=');
    char path[OPTION_PATH_MAX];
    size_t size = equals ? (size_t)(equals - text) : 0;
    if (size == 0)
        return fail(STATUS_CONFIG, "%s: write --set section.key=value", name);
    if (size >= sizeof path)
        return fail(STATUS_CONFIG, "%s: unknown key", name);
    snprintf(path, sizeof path, "%.*s", (int)size, text);
    return load_named(l, name, path, equals + 1);
}

/* ---- the whole ---- */

static status load_all(loader *l, const char *text, int count)
{
    TRY(config_init(l->config));
    TRY(document_load(l->given->name, NULL, text, visit, l));
    given_settle(l->given, l->config);
    for (l->override = 0; l->override < count; ++l->override)
        TRY(load_override(l, l->given->overrides[l->override]));
    TRY(given_yield(l->given, l->config));
    TRY(check_joint(l->config, l->given));
    check_resolve(l->config);
    return check_keys(l->config, l->given);
}

status config_load_text(config *out, const char *name, const char *text,
                        const char *const *overrides, int count)
{
    given g;
    memset(out, 0, sizeof *out);
    TRY(given_init(&g, name, overrides));
    loader l = {.config = out, .given = &g, .override = -1};
    status result = load_all(&l, text, count);
    if (result != STATUS_OK)
        config_free(out);
    given_free(&g);
    return result;
}

static status check_text(const char *path, const char *text, size_t size)
{
    if (size > TEXT_MAX)
        return fail(STATUS_CONFIG,
                    "%s: %zu bytes are too many for a configuration (at most "
                    "%d); is it the right file?",
                    path, size, (int)TEXT_MAX);
    if (memchr(text, 0, size))
        return fail(STATUS_CONFIG, "%s: a binary file; give a configuration in YAML", path);
    return STATUS_OK;
}

status config_read(const char *path, char **text, size_t *size)
{
    TRY(file_load(path, text, size));
    status result = check_text(path, *text, *size);
    if (result == STATUS_OK)
        return STATUS_OK;
    memory_destroy(*text);
    *text = NULL;
    return result;
}

status config_load(config *out, const char *path, const char *const *overrides, int count)
{
    char *text;
    size_t size;
    memset(out, 0, sizeof *out);
    TRY(config_read(path, &text, &size));
    status result = config_load_text(out, path, text, overrides, count);
    memory_destroy(text);
    return result;
}

const char *config_word(const char *key, int value)
{
    const option *o = option_find(key);
    CHECK(o != NULL);
    return option_word(o, value);
}
