/* listing.h - what a verb found: a line of a table, or a key of one JSON object, for each. */
#ifndef LOCKSTEP_SRC_CLI_LISTING_H
#define LOCKSTEP_SRC_CLI_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/json.h"

/* Start from {.is_json = ...}. A table is printed at once; the object, which the verb
 * begins, ends and prints, is where lists of its own go too. */
typedef struct listing {
    bool is_json;
    json object;
} listing;

void listing_add_text(listing *l, const char *key, const char *text);
void listing_add_integer(listing *l, const char *key, int64_t value);
void listing_add_number(listing *l, const char *key, double value);
void listing_add_hash(listing *l, const char *key, int64_t value); /* sixteen digits */
/* For JSON alone: a list of the objects that stand in `lines`, one a line. */
void listing_add_lines(listing *l, const char *key, const buffer *lines);
void listing_add_block(listing *l, const char *key, const char *text); /* several lines */

#endif
