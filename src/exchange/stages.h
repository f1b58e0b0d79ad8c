/* stages.h - the stages in which ranks reach each other, and how nodes are added there.
 *
 * The number of ranks is a product of radices r1 * r2 * ... In stage s groups of r_s ranks
 * exchange: ranks that differ in digit s alone, digit 1 being the one that counts neighbours.
 * Before a stage a rank holds the nodes of the run of grains of r1 * .. * r_(s-1) neighbouring
 * ranks, for a run of places of a bucket (of which there are as many as ranks). It gives each
 * other member that one's share of the places, and then holds one share of them, with the nodes
 * of the run of the whole group. After the last stage it holds the root, for one place. It is
 * the same tree by any list of radices: only who adds what changes.
 *
 *   [P]              each to each
 *   [2, 2, ..., 2]   recursive halving
 *   [c, h]           within each of h hosts of c ranks, then between them
 *
 * Back, from one place to all, it goes through the same stages in the other order.
 */
#ifndef LOCKSTEP_EXCHANGE_STAGES_H
#define LOCKSTEP_EXCHANGE_STAGES_H

#include <stddef.h>

#include "lockstep/base/status.h"
#include "lockstep/slab/tree.h"

enum { STAGES_MOST = 31 }; /* 2 to the power of it are more ranks than there are */

typedef struct stage {
    int radix;  /* members of this rank's group */
    int digit;  /* which of them this rank is */
    int stride; /* from one member's rank to the next one's */
    int place;  /* this rank's places before it: [place, place + radix * share) */
    int share;  /* places of each member after it */

    tree_run join; /* how the nodes of all members, in order, are added */
    int *first;    /* [radix + 1]: member m's nodes are the leaves first[m] to first[m + 1] */
    int *home;     /* [join.nodes]: each node's first leaf, in whose memory its sum is put */
} stage;

typedef struct stages {
    stage list[STAGES_MOST];
    int count; /* 0 with one rank */
    int rank, ranks;
    int place; /* this rank's, in the end */
} stages;

/* For rank `rank` of the product of radices[count] ranks. */
MUST_CHECK status stages_init(stages *s, int rank, const int *radices, int count, int grains);
void stages_free(stages *s);

/* For a person, into out[size]: "each rank with each", "in stages of 2, 2, 4". */
void stages_text(const stages *s, char *out, size_t size);

/* The place of another rank. */
int stages_place(const stages *s, int rank);

/* The rank of member `member` of this rank's group, and that member's first place. */
int stage_peer(const stages *s, const stage *at, int member);
int stage_place(const stage *at, int member);

/* Nodes that this rank holds before the stage. */
int stage_nodes(const stage *at);

#endif
