/* reader.h - what the files that read a store share. */
#ifndef LOCKSTEP_SRC_STORE_READER_H
#define LOCKSTEP_SRC_STORE_READER_H

#include <hdf5.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"
#include "lockstep/base/string_table.h"
#include "lockstep/store/store.h"

/* A tensor whose rows are verified as they are read. */
typedef struct reader_pieces {
    char name[256];
    hid_t set; /* closed with the file */
    store_shape shape;
    int64_t *hashes;     /* of its pieces */
    unsigned char *room; /* for one of them */
    struct reader_pieces *next;
} reader_pieces;

/* What stands under a name. */
typedef struct reader_entry {
    bool is_group;
    store_shape shape; /* of a data set */
    /* Of a group of the root: what it holds, in the table; end 0: not listed yet. */
    size_t first, end;
} reader_entry;

struct store_reader {
    char path[FILE_PATH_MAX];
    hid_t id;
    uint64_t size; /* of the file */
    /* What was listed, in order of name: of the root, then of each of its groups as soon as
     * something below it is asked for (an optimizer's state never is by who uses a model). */
    string_table names;
    buffer entries; /* reader_entry of each */
    size_t roots;
    reader_pieces *pieces;
};

/* ---- the caller's thread ---- */

/* Number `number` of the table. Borrowed until something is listed. */
reader_entry *reader_entry_at(const store_reader *reader, size_t number);

/* List a group of the root, unless it is listed. */
MUST_CHECK status reader_list_once(store_reader *reader, size_t number);

/* The entry of `name`, its group listed first: -1 where there is none. */
MUST_CHECK status reader_find(store_reader *reader, const char *name, int32_t *number);

/* The shape of a data set. STATUS_FORMAT: there is none. */
MUST_CHECK status reader_find_set(store_reader *reader, const char *name, store_shape *out);

void reader_free_pieces(store_reader *reader);

/* ---- the I/O thread ---- */

/* List what the root holds, or what its group `number` does. STATUS_FORMAT when there is
 * anything that a store_writer does not make: other links than one to each object, other
 * storage, other types and shapes. */
MUST_CHECK status reader_list_root(store_reader *reader);
MUST_CHECK status reader_list_group(store_reader *reader, size_t number);

/* Open a data set that was found; the caller closes `*set`. */
MUST_CHECK status reader_open_set(const store_reader *reader, const char *name, hid_t *set);

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
