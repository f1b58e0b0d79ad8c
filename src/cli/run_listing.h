/* run_listing.h - a run: where it stands, its course, how it was started, its checkpoints. */
#ifndef LOCKSTEP_SRC_CLI_RUN_LISTING_H
#define LOCKSTEP_SRC_CLI_RUN_LISTING_H

#include "listing.h"
#include "lockstep/base/status.h"

/* `config`: with its configuration. STATUS_FORMAT, after all was said, when a checkpoint is
 * damaged or cannot be read; STATUS_INPUT when the folder holds nothing of a run. */
MUST_CHECK status run_listing_say(listing *to, const char *run, bool config);

#endif
