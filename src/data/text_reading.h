/* text_reading.h - a corpus goes through the hands of a crew, block by block. */
#ifndef LOCKSTEP_SRC_DATA_TEXT_READING_H
#define LOCKSTEP_SRC_DATA_TEXT_READING_H

#include "lockstep/data/dataset.h"
#include "lockstep/data/text_crew.h"

typedef enum text_task {
    TEXT_COUNT, /* symbols, for vocabularies; the reply is what sides_learning_add keeps */
    TEXT_ENCODE /* the reply is a pair_block */
} text_task;

/* What an order begins with, before a corpus_block; a reply begins with the int64_t of pairs
 * that the block has. */
typedef struct text_order {
    text_task task;
    dataset_split split;
} text_order;

/* All of it borrowed. */
typedef struct text_reading {
    const text_crew *crew;
    const config_files *files; /* those of the order's split */
    const sides *sides;        /* sides_read goes by them */
    text_order order;
    const char *name; /* for the line that says how far it has come */
    /* Gets what became of the blocks, in their order, behind the number of pairs. */
    status (*take)(void *user, const char *reply, size_t size);
    void *user;
} text_reading;

/* STATUS_INPUT for what sides_read refuses, the first in the order of the text. */
MUST_CHECK status text_reading_run(const text_reading *reading);

#endif
