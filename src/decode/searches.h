/* searches.h - the functions in the table of searches (search.c). */
#ifndef LOCKSTEP_DECODE_SEARCHES_H
#define LOCKSTEP_DECODE_SEARCHES_H

#include "lockstep/decode/search.h"

/* The likeliest symbol at every place. */
void greedy_run(const transformer *t, pass *pass, const packed *source,
                const search_limits *limits, int (*stop)(void), search_result *out);

#endif
