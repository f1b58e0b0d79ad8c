/* split_side.h - one side of the pairs that a split keeps, set aside until all are known. */
#ifndef LOCKSTEP_SRC_DATA_SPLIT_SIDE_H
#define LOCKSTEP_SRC_DATA_SPLIT_SIDE_H

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

/* Add all of it to `writer` below `place` ("/train/source"), which are `of`; with `text` the
 * lines too. */
MUST_CHECK status split_side_write(split_side *side, const char *place, element of, bool text,
                                   store_writer *writer);

#endif
