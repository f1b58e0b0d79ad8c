/* given.h - which keys a user gave, and where: in the file or by an override. */
#ifndef LOCKSTEP_SRC_CONFIG_GIVEN_H
#define LOCKSTEP_SRC_CONFIG_GIVEN_H

#include <stdbool.h>

#include "lockstep/base/status.h"
#include "option.h"

typedef struct given {
    const char *name;             /* of the file, for messages; borrowed */
    const char *const *overrides; /* "key=value"; borrowed */
    int *places;                  /* per row of the table: 0 not given, n > 0 line n, n < 0
                    override -n - 1 */
} given;

MUST_CHECK status given_init(given *given, const char *name, const char *const *overrides);
void given_free(given *given);

/* Record that the key stands in the file's line `line`, in an override, or, with
 * given_forget, nowhere. */
void given_add_line(given *given, const option *option, int line);
void given_add_override(given *given, const option *option, int override);
void given_forget(given *given, const option *option);

bool given_has(const given *given, const option *option);

/* Put where the key was given in front of the message already recorded:
 * "run.yaml:12: ", "--set model.heads=3: ", or "run.yaml: " for a default.
 * Returns STATUS_CONFIG. */
status given_refuse(const given *given, const char *path);

#endif
