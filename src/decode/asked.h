/* asked.h - where the symbols of a label or of tags stand. */
#ifndef LOCKSTEP_SRC_DECODE_ASKED_H
#define LOCKSTEP_SRC_DECODE_ASKED_H

#include "lockstep/base/arena.h"
#include "lockstep/decode/search.h"

/* How many a sentence has; `asked` as in search_options, NULL of labels. */
int asked_count(const packed *asked, int sentence);

/* A whole output that has room for so many and none yet, in the arena. */
search_output asked_output(arena *arena, int count);

#endif
