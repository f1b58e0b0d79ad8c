/* plan_row.h - one line of what `lockstep plan` says: a forecast for a number of hosts. */
#ifndef LOCKSTEP_SRC_CLI_PLAN_ROW_H
#define LOCKSTEP_SRC_CLI_PLAN_ROW_H

#include "lockstep/config/config.h"
#include "lockstep/scaling/forecast.h"

/* What is asked. */
typedef struct plan_question {
    const config *config;
    const network *network;
    const recording *recordings; /* [count] */
    int count;
    int faster; /* than where the recordings come from, each host */
    bool weak;  /* the batch of the configuration is a host's, not that of all */
} plan_question;

typedef struct plan_row {
    const recording *from;
    int hosts, ranks, threads; /* ranks of all hosts, threads of each */
    int share;                 /* grains of the rank that has most */
    int grains;                /* of all */
    bool scaled;               /* `from` had another share */
    double rate;               /* target tokens a second */
    double efficiency;         /* against as many times one host */
    double to_the_end;         /* s of all steps */
    const char *limit;         /* what costs most against one host; NULL: nothing much */
    forecast step;
} plan_row;

/* `one`: the row of one host of the same kind, NULL in making that. STATUS_CONFIG with more
 * ranks than grains. */
MUST_CHECK status plan_row_make(plan_row *out, const plan_question *q, const recording *kind,
                                int hosts, const plan_row *one);

/* Is the processor's work for messages what costs most? */
bool plan_row_is_busy(const plan_row *row);

#endif
