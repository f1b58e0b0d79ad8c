/* hypotheses.h - what a beam search holds: of every sentence the open outputs, which have grown
 * side by side and are equally long, and the best of those that are done. Knows of no model.
 *
 * A step goes so: hypotheses_feed says what the model is to be fed, the model what comes next,
 * and hypotheses_grow takes, sentence by sentence, the candidates in the order of their log p:
 *
 *   - a symbol makes a new open hypothesis, up to `beam` of them;
 *   - <end> makes one that is done, if it is among the first `beam` candidates. A worse one is
 *     dropped, so that a beam of 1 is greedy.
 *
 * Equally good candidates come in the order of their parents, the better first, and of one
 * parent in the order in which the model gave them.
 *
 * Done ones are ranked by log p / ((5 + n) / 6)^alpha (Wu et al. 2016), n being the tokens and
 * <end>; of equal ones the earlier stays in front. A sentence is closed when `beam` have ended;
 * when no open one could be ranked among its n_best, however well it went on: with the log p
 * that it has, at the length that its limit allows; or when the open ones have as many tokens
 * as they may. Those are cut off there, and ranked behind all that have ended.
 */
#ifndef LOCKSTEP_DECODE_HYPOTHESES_H
#define LOCKSTEP_DECODE_HYPOTHESES_H

#include "lockstep/base/arena.h"
#include "lockstep/decode/search.h"

typedef struct hypothesis {
    double log_p;
    int32_t slot;   /* of the model's cache: a sentence's are [sentence * beam, + beam) */
    int32_t symbol; /* its last one, <begin> at first */
    int32_t parent; /* which of the sentence's open ones it grew from, a step before */
} hypothesis;

/* One that is done: the tokens of open one `open` when these had `count` of them. */
typedef struct hypothesis_done {
    double log_p, score;
    int count, open;
    bool ended;
} hypothesis_done;

typedef struct hypothesis_copy {
    int32_t from, to; /* slots */
} hypothesis_copy;

typedef struct hypothesis_link {
    int32_t parent, symbol;
} hypothesis_link;

typedef struct hypotheses {
    int sentences, beam, n_best;
    double alpha;
    const int32_t *limits;  /* [sentences] tokens, borrowed */
    int tokens;             /* of every open one */
    int *counts;            /* [sentences] open ones; 0: closed */
    hypothesis *open;       /* [sentences][beam], the likeliest first */
    hypothesis_link *links; /* [largest limit][sentences][beam] all that was open */
    int *ended;             /* [sentences] have ended */
    int *dones;             /* [sentences] in use of: */
    hypothesis_done *done;  /* [sentences][n_best] best first */
    int *heads;             /* [beam] scratch, as the next two */
    hypothesis *children;
    bool *kept;
} hypotheses;

/* <begin> for each sentence, open unless its limit is 0. In `arena`. */
hypotheses hypotheses_push(arena *arena, const int32_t *limits, int sentences,
                           const search_options *o);

/* What the model is to be fed: slots and ids [sentences * beam], sentence after sentence. The
 * number of them, 0 when all is closed. */
int hypotheses_feed(const hypotheses *h, int32_t *slots, int32_t *ids);

/* What the model said of each that was fed: symbols, log_p [fed][each], the likeliest first; -1
 * where there is no further symbol. `each` is above the beam, or all symbols. What must be
 * copied from slot to slot before the next are fed is written to `copies` [sentences * beam];
 * the number of them. No slot is both read and written. */
int hypotheses_grow(hypotheses *h, int each, const int32_t *symbols, const float *log_p,
                    hypothesis_copy *copies);

/* The search was stopped: what is open is cut off where it is. */
void hypotheses_cut(hypotheses *h);

/* n_best for each sentence; where there are fewer, the rest has a score of -infinity. */
search_result hypotheses_collect(const hypotheses *h, arena *arena);

#endif
