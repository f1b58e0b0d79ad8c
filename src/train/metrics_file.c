/* metrics_file.c - <run.folder>/metrics.jsonl. */
#include "metrics_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"

/* The number after `"step": ` at the beginning of a record; INT64_MAX for another line,
 * such as one that a killed process left unfinished. */
static int64_t step_of(const char *line, size_t size)
{
    static const char head[] = "{\"step\": ";

    if (size < sizeof(head) || strncmp(line, head, sizeof(head) - 1) != 0 ||
        line[size - 1] != '}')
        return INT64_MAX;
    return strtoll(line + sizeof(head) - 1, NULL, 10);
}

static status cut_back(const char *path, int64_t step)
{
    char *text;
    size_t size, kept = 0;

    if (!file_exists(path))
        return STATUS_OK;
    TRY(file_load(path, &text, &size));
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        if (end == NULL || step_of(text + at, (size_t)(end - text) - at) > step)
            break;
        at = kept = (size_t)(end - text) + 1;
    }
    status saved = kept < size ? file_save(path, text, kept) : STATUS_OK;
    memory_destroy(text);
    return saved;
}

status metrics_file_open(metrics_file *m, const char *run_folder, int64_t step)
{
    char path[FILE_PATH_MAX];

    TRY(file_join(path, run_folder, "metrics.jsonl"));
    TRY(cut_back(path, step));
    m->file = fopen(path, "ae");
    if (m->file == NULL)
        return fail(STATUS_IO, "%s: cannot open: %s", path, strerror(errno));
    return STATUS_OK;
}

status metrics_file_add(metrics_file *m, const figures *f)
{
    json *j = &m->record;

    json_begin(j, NULL);
    json_add_integer(j, "step", f->step); /* first: step_of reads it back */
    json_add_integer(j, "epoch", f->epoch);
    for (int i = 0; i < f->count; i++)
        json_add_number(j, f->all[i].name, f->all[i].value, f->all[i].digits);
    json_end(j);
    return json_write(j, m->file, "metrics.jsonl");
}

void metrics_file_close(metrics_file *m)
{
    if (m->file != NULL)
        fclose(m->file);
    json_free(&m->record);
    *m = (metrics_file){0};
}
