/* cutter.h - how a line comes apart into symbols. */
#ifndef LOCKSTEP_SRC_TEXT_CUTTER_H
#define LOCKSTEP_SRC_TEXT_CUTTER_H

#include "lockstep/base/string_table.h"
#include "lockstep/text/part.h"
#include "lockstep/text/vocabulary.h"

typedef struct cutter {
    vocabulary_kind kind; /* not sentencepiece, whose parts depend on each other */
    /* Of characters: symbols [first, end) of the table stay whole, the longest first. */
    const string_table *symbols;
    int first, end;
} cutter;

/* As a part_next. */
bool cutter_next(const cutter *by, const char *line, size_t size, size_t *at, part *out);

#endif
