/* period.h - how often, in steps or in time, as text and as a value. */
#ifndef LOCKSTEP_SRC_CONFIG_PERIOD_H
#define LOCKSTEP_SRC_CONFIG_PERIOD_H

#include <stdbool.h>

#include "lockstep/base/buffer.h"
#include "lockstep/config/config.h"

/* Whole steps ("1000"), or whole seconds, minutes or hours ("90s", "10min", "2h"; a space may
 * stand before the unit). False, and *out untouched, for anything else, for nothing (0), for
 * more than `most` steps and for more than a year. */
bool period_read(const char *text, double most, config_period *out);

/* Append it as period_read reads it, a time in the largest unit that divides it. */
MUST_CHECK status period_add(config_period period, buffer *out);

#endif
