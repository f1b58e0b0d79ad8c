/* evaluation_parts.h - what the files of an evaluation share. */
#ifndef LOCKSTEP_SRC_INFER_EVALUATION_PARTS_H
#define LOCKSTEP_SRC_INFER_EVALUATION_PARTS_H

#include "gold_labels.h"
#include "judged_sources.h"
#include "lockstep/infer/evaluation.h"
#include "references.h"

struct evaluation {
    world *world;
    const config *config;
    const sides *sides;
    references *references;
    judged_sources sources; /* each different one */
    pair_set golds;         /* one for each pair, sources empty; empty where there are labels */
    gold_labels labels;     /* of each pair; empty where there are none */
    bool compared;          /* the right tags with decode.tags */
    double *given;          /* [pairs] the label of the last run's output, where each has one */
};

/* Are outputs labels or tags? */
static inline bool evaluation_has_labels(const evaluation *e)
{
    return e->config->model.task != TASK_GENERATE;
}

/* Warn, once, where the right tags do not keep to decode.tags. All pairs are there. */
void evaluation_compare_tags(evaluation *e);

#endif
