/* tasks.h - the rows of the table of tasks (task.c), each in a file of its own. */
#ifndef LOCKSTEP_MODEL_TASKS_H
#define LOCKSTEP_MODEL_TASKS_H

#include "lockstep/model/task.h"

extern const task task_generate; /* a sequence whose length the model decides */
extern const task task_copy;     /* the same, and parts of it may be copied from the source */
/* The same, all of it at once: of a length found likely beforehand, or cut at <end>. */
extern const task task_parallel_classified, task_parallel_fixed;

#endif
