/* check.h - the rules between keys. */
#ifndef LOCKSTEP_SRC_CONFIG_CHECK_H
#define LOCKSTEP_SRC_CONFIG_CHECK_H

#include "given.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"

/* With a joint vocabulary, make data.target what data.source says; refuse a target
 * that was given otherwise. Before the other checks. */
MUST_CHECK status check_joint(config *config, given *given);

/* Defaults that follow from other keys: training.schedule.until is training.steps. So a
 * resume that changes training.steps alone is refused where it would change the rates. */
void check_resolve(config *config);

/* Refuse keys that were given and would be ignored, required keys that were not,
 * and options that contradict each other. */
MUST_CHECK status check_keys(const config *config, const given *given);

/* Its part for sources of audio (check_audio.c). */
MUST_CHECK status check_audio(const config *config, const given *given);

/* Its part for data (check_data.c). */
MUST_CHECK status check_data(const config *config, const given *given);

/* Its part for decode (check_decode.c). */
MUST_CHECK status check_decode(const config *config, const given *given);

/* What symbols of a user's own may be, of side `name` (check_symbols.c). */
MUST_CHECK status check_symbols(const config_side *side, const char *name, const given *given);

#endif
