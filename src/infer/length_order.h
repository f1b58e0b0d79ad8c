/* length_order.h - in which order sources are decoded: the longest first, so that those of a
 * batch end at about the same step, and no large batch is left to one rank at the end. */
#ifndef LOCKSTEP_INFER_LENGTH_ORDER_H
#define LOCKSTEP_INFER_LENGTH_ORDER_H

#include "lockstep/data/pair_set.h"

/* The numbers of the set's pairs by falling length of the source, equal ones as they stand:
 * [pairs], owned: memory_destroy. STATUS_NOMEM. */
MUST_CHECK status length_order_create(int64_t **out, const pair_set *set);

#endif
