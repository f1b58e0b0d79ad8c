/* writer.h - what the files that write a store share. */
#ifndef LOCKSTEP_SRC_STORE_WRITER_H
#define LOCKSTEP_SRC_STORE_WRITER_H

#include <hdf5.h>
#include <stdbool.h>
#include <xxhash.h>

#include "handle.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"
#include "lockstep/store/store.h"
#include "user_block.h"

/* A tensor or list of strings that is in the file. */
typedef struct writer_added {
    char name[256];
    uint64_t hash;
} writer_added;

struct store_writer {
    file_replacement file;
    user_block block; /* kind, version and note */
    int error;        /* the first errno of the driver */
    hid_t driver, id;
    bool finished; /* all of it is in the temporary file */
    /* The tensor between store_add_begin and store_add_end. */
    hid_t tensor; /* negative: none */
    char name[256];
    store_shape shape;
    uint64_t rows;
    XXH3_state_t *hash;
    /* Of the piece that is being filled, and of those before it. */
    bool in_pieces;
    unsigned char piece[STORE_PIECE];
    size_t piece_size, piece_used;
    buffer pieces; /* of int64_t */
    buffer added;  /* of writer_added */
};

/* Remember what was added. */
MUST_CHECK status writer_note(store_writer *writer, const char *name, uint64_t hash);

/* All that follows: I/O thread only. */

/* The status of a step: the driver's errno tells more than HDF5 does. */
MUST_CHECK status writer_outcome(const store_writer *writer, const char *name, bool good);

/* A data set whose storage is written once, by us, in groups that are created where
 * they are missing. Negative on failure; the caller closes it. */
hid_t writer_create_set(const store_writer *writer, const char *name, hid_t type,
                        const store_shape *shape);

/* False on failure. */
bool writer_add_attribute(hid_t object, const char *name, hid_t file_type, hid_t memory_type,
                          const void *value);
bool writer_add_hash(hid_t set, uint64_t hash);

#endif
