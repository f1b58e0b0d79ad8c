/* trial_flags.h - the flags of verbs that train for a few steps to measure them. */
#ifndef LOCKSTEP_SRC_CLI_TRIAL_FLAGS_H
#define LOCKSTEP_SRC_CLI_TRIAL_FLAGS_H

#include "arguments.h"

/* Rows of a verb's table. */
#define TRIAL_FLAGS                                                                            \
    {"--vocabulary", "N", "random sentences over N symbols in place of data"},                 \
        {"--length", "L", "their mean length"},                                                \
    {                                                                                          \
        "--steps", "K", "steps to measure after two to warm up (10)"                           \
    }

typedef struct trial_flags {
    int vocabulary, length; /* 0: the configuration's data */
    int steps;
} trial_flags;

/* STATUS_USAGE. */
MUST_CHECK status trial_flags_read(trial_flags *out, const arguments *a);

#endif
