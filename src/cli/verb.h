/* verb.h - the verbs of the program: one file src/cli/<name>.c and one row here each.
 */
#ifndef LOCKSTEP_SRC_CLI_VERB_H
#define LOCKSTEP_SRC_CLI_VERB_H

#include <stdbool.h>

#include "arguments.h"

typedef struct verb {
    const char *name;
    const char *operands; /* for the help: "CONFIG" */
    int least, most;      /* how many operands */
    const char *summary;  /* one line */
    const argument_flag *flags;
    bool ranks; /* runs on the ranks of mpirun: main opens arguments->world */
    bool alone; /* rank 0 does the work, the others wait, or read audio files */

    /* The work. Results go to standard output; main reports a failure, once, and turns
     * it into the exit status. A verb with ranks is called on all of them; a failure
     * that precedes a collective goes through world_agree first, one at the very end
     * needs not. Signals only set the stop flag (base/stop.h). STATUS_STOPPED is no
     * failure to report: the verb has said what it saved, and the exit status names the
     * signal. */
    status (*run)(const arguments *arguments);
} verb;

/* In the order of the help. The file defines `const verb verb_<name>`. */
#define VERB_LIST(X)                                                                           \
    X(prepare) X(train) X(predict) X(score) X(inspect) X(average) X(bench) X(plan) X(config)

#define X(name) extern const verb verb_##name;
VERB_LIST(X)
#undef X

#endif
