/* reader.h - what the files that read a store share. I/O thread only. */
#ifndef LOCKSTEP_SRC_STORE_READER_H
#define LOCKSTEP_SRC_STORE_READER_H

#include <hdf5.h>

#include "lockstep/base/file.h"
#include "lockstep/store/store.h"

struct store_reader {
    char path[FILE_PATH_MAX];
    hid_t id;
};

/* Is there such a thing in the file? */
bool reader_has(const store_reader *reader, const char *name);

/* Open a data set and learn its shape; the caller closes `*set`. */
MUST_CHECK status reader_open_set(const store_reader *reader, const char *name, hid_t *set,
                                  store_shape *shape);

/* The checksum recorded with a data set, and its comparison with what was read. */
MUST_CHECK status reader_read_hash(const store_reader *reader, const char *name, hid_t set,
                                   uint64_t *out);
MUST_CHECK status reader_check_hash(const store_reader *reader, const char *name,
                                    uint64_t recorded, uint64_t computed);

#endif
