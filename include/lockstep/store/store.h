/* store.h - the only door to HDF5: files that appear whole or not at all.
 *
 * A store is an HDF5 file behind a user block of 512 bytes that holds the magic
 * "LOCKSTEP", the format's version, the kind ("dataset", "checkpoint"), the length
 * of all that follows and its XXH3-64. Opening checks these before HDF5 parses a
 * byte, since a damaged file can make its reader spin. Each tensor carries its own
 * XXH3-64 as attribute "xxh3", checked when it is read whole.
 *
 * The same content gives the same bytes: no time stamps. One I/O thread makes
 * every HDF5 call; the calls here wait for it. Paths inside a file are absolute
 * ("/parameters/encoder.norm.weight"); missing groups are created.
 * Messages name the file and the tensor.
 */
#ifndef LOCKSTEP_STORE_STORE_H
#define LOCKSTEP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef enum store_type {
    STORE_FLOAT, /* float, IEEE little endian in the file */
    STORE_DOUBLE,
    STORE_INT32,
    STORE_INT64,
    STORE_BYTE,   /* unsigned char */
    STORE_HALF,   /* uint16_t, the bits of an IEEE binary16 (base/half.h) */
    STORE_STRINGS /* only reported by store_shape_of and store_walk: what
                     store_add_strings wrote */
} store_type;

enum { STORE_DIMENSIONS = 4, STORE_SHAPE_TEXT = 128 };

/* What a tensor is: dims[0..dimensions). */
typedef struct store_shape {
    store_type type;
    int dimensions;
    uint64_t dims[STORE_DIMENSIONS];
} store_shape;

/* "float [3, 4]", and "[3, 4]" alone, for messages and listings. */
void store_shape_text(const store_shape *shape, char out[STORE_SHAPE_TEXT]);
void store_dims_text(const store_shape *shape, char out[STORE_SHAPE_TEXT]);

typedef struct store_writer store_writer;
typedef struct store_reader store_reader;

/* Begin a file that will replace `path`. `*out` is owned until one of save and
 * cancel. */
MUST_CHECK status store_create(store_writer **out, const char *path, const char *kind,
                               int version);
/* Write a whole tensor. */
MUST_CHECK status store_add(store_writer *writer, const char *name, store_shape shape,
                            const void *values);
/* Write a tensor in pieces along dims[0]: begin gives no values, then rows are
 * appended in order; dims[0] of `shape` is the final number of rows. */
MUST_CHECK status store_add_begin(store_writer *writer, const char *name, store_shape shape);
/* The same for a tensor whose rows will be read while the file may come to harm: the checksums
 * of its pieces are kept as "/pieces" + name, int64 [pieces]. A piece is as many rows as fit
 * into 16 KiB, at least one. */
MUST_CHECK status store_add_begin_pieces(store_writer *writer, const char *name,
                                         store_shape shape);
MUST_CHECK status store_add_rows(store_writer *writer, const void *values, uint64_t rows);
MUST_CHECK status store_add_end(store_writer *writer);
/* The checksum of what was added as `name`; false when nothing was. */
bool store_added_hash(const store_writer *writer, const char *name, uint64_t *out);
/* Attributes of the root group. */
MUST_CHECK status store_add_text(store_writer *writer, const char *name, const char *text);
MUST_CHECK status store_add_number(store_writer *writer, const char *name, int64_t value);
/* Strings in order, as a data set of variable-length UTF-8. */
MUST_CHECK status store_add_strings(store_writer *writer, const char *name,
                                    const char *const *strings, size_t count);
/* Two numbers that can be read without the content (store_note). */
void store_set_note(store_writer *writer, const uint64_t note[2]);
/* Do all of store_save but the rename, for a file that appears with others: after this the
 * writer is saved or cancelled. */
MUST_CHECK status store_finish(store_writer *writer);
/* Finish: hash, sync, rename. Frees the writer, also on failure. */
MUST_CHECK status store_save(store_writer *writer);
void store_cancel(store_writer *writer); /* frees; NULL is fine */

