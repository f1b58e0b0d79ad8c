/* run_listing.h - the checkpoints of a run, verified, as a table or as JSON.
 *
 * The run may be going on: what it removes meanwhile is passed over.
 */
#ifndef LOCKSTEP_SRC_CLI_RUN_LISTING_H
#define LOCKSTEP_SRC_CLI_RUN_LISTING_H

#include "listing.h"

/* STATUS_FORMAT, after all was said, when one of them is damaged or cannot be read. */
MUST_CHECK status run_listing_say(listing *to, const char *run);

#endif
