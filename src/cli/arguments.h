/* arguments.h - what follows a verb on the command line: operands and flags.
 *
 * A verb declares its flags in a small table; everything else is refused with
 * STATUS_USAGE. "--flag value" and "--flag=value" are the same, "--" ends the flags,
 * "-" is an operand.
 */
#ifndef LOCKSTEP_SRC_CLI_ARGUMENTS_H
#define LOCKSTEP_SRC_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"

/* A table of these ends with {0}. */
typedef struct argument_flag {
    const char *name;  /* "--source" */
    const char *value; /* what follows it, for the help: "FILE"; NULL: nothing */
    const char *help;
} argument_flag;

/* The flags that several verbs have. */
#define ARGUMENT_SET                                                                           \
    {                                                                                          \
        "--set", "KEY=VALUE", "override a key of the configuration; may be repeated"           \
    }
#define ARGUMENT_SKIP_BAD                                                                      \
    {                                                                                          \
        "--skip-bad", NULL,                                                                    \
            "leave out audio files that cannot be read: --set data.skip_bad=true"              \
    }
#define ARGUMENT_JSON                                                                          \
    {                                                                                          \
        "--json", NULL, "print one JSON object"                                                \
    }

/* Strings are borrowed from the command line. */
typedef struct arguments {
    const argument_flag *flags;
    char *const *words; /* the whole command line, the program and the verb first */
    int word_count;
    const char **operands;
    int operand_count;
    const char **values;    /* of each flag, the last; "" without one; NULL: not given */
    const char **overrides; /* of --set and --skip-bad, in order, for config_load */
    int override_count;
    world *world; /* of a verb that runs on many ranks; else NULL. Borrowed */
} arguments;

/* Sort out the `count` words after the verb. Owned: arguments_free, also after a
 * failure. */
MUST_CHECK status arguments_init(arguments *out, const argument_flag *flags, int count,
                                 char *const *words);
void arguments_free(arguments *arguments);

/* A flag of the table; asking for another one is a mistake of ours. */
bool arguments_has(const arguments *arguments, const char *flag);
const char *arguments_text(const arguments *arguments, const char *flag); /* NULL: not given */

/* Set *out when the flag is given; STATUS_USAGE when it is no integer in [low, high]. */
MUST_CHECK status arguments_integer(const arguments *arguments, const char *flag, int64_t low,
                                    int64_t high, int64_t *out);

#endif
