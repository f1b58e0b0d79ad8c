/* document.c - libfyaml's events as dotted keys. */
#include "document.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

#include "diagnosis.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/utf8.h"
#include "value.h"

enum {
    DEPTH_MAX = 8,  /* of mappings; the deepest key has three levels */
    PATH_SIZE = 160 /* a longer path is cut: it is no key anyway */
};

typedef struct reader {
    const char *name, *base;
    document_visit visit;
    void *user;
    char path[PATH_SIZE];     /* of the key being read */
    size_t starts[DEPTH_MAX]; /* where path ends for each open mapping */
    int depth;                /* open mappings */
    bool value_next;          /* a key was read, its value comes */
    bool in_list;             /* items of a list come */
    int list_line;            /* of its key */
    buffer items;             /* of it, with a line feed between */
    int line;                 /* of the last token, from 1 */
    int documents;
    buffer seen; /* paths */
} reader;

static status refuse(const reader *r, const char *what)
{
    if (r->base)
        return fail(STATUS_CONFIG, "%s: %s", r->name, what);
    const char *key = r->path;
    return fail(STATUS_CONFIG, "%s:%d: %s%s%s", r->name, r->line, key, *key ? ": " : "", what);
}

/* Every key once: paths seen so far stand in a buffer, each with its 0 byte. The
 * visitor refuses unknown keys, so they stay few. */
static status note_path(reader *r)
{
    for (size_t at = 0; at < r->seen.size; at += strlen(r->seen.data + at) + 1)
        if (strcmp(r->seen.data + at, r->path) == 0)
            return refuse(r, "given twice");
    return buffer_add(&r->seen, r->path, strlen(r->path) + 1);
}

static status deliver_entry(reader *r, const document_entry *entry)
{
    TRY(note_path(r));
    status result = r->visit(r->user, entry);
    if (result == STATUS_OK)
        return STATUS_OK;
    return r->base ? fail_context(result, "%s", r->name)
                   : fail_context(result, "%s:%d", r->name, r->line);
}

static status deliver(reader *r, bool section, const char *text, bool quoted)
{
    document_entry entry = {
        .path = r->path, .line = r->line, .section = section, .text = text, .quoted = quoted};

    return deliver_entry(r, &entry);
}

static bool is_null_word(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void extend_path(reader *r, const char *key)
{
    size_t start = r->starts[r->depth - 1];
    snprintf(r->path + start, PATH_SIZE - start, "%s%s", start ? "." : "", key);
}

static status read_key(reader *r, const char *text)
{
    if (!*text)
        return refuse(r, "an empty key");
    extend_path(r, text);
    r->value_next = true;
    return STATUS_OK;
}

static status read_item(reader *r, const char *text)
{
    if (!*text || strchr(text, '\n'))
        return refuse(r, "an item of a list is empty, or has a line feed in it");
    if (r->items.size > 0)
        TRY(buffer_add(&r->items, "\n", 1));
    return buffer_add(&r->items, text, strlen(text));
}

static status begin_list(reader *r)
{
    if (r->in_list || (!r->value_next && !(r->base && r->depth == 0)))
        return refuse(r, "a list stands where one value is expected");
    r->in_list = true;
    r->list_line = r->line;
    buffer_clear(&r->items);
    return buffer_add(&r->items, "", 0);
}

static status end_list(reader *r)
{
    document_entry entry = {.path = r->path, .line = r->list_line, .list = true};

    r->in_list = r->value_next = false;
    entry.text = r->items.size > 0 ? r->items.data : NULL;
    return deliver_entry(r, &entry);
}

static status read_value(reader *r, const char *text, bool quoted)
{
    if (r->in_list)
        return read_item(r, text);
    if (r->depth == 0 && !r->base)
        return refuse(r, "expected `section:` with keys below it; is this "
                         "a configuration?");
    r->value_next = false;
    if (!quoted && is_null_word(text))
        text = NULL;
    return deliver(r, false, text, quoted);
}

static status read_scalar(reader *r, const struct fy_event *event)
{
    struct fy_token *token = event->scalar.value;
    const struct fy_mark *mark = fy_token_start_mark(token);
    if (mark) /* an absent value has none: the line is its key's */
        r->line = mark->line + 1;
    if (event->scalar.tag)
        return refuse(r, "tags such as !!str are not supported");
    size_t size = 0;
    const char *bytes = fy_token_get_text(token, &size);
    if (memchr(bytes, 0, size))
        return refuse(r, "a zero byte in a string");
    char *text = memory_create(size + 1, 1);
    if (!text)
        return fail(STATUS_NOMEM, "%s: no memory for a value", r->name);
    memcpy(text, bytes, size);
    status result = r->depth > 0 && !r->value_next && !r->in_list
                        ? read_key(r, text)
                        : read_value(r, text, fy_token_scalar_style(token) != FYSS_PLAIN);
    memory_destroy(text);
    return result;
}

static status read_mapping(reader *r)
{
    if (r->in_list)
        return refuse(r, "a mapping stands in a list");
    if (r->depth > 0 && !r->value_next)
        return refuse(r, "a mapping cannot be a key");
    if (r->depth == DEPTH_MAX)
        return refuse(r, "sections are nested too deeply");
    if (*r->path)
        TRY(deliver(r, true, NULL, false));
    r->value_next = false;
    r->starts[r->depth++] = strlen(r->path);
    return STATUS_OK;
}

static void leave_mapping(reader *r)
{
    --r->depth;
    r->path[r->starts[r->depth]] = 0;
    r->value_next = false;
}

static status read_event(reader *r, const struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (r->documents++ > 0)
            return refuse(r, "a second document (`---`) in the file");
        return STATUS_OK;
    case FYET_SCALAR:
        return read_scalar(r, event);
    case FYET_MAPPING_START:
        return read_mapping(r);
    case FYET_MAPPING_END:
        leave_mapping(r);
        return STATUS_OK;
    case FYET_SEQUENCE_START:
        return begin_list(r);
    case FYET_SEQUENCE_END:
        return end_list(r);
    case FYET_ALIAS:
        return refuse(r, "aliases (*name) are not supported");
    default:
        return STATUS_OK;
    }
}

