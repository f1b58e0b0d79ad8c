/* settle.h - ranks that have different kernels settle on the same. */
#ifndef LOCKSTEP_INFER_SETTLE_H
#define LOCKSTEP_INFER_SETTLE_H

#include "lockstep/comm/world.h"

/* One kind of kernels, on this rank. */
typedef struct settling {
    const char *what;           /* "OpenBLAS's core" */
    const char *variable;       /* of the environment, by which a user pins it */
    bool pinned;                /* the user did */
    const char *const *list;    /* names, the best first, NULL after the last */
    const char *(*name)(void);  /* of those in use */
    bool (*take)(const char *); /* use these; false: this rank cannot */
    status (*hash)(uint64_t *); /* of the bits that those in use give */
    bool alike;                 /* all give the same bits, so that names may differ */
} settling;

/* [collective] Where names (unless all are alike) or hashes differ, try those that a user
 * pinned on a rank, or else all of the list, until every rank has them and they give all the
 * same bits; say so in a warning. STATUS_USAGE, naming hosts and remedy, when none does. */
MUST_CHECK status settle(world *w, const settling *s);

#endif
