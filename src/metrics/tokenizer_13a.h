/* tokenizer_13a.h - the tokenizer of mteval-v13a, sacreBLEU's default.
 *
 * The rules touch ASCII alone: entities are undone, punctuation and symbols stand
 * apart, period and comma too unless between digits, and a dash after a digit.
 */
#ifndef LOCKSTEP_SRC_METRICS_TOKENIZER_13A_H
#define LOCKSTEP_SRC_METRICS_TOKENIZER_13A_H

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

/* `out` becomes the tokenized text; tokens stand between white space, of which
 * there may be more than one space. */
MUST_CHECK status tokenizer_13a_apply(buffer *out, const char *text);

#endif