/* Check the user block and the hash of `path`, then open it. STATUS_INPUT when
 * there is no such file, STATUS_FORMAT with what is wrong (not a Lockstep file,
 * another kind, a newer version, truncated or damaged).
 *
 * A right checksum is no promise, and a stranger's file must reach for no other file and
 * believe no size: what no store_writer makes is refused, in the root here, in a group of it
 * when something below it is first asked for. A reader belongs to one thread at a time. */
MUST_CHECK status store_open(store_reader **out, const char *path, const char *kind,
                             int version);
/* Without the hash of the content, for a file that was verified already. */
MUST_CHECK status store_open_verified(store_reader **out, const char *path, const char *kind,
                                      int version);
void store_close(store_reader *reader); /* NULL is fine */

const char *store_path(const store_reader *reader);
/* Is there such a group or data set? True also where its group cannot be looked at: what reads
 * it says why. */
bool store_has(store_reader *reader, const char *name);
bool store_has_attribute(store_reader *reader, const char *name);
MUST_CHECK status store_shape_of(store_reader *reader, const char *name, store_shape *out);
/* Read a whole tensor of exactly this shape; its checksum is checked. */
MUST_CHECK status store_load(store_reader *reader, const char *name, store_shape shape,
                             void *values);
/* The same for many tensors, faster. */
typedef struct store_tensor {
    const char *name;
    store_shape shape;
    void *values;
} store_tensor;
MUST_CHECK status store_load_all(store_reader *reader, const store_tensor *tensors,
                                 size_t count);
/* The checksum recorded with a tensor. */
MUST_CHECK status store_hash_of(store_reader *reader, const char *name, uint64_t *out);
/* From now on each piece that rows are read from is verified, where the file has the
 * checksums of its pieces. */
MUST_CHECK status store_verify_rows(store_reader *reader, const char *name);
/* Rows [first, first + rows) of a tensor of one or two dimensions and this type. STATUS_FORMAT
 * when a piece does not match its checksum: the file was changed after it was opened. */
MUST_CHECK status store_load_rows(store_reader *reader, const char *name, store_type type,
                                  uint64_t first, uint64_t rows, void *values);
/* `*out` is owned: memory_destroy. */
MUST_CHECK status store_load_text(store_reader *reader, const char *name, char **out);
MUST_CHECK status store_load_number(store_reader *reader, const char *name, int64_t *out);
/* `*out` is one owned block of pointers and text: memory_destroy(*out). */
MUST_CHECK status store_load_strings(store_reader *reader, const char *name, char ***out,
                                     size_t *count);

/* Call `visit` for every data set below `group` ("/": of the whole file), in order of name. A
 * status other than OK ends the walk and is returned. */
MUST_CHECK status store_walk(store_reader *reader, const char *group,
                             status (*visit)(void *user, const char *name,
                                             const store_shape *shape),
                             void *user);

/* Copy into `to` what is wanted of `from`: attributes by their names ("step"), data sets by
 * their paths ("/ints"), with their checksums checked. */
MUST_CHECK status store_copy(store_writer *to, store_reader *from,
                             bool (*wanted)(const char *name));

/* Does the file begin as all of Lockstep's do? A damaged one may. */
bool store_is_ours(const char *path);

/* The kind of the file ("dataset", "checkpoint") from its user block alone. */
MUST_CHECK status store_kind(const char *path, char out[32]);

/* What store_set_note put there, 0 when nothing did; the content is not verified. */
MUST_CHECK status store_note(const char *path, uint64_t out[2]);

/* XXH3-64 of bytes, for fingerprints; and of a whole file's content. */
uint64_t store_hash(const void *bytes, size_t size);
/* The same of bytes that come one after another. Owned until end, which frees it. NULL where
 * there is no memory. */
typedef struct store_hasher store_hasher;
store_hasher *store_hasher_create(void);
void store_hasher_add(store_hasher *hasher, const void *bytes, size_t size);
uint64_t store_hasher_end(store_hasher *hasher); /* of NULL: 0 */
MUST_CHECK status store_hash_file(const char *path, uint64_t *out);

#endif
