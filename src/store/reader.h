/* reader.h - what the files that read a store share. I/O thread only. */
#ifndef LOCKSTEP_SRC_STORE_READER_H
#define LOCKSTEP_SRC_STORE_READER_H

#include <hdf5.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"
#include "lockstep/store/store.h"

/* A tensor whose rows are verified as they are read. */
typedef struct reader_pieces {
    char name[256];
    hid_t set; /* closed with the file */
    store_shape shape;
    int64_t *hashes; /* of its pieces */
    struct reader_pieces *next;
} reader_pieces;

struct store_reader {
    char path[FILE_PATH_MAX];
    hid_t id;
    uint64_t size; /* of the file */
    buffer names;  /* of all data sets, in order of name, each ended by a 0 byte */
    reader_pieces *pieces;
};

/* Fill `names`. STATUS_FORMAT when the file holds anything that a store_writer does not make:
 * other links than one to each object, other storage, other types and shapes. */
MUST_CHECK status reader_list(store_reader *reader);

/* Any thread. */
void reader_free_pieces(store_reader *reader);

/* The shape of a data set; false when it is none of ours. */
bool reader_find_shape(hid_t set, store_shape *out);

/* Is there such a thing in the file? */
bool reader_has(const store_reader *reader, const char *name);

/* Open a data set and learn its shape; the caller closes `*set`. */
MUST_CHECK status reader_open_set(const store_reader *reader, const char *name, hid_t *set,
                                  store_shape *shape);

/* Open an attribute of `object` that holds one value of `type`; the caller closes `*out`.
 * `name` is for messages, as is the file's. */
MUST_CHECK status reader_open_attribute(const store_reader *reader, hid_t object,
                                        const char *name, hid_t type, hid_t *out);

/* The checksum recorded with a data set, and its comparison with what was read. */
MUST_CHECK status reader_read_hash(const store_reader *reader, const char *name, hid_t set,
                                   uint64_t *out);
MUST_CHECK status reader_check_hash(const store_reader *reader, const char *name,
                                    uint64_t recorded, uint64_t computed);

#endif
