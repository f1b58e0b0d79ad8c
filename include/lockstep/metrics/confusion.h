/* confusion.h - how often a label was given in place of another. */
#ifndef LOCKSTEP_METRICS_CONFUSION_H
#define LOCKSTEP_METRICS_CONFUSION_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct confusion_cell {
    int32_t gold, output; /* places in `labels` */
    int64_t count;        /* above 0 */
} confusion_cell;

/* Only what occurs: with many labels a table would be mostly empty. Owned: confusion_free. */
typedef struct confusion {
    int32_t *labels; /* [label_count] numbers of those that were to be given or were given */
    int label_count;
    confusion_cell *cells; /* [cell_count] by gold, then by output */
    size_t cell_count;
} confusion;

/* Of `count` pairs: numbers from 0 on. */
MUST_CHECK status confusion_create(confusion *out, const int32_t *gold, const int32_t *output,
                                   size_t count);
void confusion_free(confusion *c); /* a zeroed one is fine */

/* The cells of what was taken for something else, the largest counts first, of equal ones in
 * their order. list[0..room) of pointers into cells; returns how many were set. */
size_t confusion_largest(const confusion *c, const confusion_cell **list, size_t room);

#endif
