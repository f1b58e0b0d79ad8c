/* split_side.h - one side of the pairs that a split keeps, set aside until all are known. */
#ifndef LOCKSTEP_SRC_DATA_SPLIT_SIDE_H
#define LOCKSTEP_SRC_DATA_SPLIT_SIDE_H

#include "content.h"
#include "lockstep/store/store.h"
#include "pair_block.h"
#include "spill.h"

/* Start from {0}. Owned: split_side_close. */
typedef struct split_side {
    spill *elements, *offsets;
    buffer ends;                       /* int64_t: where the last block's pairs end */
    buffer text;                       /* each line ended by a 0 byte */
    int64_t pairs, end;                /* so far; where the next pair's elements begin */
    int64_t tokens, unknown, specials; /* as of a pair_block */
    int64_t copied;
} split_side;

/* With its spills beside `path`. */
MUST_CHECK status split_side_open(split_side *out, const char *path);
void split_side_close(split_side *side);

MUST_CHECK status split_side_take(split_side *side, const pair_block_side *from);

/* Where the pairs go: in runs of about the same size to several files. */
typedef struct split_parts {
    int count;
    store_writer **writers; /* [count] */
    content_whole *wholes;  /* [2] room for what would stand in one file; not used for one */
} split_parts;

/* Add all of it below `place` ("/train/source"), which are `of`; with `text` the lines too, to
 * the first file. */
MUST_CHECK status split_side_write(const split_side *side, const char *place, element of,
                                   bool text, const split_parts *to);

#endif
