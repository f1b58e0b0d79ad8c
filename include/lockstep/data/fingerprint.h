/* fingerprint.h - what a prepared dataset depends on, in a few lines of text.
 *
 * One line for each setting that shapes the dataset and for each input, with the
 * hash and size of its content. Names and dates of files are not in it: the same
 * content elsewhere is the same dataset.
 */
#ifndef LOCKSTEP_DATA_FINGERPRINT_H
#define LOCKSTEP_DATA_FINGERPRINT_H

#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"

/* Version 2 added checksums of pieces; 1 is still read. */
enum { DATASET_VERSION = 2 };

/* Append the text. Reads every input once, but for large ones that nothing has touched since
 * they were read for the same dataset (src/data/stamps.h). Of an input that is gone the line
 * is taken from `known`, the text of a dataset that was made from it, with a warning; NULL:
 * there is none. STATUS_INPUT, with the key, when it is not there either. */
MUST_CHECK status fingerprint_describe(const config *config, const char *known, buffer *out);

/* The number of such a text. */
uint64_t fingerprint_number(const buffer *text);

#endif
