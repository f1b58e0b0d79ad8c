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
    bool *meant;                  /* per row: given by the file, and not ignored there */
} given;

MUST_CHECK status given_init(given *given, const char *name, const char *const *overrides);
void given_free(given *given);

/* Record that the key stands in the file's line `line`, in an override, or, with
 * given_forget, nowhere. */
void given_add_line(given *given, const option *option, int line);
void given_add_override(given *given, const option *option, int override);
void given_forget(given *given, const option *option);

/* The file has been read into `config`, and no override yet. */
void given_settle(given *given, const config *config);

/* A key that may change on resume, that the file gave a meaning, and that an override has
 * taken it from (as decode.beam when decode.search is set to greedy) was not given. */
MUST_CHECK status given_yield(given *given, config *config);

bool given_has(const given *given, const option *option);

/* Put where the key was given in front of the message already recorded:
 * "run.yaml:12: ", "--set model.heads=3: ", or "run.yaml: " for a default.
 * Returns STATUS_CONFIG. */
status given_refuse(const given *given, const char *path);

#endif
