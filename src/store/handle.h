/* handle.h - small steps on HDF5 handles, for both sides of the store.
 *
 * I/O thread only. A handle is a number; a negative one means failure and is
 * passed through, so that a chain of steps needs one test at its end.
 */
#ifndef STORE_HANDLE_H
#define STORE_HANDLE_H

#include <hdf5.h>

#include "lockstep/store/store.h"

/* Give a handle of any kind back; a negative one is fine. HDF5's error stack stays
 * as it was, for the message that may still be formed from it. */
void handle_close(hid_t handle);

/* In memory and in the file. Borrowed. */
hid_t handle_memory_type(store_type type);
hid_t handle_file_type(store_type type);

/* A variable-length UTF-8 string; the caller closes it. */
hid_t handle_text_type(void);

/* Fail with HDF5's own reason, the innermost entry of its error stack:
 * "path: name: action: reason". */
status handle_fail(status code, const char *path, const char *name, const char *action);

/* Bytes of an element; 0 for strings. */
size_t handle_size(store_type type);

/* Where the checksums of a tensor's pieces stand: this before its name. */
#define STORE_PIECES "/pieces"
enum { STORE_PIECE = 1 << 14 }; /* bytes; one that holds a single row may be larger */

/* Number and bytes of a tensor's elements; ends the process on overflow. */
size_t handle_elements(const store_shape *shape);
size_t handle_bytes(const store_shape *shape);

/* Bytes of a row, and rows of a piece. */
size_t handle_row(const store_shape *shape);
uint64_t handle_piece_rows(const store_shape *shape);

#endif
