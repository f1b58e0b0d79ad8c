/* tensors.h - a slab of floats as the tensors of a store, and whether a store holds the
 * tensors of a model. */
#ifndef CHECKPOINT_TENSORS_H
#define CHECKPOINT_TENSORS_H

#include "lockstep/slab/parameters.h"
#include "lockstep/store/store.h"

/* Each tensor of `slab`, [p->floats], as <group>/<name>. */
MUST_CHECK status tensors_save(const parameters *p, const float *slab, const char *group,
                               store_writer *writer);
MUST_CHECK status tensors_load(const parameters *p, float *slab, const char *group,
                               store_reader *reader);

/* Does `group` hold exactly the tensors of `p`, but for others whose names begin with one of
 * `passed` (NULL at the end; NULL: there are none)? STATUS_FORMAT names the first that
 * differs, with both shapes. */
MUST_CHECK status tensors_check(const parameters *p, const char *group, store_reader *reader,
                                const char *const *passed);

#endif
