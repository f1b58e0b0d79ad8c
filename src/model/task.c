/* task.c - the table of tasks. */
#include "lockstep/model/task.h"

#include <string.h>

#include "tasks.h"

static const task *const table[] = {&task_generate};

const task *task_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const task *task_of(const config *c)
{
    const task *found = task_find(config_word("model.task", c->model.task));

    CHECK(found != NULL);
    return found;
}
