/* record.c - a JSON object read back by libfyaml. */
#include "lockstep/config/record.h"

#include <libfyaml.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diagnosis.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/utf8.h"

struct record {
    struct fy_document *document;
};

static struct fy_node *find(const record *r, const char *path)
{
    return fy_node_by_path(fy_document_root(r->document), path, strlen(path),
                           FYNWF_DONT_FOLLOW);
}

const char *record_text(const record *r, const char *path)
{
    struct fy_node *node = find(r, path);

    return node != NULL && fy_node_is_scalar(node) ? fy_node_get_scalar0(node) : NULL;
}

double record_number(const record *r, const char *path)
{
    const char *text = record_text(r, path);
    char *end;

    if (text == NULL)
        return NAN;
    double value = strtod(text, &end);
    return end > text && *end == '\0' ? value : NAN;
}

/* NULL when the line is no JSON object. */
static struct fy_document *parse(struct fy_diag *diag, const char *line, size_t size)
{
    const struct fy_parse_cfg settings = {.flags = FYPCF_QUIET | FYPCF_JSON_FORCE,
                                          .diag = diag};

    if (size < 2 || line[0] != '{' || line[size - 1] != '}' || utf8_check(line, size) < size)
        return NULL;
    struct fy_document *document = fy_document_build_from_string(&settings, line, size);

    if (document != NULL && fy_node_is_mapping(fy_document_root(document)))
        return document;
    fy_document_destroy(document);
    return NULL;
}

static status visit_line(struct fy_diag *diag, const char *line, size_t size,
                         record_visit visit, void *user)
{
    const record r = {parse(diag, line, size)};

    if (r.document == NULL)
        return STATUS_OK;
    status result = visit(user, &r, line, size);
    fy_document_destroy(r.document);
    return result;
}

static status visit_lines(const char *text, size_t size, record_visit visit, void *user)
{
    struct fy_diag *diag = diagnosis_create();
    status result =
        diag != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory for the JSON parser");

    for (const char *at = text; size > 0 && result == STATUS_OK;) {
        const char *end = memchr(at, '\n', size);
        size_t length = end != NULL ? (size_t)(end - at) : size;
        size_t whole = length + (end != NULL);

        result = visit_line(diag, at, length, visit, user);
        at += whole;
        size -= whole;
    }
    fy_diag_destroy(diag);
    return result;
}

status record_visit_all(const char *path, record_visit visit, void *user)
{
    char *text;
    size_t size;

    if (!file_is_regular(path))
        return STATUS_OK;
    TRY(file_load(path, &text, &size));
    status result = visit_lines(text, size, visit, user);
    memory_destroy(text);
    return result;
}
