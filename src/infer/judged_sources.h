/* judged_sources.h - the sources of an evaluation: in memory, or of audio, which is large, in
 * the dataset that they come from, out of which they are read as they are decoded.
 */
#ifndef LOCKSTEP_SRC_INFER_JUDGED_SOURCES_H
#define LOCKSTEP_SRC_INFER_JUDGED_SOURCES_H

#include "lockstep/data/dataset.h"
#include "lockstep/infer/decoding.h"

/* Start from {0}, or from a dataset and its split. Owned: judged_sources_free. */
typedef struct judged_sources {
    dataset *dataset; /* borrowed; NULL: they are in `set` */
    dataset_split split;
    pair_set set;   /* targets empty, but of tags where words begin; or a block of the split */
    buffer numbers; /* int64_t: which pair of the split each source is */
} judged_sources;

int64_t judged_sources_count(const judged_sources *s);

/* The source of pair `pair` of `from`, and where `marks` its target, which says where words
 * begin. With a dataset `from` is all of its split, and its sources need not be there. */
MUST_CHECK status judged_sources_add(judged_sources *s, const pair_set *from, int64_t pair,
                                     bool marks);

/* [collective] As decoding_run; d->numbers is not used. */
MUST_CHECK status judged_sources_decode(judged_sources *s, const decoding *d,
                                        decoding_take take, void *user);
void judged_sources_free(judged_sources *s);

#endif
