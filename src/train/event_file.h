/* event_file.h - the figures of a run for TensorBoard: a file for each start of training,
 * <run.folder>/tensorboard/events.out.tfevents.<seconds since 1970>.lockstep.
 *
 * A record is a length (uint64, least byte first), its masked CRC32C (uint32), so many bytes,
 * which are an Event of event.proto, and their masked CRC32C.
 */
#ifndef LOCKSTEP_TRAIN_EVENT_FILE_H
#define LOCKSTEP_TRAIN_EVENT_FILE_H

#include <stdio.h>

#include "figures.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"

/* A zeroed one takes nothing. Owned: event_file_close. What cannot be written is a warning, and
 * nothing more is then written to the file. */
typedef struct event_file {
    FILE *file;
    buffer record; /* in the making */
    char path[FILE_PATH_MAX];
} event_file;

/* Of a start that goes on after `step`: readers drop what earlier files have of later ones. */
void event_file_open(event_file *e, const char *run_folder, int64_t step);

/* One event with a value for each figure: "train/loss", "validation/loss"; flushed. */
void event_file_add(event_file *e, const figures *f);

void event_file_close(event_file *e);

#endif
