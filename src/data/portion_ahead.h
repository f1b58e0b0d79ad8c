/* portion_ahead.h - a thread that reads a window while another one is used. */
#ifndef LOCKSTEP_DATA_PORTION_AHEAD_H
#define LOCKSTEP_DATA_PORTION_AHEAD_H

#include <pthread.h>

#include "portion.h"

enum { PORTION_MESSAGE = 2048 };

/* Start from {0}: nothing is begun. */
typedef struct portion_ahead {
    bool begun;
    portion *into; /* borrowed by the thread */
    int64_t epoch, number;
    pthread_t thread;
    status result; /* the thread's */
    char message[PORTION_MESSAGE];
} portion_ahead;

/* Begin to open this window in `into`, which is the thread's until it ended. Nothing is begun
 * yet; where no thread can be started nothing will be. */
void portion_ahead_begin(portion_ahead *a, portion *into, int64_t epoch, int64_t number);

/* Was this window begun? */
bool portion_ahead_has(const portion_ahead *a, int64_t epoch, int64_t number);

/* Wait for what was begun: the status of portion_open. */
MUST_CHECK status portion_ahead_end(portion_ahead *a);

/* Give up what was begun, if anything. */
void portion_ahead_drop(portion_ahead *a);

#endif
