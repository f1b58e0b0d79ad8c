/* rules.h - what every search keeps to: how long outputs may be, and what may come next. */
#ifndef LOCKSTEP_DECODE_RULES_H
#define LOCKSTEP_DECODE_RULES_H

#include "lockstep/base/arena.h"
#include "lockstep/decode/search.h"

/* The most tokens that an output of each sentence may have, at least 0: [sequences] in the
 * arena. `places` is how many the model knows. */
int32_t *rules_limits(arena *arena, const packed *source, const search_options *options,
                      int places);

enum { RULES_NEVER = 3 };

/* The `count` likeliest symbols that may follow `tokens` of them: never <begin>, nor <unk> or
 * <end> where options forbid them; <end> wins ties, for of two outputs that are equally good so
 * far it makes the shorter one. `never` is what the query borrows. */
generator_best_query rules_query(const search_options *options, int tokens, int count,
                                 int32_t never[RULES_NEVER]);

#endif
