/* span_f1.h - F1 of the spans that tags stand for, in percent: a span is right when its type,
 * its beginning and its end are.
 *
 * The rules for tags (tag_scheme.h) are those of conlleval (E. Tjong Kim Sang and S.
 * Buchholz: CoNLL-2000) as seqeval has them, which read IOB1, IOB2 and BIOES alike and make
 * something of what none of them allows: a span begins where one may begin or where the type
 * changes, and ends where one may end or where the type changes.
 */
#ifndef LOCKSTEP_SRC_METRICS_SPAN_F1_H
#define LOCKSTEP_SRC_METRICS_SPAN_F1_H

#include "lockstep/base/string_table.h"

enum { SPAN_F1_COUNTS = 3 }; /* spans that are right, of the output, of the truth */

/* Add a sentence of `count` tags, numbers of `names`, to `counts` (from all zeros). */
void span_f1_add(double *counts, const string_table *names, const int32_t *output,
                 const int32_t *gold, int count);

/* 0 to 100, of all spans together; 0 when there were none. */
double span_f1_score(const double *counts);

#endif
