/* copied.h - which numbers of a model's outputs are symbols of its sources. */
#ifndef LOCKSTEP_INFER_COPIED_H
#define LOCKSTEP_INFER_COPIED_H

#include "lockstep/data/sides.h"
#include "lockstep/model/transformer.h"

/* Tell a model of these sides, where it copies. */
MUST_CHECK status copied_tell(transformer *model, const sides *sides);

#endif
