/* task.c - the table of tasks. */
#include "lockstep/model/task.h"

#include <string.h>

#include "tasks.h"

static const task *const table[] = {&task_generate,
                                    &task_copy,
                                    &task_parallel_classified,
                                    &task_parallel_fixed,
                                    &task_label_mean,
                                    &task_label_begin,
                                    &task_tag};

const task *task_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

static bool fits(const task *row, const config *c)
{
    if (strcmp(row->name, config_word("model.task", c->model.task)) != 0)
        return false;
    if (row->output == OUTPUT_LABEL)
        return row->pool == c->model.pool;
    if (row->decoder == NO_DECODER)
        return true;
    return row->decoder == c->model.decoder && row->copies == (c->model.copy != 0) &&
           (row->decoder != DECODER_PARALLEL || row->length == c->model.length.kind);
}

const task *task_of(const config *c)
{
    const task *found = NULL;

    for (size_t i = 0; found == NULL && i < sizeof(table) / sizeof(table[0]); i++)
        if (fits(table[i], c))
            found = table[i];
    CHECK(found != NULL);
    return found;
}

bool task_source_end(const config *c)
{
    return c->data.source.kind == INPUT_TEXT && task_of(c)->source_end;
}
