/* plan_advice.h - what the hosts of a row do better where the processor's work for messages is
 * what costs most: more ranks of each, which share it, or a courier (distributed.courier).
 */
#ifndef LOCKSTEP_SRC_CLI_PLAN_ADVICE_H
#define LOCKSTEP_SRC_CLI_PLAN_ADVICE_H

#include "plan_row.h"

/* Seconds of a step as the row's; 0.0 where nothing is better. */
typedef struct plan_advice {
    int ranks; /* of each host, of those that could be the best number */
    double with_ranks;
    double with_courier; /* and the ranks as they are */
} plan_advice;

/* More ranks are taken to share the grains and the threads of those that were recorded: to
 * compute as they do. They are 2, 4, 8, ... times as many, as grains and threads allow. */
MUST_CHECK status plan_advice_make(plan_advice *out, const plan_question *q,
                                   const plan_row *row);

#endif
