/* run_state.h - does a run train now? What the lock of its folder tells. */
#ifndef LOCKSTEP_SRC_CLI_RUN_STATE_H
#define LOCKSTEP_SRC_CLI_RUN_STATE_H

enum { RUN_HOLDER = 300 };

typedef enum run_state {
    RUN_RESTS,  /* nobody holds it */
    RUN_TRAINS, /* somebody does */
    RUN_KILLED, /* who held it has not given it back, and is gone */
    RUN_UNSURE  /* the file system cannot tell, or it may not be read */
} run_state;

/* `holder`: "process 123 on host" of who holds the lock, or did not give it back; or "". */
run_state run_state_get(const char *run, char holder[RUN_HOLDER]);

/* "training", "resting", "killed", "unknown" */
const char *run_state_word(run_state state);

#endif
