/* tree.h - the one binary tree in which a sum over the global batch is taken.
 *
 * Leaves are the grains 0..total-1. The node of level l and number i covers the
 * grains [i * 2^l, (i + 1) * 2^l) that exist; its value is the sum of its two
 * children's, left first, or the left child's alone where the right one would be
 * past the last grain. Whoever forms partial sums of a run of grains
 * therefore gets the same bits for any split into runs.
 *
 * A run is summed with a stack: push each grain's value in order, and add the
 * two topmost whenever they are siblings. What stays on the stack are the run's
 * nodes. tree_run lists these pushes and additions, so that code that sums
 * follows the list and knows nothing of levels.
 */
#ifndef LOCKSTEP_SLAB_TREE_H
#define LOCKSTEP_SLAB_TREE_H

#include <stddef.h>

#include "lockstep/base/status.h"

/* Leaf number k of the run goes into stack slot `slot`; then, `merges` times,
 * the top slot is added to the one below it and popped. */
typedef struct tree_step {
    int slot, merges;
} tree_step;

/* How one run of grains [first, last) is summed. */
typedef struct tree_run {
    int first, last, total;
    int nodes;       /* values left on the stack: slots 0..nodes-1 */
    int slots;       /* the deepest the stack gets */
    tree_step *step; /* [last - first], owned */
} tree_run;

MUST_CHECK status tree_run_init(tree_run *run, int first, int last, int total);
void tree_run_free(tree_run *run);

/* The run [first, last) of rank `rank` of `ranks`: all runs are as even as they
 * can be, the longer ones first. */
void tree_split(int total, int rank, int ranks, int *first, int *last);

/* How the nodes of all ranks, in rank order, become one value: the same kind of
 * list, with one step for each node. After it slot 0 holds the sum. `run` has
 * first 0, last the number of nodes, nodes 1. */
MUST_CHECK status tree_root_init(tree_run *run, int total, int ranks);

/* How the nodes of neighbouring runs, run i being [bounds[i], bounds[i + 1]), become those of
 * the run of all `parts` of them: one step for each node again. `run` has first 0, last the
 * number of the parts' nodes, nodes that of the whole. */
MUST_CHECK status tree_join_init(tree_run *run, int total, const int *bounds, int parts);

/* The nodes of the run [first, last). */
int tree_nodes(int total, int first, int last);

/* The nodes that the ranks before `rank` hold; with `rank` = `ranks` those of all. */
int tree_nodes_before(int total, int rank, int ranks);

/* Sum in place, `count` numbers at a time: leaf k's are values[k * count ...], and the run's
 * nodes end in the first ones. For losses, counts and statistics. */
void tree_sum(const tree_run *run, double *values, int count);

#endif
