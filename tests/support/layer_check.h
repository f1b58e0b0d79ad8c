/* layer_check.h - what every layer must keep: gradients that are central differences, and
 * bits that depend neither on threads nor on how grains are dealt out to ranks.
 *
 * The loss is the sum of y * dy for a made-up dy. Everything that a layer sets is filled
 * with NaN before, so that what it leaves out shows.
 */
#ifndef LOCKSTEP_TESTS_LAYER_CHECK_H
#define LOCKSTEP_TESTS_LAYER_CHECK_H

#include "lockstep/nn/pass.h"
#include "lockstep/slab/parameters.h"

enum {
    LAYER_CHECK_GRAINS = 5,   /* gradient planes that parameters need */
    LAYER_CHECK_SYMBOLS = 11, /* ids of the queries' stream are below */
    LAYER_CHECK_PLACES = 64   /* no sentence is longer */
};

/* One pass of one rank. Rows of x, y, dy and dx are the queries', those of `other` and
 * dother the keys'. */
typedef struct layer_run {
    void *layer;
    pass *pass;
    const stream *queries, *keys;
    matrix x, other, y;
    bool backward;
    matrix dy, dx, dother;
    int first_row; /* of the queries in the batch */
} layer_run;

typedef struct layer_check {
    void (*run)(const layer_run *run);
    void *layer;
    parameters *parameters; /* filled by the caller */
    int x_cols, other_cols, y_cols;
    bool dropout; /* of the pass */
    float sum;    /* not 0: dy has this value everywhere */
} layer_check;

/* Values for all parameters: weights of unit gain, norms near 1. */
void layer_check_fill(parameters *p);

/* Central differences for x, other and every parameter, on sentences of 1 to 4 tokens in
 * grains of which one is empty. Returns the largest |analytic - numeric| /
 * (1 + |numeric|). */
double layer_check_gradients(const layer_check *c);

/* A batch with grains of many tiles, on 1 to 3 threads and 1 to 5 ranks; a difference ends
 * the test, and a node that is not rounded where parameters->half says so. */
void layer_check_bits(const layer_check *c);

/* The same batch by both engines that round to bfloat16: every kernel set that runs here gives
 * the same bits, whether it keeps what it rounded or rounds it for every product; on 1 and 2
 * threads. */
void layer_check_rounded(const layer_check *c);

#endif
