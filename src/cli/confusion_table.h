/* confusion_table.h - which labels a model takes for which, shown. */
#ifndef LOCKSTEP_SRC_CLI_CONFUSION_TABLE_H
#define LOCKSTEP_SRC_CLI_CONFUSION_TABLE_H

#include "lockstep/base/json.h"
#include "lockstep/infer/evaluation.h"

/* For people, on standard output: a table where the labels are few enough for a terminal, with
 * long names cut, and the largest confusions. `e` has the names of `c`. */
void confusion_table_print(const confusion *c, const evaluation *e);

/* {labels: [names], counts: [for each label the numbers of pairs given each label]} under the
 * key "confusion". */
void confusion_table_add(const confusion *c, const evaluation *e, json *to);

#endif
