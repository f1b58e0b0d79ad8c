/* tasks.h - the rows of the table of tasks (task.c), each in a file of its own. */
#ifndef LOCKSTEP_MODEL_TASKS_H
#define LOCKSTEP_MODEL_TASKS_H

#include "lockstep/model/task.h"

extern const task task_generate; /* a sequence whose length the model decides */
extern const task task_copy;     /* the same, and parts of it may be copied from the source */
/* The same, all of it at once: of a length found likely beforehand, or cut at <end>. */
extern const task task_parallel_classified, task_parallel_fixed;
extern const task task_label_mean, task_label_begin; /* one symbol, of the pooled memory */
extern const task task_tag;                          /* one for each word of the source */

extern const char *const sequence_metrics[]; /* of those that write sequences */

#endif
