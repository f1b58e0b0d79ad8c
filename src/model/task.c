/* task.c - the table of tasks. */
#include "lockstep/model/task.h"

#include <string.h>

#include "tasks.h"

static const task *const table[] = {&task_generate, &task_copy, &task_parallel_classified,
                                    &task_parallel_fixed};

const task *task_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const task *task_of(const config *c)
{
    const char *name = config_word("model.task", c->model.task);
    bool parallel = c->model.decoder == DECODER_PARALLEL;
    const task *found = NULL;

    for (size_t i = 0; found == NULL && i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i]->name, name) == 0 && table[i]->decoder == c->model.decoder &&
            table[i]->copies == (c->model.copy != 0) &&
            (!parallel || table[i]->length == c->model.length.kind))
            found = table[i];
    CHECK(found != NULL);
    return found;
}
