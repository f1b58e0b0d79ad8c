/* reference.c - the table as a document. */
#include <stdio.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/config/config.h"
#include "option.h"
#include "value.h"

static const char introduction[] =
    "# Configuration reference\n"
    "\n"
    "A configuration is a YAML file of nested sections; `section.key` below is "
    "`key`\n"
    "under `section:`. `--set section.key=value` overrides a key, `null` gives "
    "it its\n"
    "default. A key that would be ignored is refused; one of the file that may change\n"
    "on resume is passed over where an override alone keeps it from applying. Paths\n"
    "are relative to the working directory.\n";

static const char *resume_sentence(option_resume resume)
{
    switch (resume) {
    case RESUME_FREE:
        return "may change on resume";
    case RESUME_CONTENT:
        return "may change on resume while the data stay the same";
    default:
        return "fixed: a resumed run keeps it";
    }
}

/* "none" for a string that is not given, `""` for an empty one. */
static const char *shown_default(const option *o)
{
    if (o->required)
        return "none, must be given";
    if (!o->initial)
        return "none";
    return *o->initial ? o->initial : "\"\"";
}

static status add_option(const option *o, buffer *out)
{
    TRY(buffer_add_text(out, "\n### %s\n\n%s\n\n- value: ", o->path, o->help));
    TRY(value_add_type(o, out));
    TRY(buffer_add_text(out, "\n- default: %s\n", shown_default(o)));
    if (o->applies)
        TRY(buffer_add_text(out, "- applies when: %s\n", o->applies->sentence));
    return buffer_add_text(out, "- %s\n", resume_sentence(o->resume));
}

static status add_all(buffer *out)
{
    int count;
    const option *table = option_table(&count);
    const char *section = "";
    size_t size = 0;
    TRY(buffer_add_text(out, "%s", introduction));
    for (int i = 0; i < count; ++i) {
        const char *path = table[i].path;
        if (size == 0 || strncmp(path, section, size) != 0) {
            section = path;
            size = strcspn(path, ".") + 1;
            TRY(buffer_add_text(out, "\n## %.*s\n", (int)size - 1, path));
        }
        TRY(add_option(&table[i], out));
    }
    return STATUS_OK;
}

status config_reference(char **out)
{
    buffer text = {0};
    status result = add_all(&text);
    if (result == STATUS_OK) {
        *out = memory_copy_text(text.data);
        if (!*out)
            result = fail(STATUS_NOMEM, "no memory for the reference");
    }
    buffer_free(&text);
    return result;
}
