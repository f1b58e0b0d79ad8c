/* pair_block.h - encoded pairs that a dataset keeps, one after another, and what was seen of
 * those that it does not.
 */
#ifndef LOCKSTEP_SRC_DATA_PAIR_BLOCK_H
#define LOCKSTEP_SRC_DATA_PAIR_BLOCK_H

#include "lockstep/data/sides.h"

/* Which pairs are kept, and what of them. */
typedef struct pair_rules {
    const sides *sides;
    int max_length; /* positions; a pair with a longer side is dropped */
    bool keep_text; /* the lines too */
} pair_rules;

typedef struct pair_block_side {
    buffer elements, lengths;          /* lengths: int32_t [kept] */
    buffer text;                       /* each line ended by a 0 byte */
    int64_t tokens, unknown, specials; /* elements that stand for text */
    int64_t copied;                    /* unknown ones that stand in the source */
} pair_block_side;

/* Start from {0}. Owned: pair_block_free. */
typedef struct pair_block {
    int64_t read, kept, too_long, empty; /* pairs */
    pair_block_side sides[SIDES];
} pair_block;

/* The next pair, of which sides_encode or pair_set_put has put both sides into `pair`, alone,
 * and said the lengths. */
MUST_CHECK status pair_block_add(pair_block *to, const pair_rules *rules, pair_set *pair,
                                 const size_t lengths[SIDES], const corpus_line lines[SIDES]);
void pair_block_clear(pair_block *block); /* keeps the room */
void pair_block_free(pair_block *block);

/* As text, appended, its first bytes `read`; and back into {0}, borrowed from it and not to be
 * freed: `saved` is what stands behind `read`. */
MUST_CHECK status pair_block_save(const pair_block *block, buffer *out);
pair_block pair_block_load(const char *saved);

#endif
