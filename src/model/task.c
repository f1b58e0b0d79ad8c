/* task.c - the table of tasks. */
#include "lockstep/model/task.h"

#include "tasks.h"

static const task *const table[] = {
    [TASK_GENERATE] = &task_generate,
};

const task *task_of(const config *c)
{
    return table[c->model.task];
}
