/* made_frames.h - pairs of frames and symbols that are made up. */
#ifndef LOCKSTEP_TESTS_MADE_FRAMES_H
#define LOCKSTEP_TESTS_MADE_FRAMES_H

#include <stdint.h>

#include "lockstep/data/pair_source.h"

enum { MADE_FRAMES_PAIRS = 1500, MADE_FRAMES_WIDTH = 3, MADE_FRAMES_LONGEST = 9 };

/* Positions of a side of a pair. */
int made_frames_length(int64_t pair, dataset_side side);

/* What stands in a column of a frame, all of which a half has; a symbol. */
float made_frames_number(int64_t pair, int frame, int column);
int32_t made_frames_symbol(int64_t pair, int i);

/* A pair's source as halves, and its target; give what follows the last. */
uint16_t *made_frames_write(int64_t pair, uint16_t *out);
int32_t *made_frames_write_symbols(int64_t pair, int32_t *out);

/* All of them; its functions need no context. */
status made_frames_lengths(void *context, dataset_side side, int64_t first, int64_t count,
                           int32_t *out);
status made_frames_load(void *context, dataset_side side, int64_t first, int64_t count,
                        void *out);
pair_source made_frames_source(void);

#endif
