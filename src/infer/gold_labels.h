/* gold_labels.h - the labels, or the tags, that are right for the pairs of a set, as numbers.
 *
 * Those of the target's vocabulary have their symbol's number, which outputs have too; others
 * that occur get the next ones, so that each stays a label of its own.
 */
#ifndef LOCKSTEP_INFER_GOLD_LABELS_H
#define LOCKSTEP_INFER_GOLD_LABELS_H

#include "lockstep/base/string_table.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/text/vocabulary.h"

/* Owned: gold_labels_free. */
typedef struct gold_labels {
    bool tags; /* many in a target, else one */
    string_table names;
    pair_set numbers; /* in targets; sources empty */
} gold_labels;

/* Copies what it needs of the target's vocabulary. To be freed after a failure too. */
MUST_CHECK status gold_labels_init(gold_labels *out, const vocabulary *target);
void gold_labels_free(gold_labels *g); /* a zeroed one is fine */

/* Those of one more pair. */
MUST_CHECK status gold_labels_add(gold_labels *g, const corpus_line *target);

/* Of a pair, numbered from 0 as they were added: `*count` numbers of names; borrowed until the
 * next is added. */
const int32_t *gold_labels_of(const gold_labels *g, int64_t pair, size_t *count);

#endif
