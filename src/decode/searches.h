/* searches.h - the functions in the table of searches (search.c). */
#ifndef LOCKSTEP_DECODE_SEARCHES_H
#define LOCKSTEP_DECODE_SEARCHES_H

#include "lockstep/decode/search.h"

/* The likeliest symbol at every place. */
void greedy_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out);

/* The likeliest of many outputs that grow side by side. */
void beam_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
              const search_options *options, int (*stop)(void), search_result *out);

/* Symbols drawn at random. */
void sample_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out);

/* All places at once, with a parallel decoder. */
void parallel_run(const transformer *t, pass *pass, const packed *source,
                  const int64_t *numbers, const search_options *options, int (*stop)(void),
                  search_result *out);

/* What a head answers without a decoder. */
void classify_run(const transformer *t, pass *pass, const packed *source,
                  const int64_t *numbers, const search_options *options, int (*stop)(void),
                  search_result *out);

/* The likeliest sequence of tags that keeps to an order. */
void tags_run(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
              const search_options *options, int (*stop)(void), search_result *out);

#endif
