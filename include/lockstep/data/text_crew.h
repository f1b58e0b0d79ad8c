/* text_crew.h - a dataset of text in the making, the work shared by the members of a crew: the
 * processes of a job, or one alone.
 *
 * One of them leads: it cuts the corpus into blocks of lines, hands them out, and takes what
 * became of them in their order. What a block becomes does not depend on who works on it, so
 * the crew does not show in a dataset.
 */
#ifndef LOCKSTEP_DATA_TEXT_CREW_H
#define LOCKSTEP_DATA_TEXT_CREW_H

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/sides.h"

/* What one process has counted, and knows of the vocabularies. */
typedef struct text_member text_member;

/* Borrows the configuration. `*out` is owned: text_member_destroy. */
MUST_CHECK status text_member_create(text_member **out, const config *config);
void text_member_destroy(text_member *member); /* NULL is fine */

/* Do what an order says, which the leader made, and append what becomes of it. STATUS_INPUT
 * for what is wrong with the lines; STATUS_STOPPED for a signal. */
MUST_CHECK status text_member_work(text_member *member, const char *order, size_t size,
                                   buffer *reply);

/* Append what this member has counted, and forget it. */
MUST_CHECK status text_member_save(text_member *member, buffer *out);

/* Encode with these from now on: borrowed, or as sides_pack made them. */
void text_member_use(text_member *member, const sides *sides);
MUST_CHECK status text_member_load(text_member *member, const char *packed);

/* Who works; for the leader. An order that fails ends the work: nothing is given or taken
 * after that, and a crew that has orders left forgets them. */
typedef struct text_crew {
    void *context; /* borrowed */
    int members;
    int most; /* orders that are given and not taken */
    status (*give)(void *context, const char *order, size_t size);
    /* In the place of what `reply` holds, what became of the first order not yet taken; or its
     * failure, told in the member's words. */
    status (*take)(void *context, buffer *reply);
    /* With no order under way: what every member has counted, in the place of what `saved`
     * holds, one after another; the vocabularies to all, borrowed by the leader. */
    status (*collect)(void *context, buffer *saved);
    status (*share)(void *context, const sides *sides);
} text_crew;

/* This process alone. Start from {0}; owned: text_alone_close. */
typedef struct text_alone {
    text_member *member;
    buffer order;
} text_alone;

MUST_CHECK status text_alone_open(text_alone *out, const config *config, text_crew *crew);
void text_alone_close(text_alone *alone);

#endif
