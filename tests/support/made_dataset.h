/* made_dataset.h - a dataset prepared from small files, in a folder of its own.
 *
 * train: ab/x y, ba/y, an empty pair, abcdef/x, c/" ", b/x x x, ab/x y y y y; valid: az/x  q,
 * abcdef/x, a/y y. Characters to words, at most 4 of either.
 */
#ifndef LOCKSTEP_TESTS_MADE_DATASET_H
#define LOCKSTEP_TESTS_MADE_DATASET_H

#include "lockstep/data/dataset.h"

typedef struct made_dataset {
    char folder[64];
    char train[80], valid[80]; /* inputs */
    char extra[80];            /* a name that is free */
    char path[80], other[80];  /* where prepare puts it; another place */
    config settings;
} made_dataset;

extern made_dataset made;

/* A fixture. */
void made_dataset_open(void);
void made_dataset_close(void); /* nothing else may be left in the folder */

void made_dataset_save(const char *path, const char *text);
void made_dataset_prepare(void);      /* must succeed */
dataset *made_dataset_prepared(void); /* and opened; owned */

/* The status and a part of its message. */
void made_dataset_message(status got, status expected, const char *part);

#endif
