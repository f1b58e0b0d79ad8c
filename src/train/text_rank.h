/* text_rank.h - how a rank is told what to do with the text of a dataset, and answers. */
#ifndef LOCKSTEP_SRC_TRAIN_TEXT_RANK_H
#define LOCKSTEP_SRC_TRAIN_TEXT_RANK_H

#include "lockstep/comm/world.h"
#include "lockstep/data/text_crew.h"

enum {
    TEXT_AHEAD = 4,              /* orders that a rank has at once: one at work */
    TEXT_ORDER_BYTES = 256 << 10 /* of one at most; rank 0 does longer ones itself */
};

/* From rank 0 an order, or a command, which is shorter than any order; back a head and, where
 * it has bytes, the reply. */
enum { TEXT_ORDER_TAG = 1, TEXT_HEAD_TAG, TEXT_REPLY_TAG };

typedef enum text_command {
    TEXT_COLLECT, /* [collective] what was counted: text_rank_collect */
    TEXT_SHARE,   /* [collective] the vocabularies: text_rank_share */
    TEXT_END      /* TEXT_AHEAD times */
} text_command;

typedef struct text_answer {
    int64_t result; /* a status; when not OK the reply is its message */
    uint64_t size;  /* of the reply */
} text_answer;

/* Do what the order says. */
text_answer text_rank_work(text_member *member, const char *order, size_t size, buffer *reply);

/* [collective] What every rank has counted, on rank 0 in the place of what `all` holds. */
MUST_CHECK status text_rank_collect(world *world, text_member *member, buffer *all);

/* [collective] The sides that rank 0 has packed, to the others' members. */
MUST_CHECK status text_rank_share(world *world, text_member *member, buffer *packed);

/* Of a rank that is not 0: agree with rank 0 on having room (world_agree), and obey until it
 * says TEXT_END. A failure is known to all ranks. */
MUST_CHECK status text_rank_follow(world *world, text_member *member);

#endif
