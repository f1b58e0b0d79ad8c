/* tag_order.h - which of a vocabulary's tags may follow which. */
#ifndef LOCKSTEP_SRC_INFER_TAG_ORDER_H
#define LOCKSTEP_SRC_INFER_TAG_ORDER_H

#include <stdint.h>

#include "gold_labels.h"
#include "lockstep/base/status.h"
#include "lockstep/text/vocabulary.h"

/* As search_options have it (decode/search.h), by the scheme of that name
 * (metrics/tag_scheme.h). Owned: memory_destroy; NULL after a failure. STATUS_NOMEM. */
MUST_CHECK status tag_order_create(uint8_t **may_follow, const vocabulary *tags,
                                   const char *scheme);

/* Warn where right tags do not keep to it. */
void tag_order_warn(const char *scheme, const gold_labels *right);

#endif
