/* file.h - paths and files; a file appears whole or not at all. */
#ifndef LOCKSTEP_BASE_FILE_H
#define LOCKSTEP_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

enum { FILE_PATH_MAX = 4096 };

/* A file being written beside the one it will replace. */
typedef struct file_replacement {
    char path[FILE_PATH_MAX];      /* the final name, behind all symbolic links */
    char temporary[FILE_PATH_MAX]; /* what to write; same folder */
    bool in_place;                 /* a device, pipe or socket: `temporary` is it */
} file_replacement;

/* Choose the temporary name (unique to this process). Creates nothing. Removes
 * what a process that no longer lives left behind for the same path. What is there and
 * is no regular file is written to and not replaced; of a symbolic link, dangling
 * or not, it is the target that changes. */
MUST_CHECK status file_replace_begin(file_replacement *file, const char *path);

/* The same for what has to be a regular file: STATUS_INPUT when something else is there. */
MUST_CHECK status file_replace_begin_regular(file_replacement *file, const char *path);

/* Sync the temporary file alone. */
MUST_CHECK status file_replace_sync(const file_replacement *file);

/* Sync the temporary file, rename it to its final name, sync the folder. On
 * failure the temporary file is removed and the old one is untouched. Nothing is left to
 * do for what was written in place. */
MUST_CHECK status file_replace_end(file_replacement *file);

/* The same without syncing anything. */
MUST_CHECK status file_replace_show(file_replacement *file);

/* Remove the temporary file; errors are ignored. */
void file_replace_cancel(file_replacement *file);

/* Write `size` bytes as the whole content of `path`, through a replacement. */
MUST_CHECK status file_save(const char *path, const void *bytes, size_t size);

/* The same without waiting for the disk: whoever reads it finds all of the old content or of
 * the new, but after a loss of power it may be lost. For what is soon written again. */
MUST_CHECK status file_show(const char *path, const void *bytes, size_t size);

/* Add a line, which ends in a line feed, to the file's end; it is made where it is not there
 * yet. A last line without a line feed gets one before. STATUS_IO. */
MUST_CHECK status file_append_line(const char *path, const void *line, size_t size);

/* Open for reading: every file that is read is opened here. Waits for the writer of a
 * pipe. STATUS_INPUT for what is not there, must not be read, or is a folder;
 * STATUS_STOPPED when a signal ended the wait. `*out` is owned: close. */
MUST_CHECK status file_open(int *out, const char *path);

/* The same for what must be a regular file: it is read more than once, or not in order. */
MUST_CHECK status file_open_regular(int *out, const char *path, uint64_t *size);

/* The whole content, with a 0 byte after it. `*out` is owned by the caller
 * (memory_destroy). STATUS_INPUT when it cannot be read. */
MUST_CHECK status file_load(const char *path, char **out, size_t *size);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_is_regular(const char *path); /* not a folder, device or pipe */
MUST_CHECK status file_size(const char *path, uint64_t *out);

/* Create the folder and its parents; one that exists is fine. */
MUST_CHECK status file_make_folder(const char *path);

/* Create the folder that a file of that name stands in. */
MUST_CHECK status file_make_parent(const char *path);

/* "folder/name" into `out`; STATUS_INPUT when it does not fit. */
MUST_CHECK status file_join(char out[FILE_PATH_MAX], const char *folder, const char *name);

#endif
