/* draw.h - a symbol at random: from softmax(log p / temperature) over the `top_k` likeliest
 * symbols, and of these the fewest whose probabilities, the likeliest first, add up to `top_p`
 * (Holtzman et al. 2020).
 */
#ifndef LOCKSTEP_DECODE_DRAW_H
#define LOCKSTEP_DECODE_DRAW_H

#include "lockstep/base/arena.h"
#include "lockstep/decode/search.h"

typedef struct draw {
    int symbols, top_k; /* 0: all */
    double temperature, top_p;
    float *weights; /* [symbols] scratch, as the next three */
    float *zeros;
    int32_t *order;
    float *largest; /* of runs of symbols */
} draw;

/* In `arena`. */
draw draw_push(arena *arena, int symbols, const search_options *o);

/* Uniform in [0, 1) with 53 bits: the draw for a place of the output of source `number`. */
double draw_uniform(uint64_t seed, int64_t number, int place);

/* One of the symbols that are not among never[nevers], by log_p [symbols]; -1 where there is
 * none. Equally likely symbols are ranked <end> first, then by their numbers. */
int32_t draw_symbol(draw *d, const float *log_p, const int32_t *never, int nevers,
                    double uniform);

#endif
