/* searches.h - the functions in the table of searches (search.c), and what they share. */
#ifndef LOCKSTEP_DECODE_SEARCHES_H
#define LOCKSTEP_DECODE_SEARCHES_H

#include "lockstep/decode/search.h"

/* The likeliest symbol at every place. */
void greedy_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out);

/* The most tokens that an output of each sentence may have, at least 0: [sequences] in the
 * arena. `places` is how many the model knows. */
int32_t *search_limits(arena *arena, const packed *source, const search_options *options,
                       int places);

#endif
