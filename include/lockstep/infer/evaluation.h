/* evaluation.h - metrics of what a model says by itself: it decodes a set, and its outputs
 * are compared with the references, as texts, or as labels where the task gives labels or tags.
 *
 * Pairs with the same source are decoded once. To a metric of text each of them is an item
 * of its own, or they are one with several references (data.references). In the references
 * the target's continuation mark is undone, as it is in outputs. The symbols of
 * an output are compared with those of each of its pairs (metrics/free_running.h): over all
 * pairs, as the accuracy when fed the truth counts.
 */
#ifndef LOCKSTEP_INFER_EVALUATION_H
#define LOCKSTEP_INFER_EVALUATION_H

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/metrics/confusion.h"
#include "lockstep/metrics/free_running.h"
#include "lockstep/metrics/metric.h"
#include "lockstep/model/transformer.h"

typedef struct evaluation evaluation;

/* [collective] All pairs of a split that keeps its text. World, dataset and configuration
 * are borrowed. `*out` is owned: evaluation_destroy. */
MUST_CHECK status evaluation_create(evaluation **out, world *world, dataset *dataset,
                                    dataset_split split, const config *c);

/* No pairs yet. Not collective. The sides are borrowed too. */
MUST_CHECK status evaluation_create_empty(evaluation **out, world *world, const sides *sides,
                                          const config *c);
void evaluation_destroy(evaluation *e); /* NULL is fine */

/* One more pair, on every rank alike: its lines as the user wrote them, and its elements,
 * which are pair number `pair` of `from`. Not collective. Copies. */
MUST_CHECK status evaluation_add(evaluation *e, const corpus_line lines[SIDES],
                                 const pair_set *from, int64_t pair);

/* Different sources so far. */
int64_t evaluation_sources(const evaluation *e);

/* [collective] Decode, and set scores[i] to that of metrics[i], `count` >= 0 of them that the
 * task names, and `*symbols`, unless it is NULL, to what the same outputs have of the gold
 * symbols (not of labels and tags): on all ranks the same bits, whatever their number.
 * STATUS_STOPPED on all ranks when a signal asked one of them to stop. */
MUST_CHECK status evaluation_run(evaluation *e, transformer *model, arena *arena,
                                 const metric *const metrics[], int count, double scores[],
                                 free_running *symbols);

/* Of a task that gives one label: which ones the last run gave for which. Not collective.
 * `*out` is owned: confusion_free. */
MUST_CHECK status evaluation_confusion(const evaluation *e, confusion *out);

/* The name of a label's number in a confusion. Borrowed. */
const char *evaluation_label(const evaluation *e, int32_t number);

#endif
