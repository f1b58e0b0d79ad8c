/* shared_config.h - one configuration for all ranks: rank 0 reads, everyone gets it. */
#ifndef LOCKSTEP_SRC_CLI_SHARED_CONFIG_H
#define LOCKSTEP_SRC_CLI_SHARED_CONFIG_H

#include "arguments.h"
#include "lockstep/config/config.h"

/* [collective] The file that is the first operand, with the overrides of --set. On success
 * *out is owned: config_free. */
MUST_CHECK status shared_config_load(config *out, const arguments *arguments);

#endif