static status read_events(reader *r, struct fy_parser *parser)
{
    status result = STATUS_OK;
    struct fy_event *event;
    while (result == STATUS_OK && (event = fy_parser_parse(parser))) {
        result = read_event(r, event);
        fy_parser_event_free(parser, event);
    }
    return result;
}

/* libfyaml's own complaint, as ours. */
static status refuse_syntax(reader *r, struct fy_diag *diag)
{
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
    char what[VALUE_EXCERPT_MAX], message[160];
    value_excerpt(error ? error->msg : "cannot be read", what);
    if (error && error->line > 0)
        r->line = error->line;
    r->path[0] = 0;
    snprintf(message, sizeof message, "not valid YAML: %s%s", what,
             r->base ? "; write text with special characters as "
                       "'KEY=\"TEXT\"'"
                     : "");
    return refuse(r, message);
}

/* The parser, given clean bytes. */
static status parse(reader *r, const char *text)
{
    struct fy_diag *diag = diagnosis_create();
    struct fy_parse_cfg settings = {.flags = FYPCF_QUIET, .diag = diag};
    struct fy_parser *parser = diag ? fy_parser_create(&settings) : NULL;
    status result;
    if (!parser || fy_parser_set_string(parser, text, strlen(text)) != 0) {
        result = fail(STATUS_NOMEM, "%s: no memory for the YAML parser", r->name);
    } else {
        result = read_events(r, parser);
        if (result == STATUS_OK && fy_parser_get_stream_error(parser))
            result = refuse_syntax(r, diag);
    }
    if (parser)
        fy_parser_destroy(parser);
    if (diag)
        fy_diag_destroy(diag);
    return result;
}

/* libfyaml takes a malformed character for the end of the input. */
static status check_characters(reader *r, const char *text)
{
    int32_t found;
    r->line = 1;
    for (int size; *text; text += size) {
        size = utf8_step(text, strnlen(text, UTF8_MAX), &found);
        if (size == 0)
            return refuse(r, "not UTF-8 text; is this a configuration?");
        if (found == 0x7F || (found < 0x20 && !strchr("\t\n\r", found)))
            return refuse(r, "a control character; is this a "
                             "configuration?");
        r->line += found == '\n';
    }
    r->line = 1;
    return STATUS_OK;
}

static status read_text(reader *r, const char *text)
{
    TRY(check_characters(r, text));
    TRY(parse(r, text));
    if (r->seen.size > 0)
        return STATUS_OK;
    return r->base ? deliver(r, false, NULL, false)
                   : fail(STATUS_CONFIG,
                          "%s: holds no keys; `lockstep config --reference` "
                          "documents them",
                          r->name);
}

static status read_plain(reader *r, const char *text)
{
    TRY(check_characters(r, text));
    return deliver(r, false, is_null_word(text) ? NULL : text, false);
}

status document_load_value(const char *name, const char *path, const char *text,
                           document_visit visit, void *user)
{
    reader r = {.name = name, .base = path, .visit = visit, .user = user};
    if (*text == '"' || *text == '\'')
        return document_load(name, path, text, visit, user);
    snprintf(r.path, sizeof r.path, "%s", path);
    status result = read_plain(&r, text);
    buffer_free(&r.seen);
    return result;
}

status document_load(const char *name, const char *base, const char *text, document_visit visit,
                     void *user)
{
    reader r = {.name = name, .base = base, .visit = visit, .user = user};
    if (base)
        snprintf(r.path, sizeof r.path, "%s", base);
    status result = read_text(&r, text);
    buffer_free(&r.seen);
    buffer_free(&r.items);
    return result;
}
