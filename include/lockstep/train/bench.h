/* bench.h - the rate of training steps, and where their time goes.
 *
 * Utilisation is the FLOPs that the products of the real tokens need, over the time of
 * whole steps, over the rate of sgemm on all cores used, measured in the same processes.
 */
#ifndef LOCKSTEP_TRAIN_BENCH_H
#define LOCKSTEP_TRAIN_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/infer/environment.h"

typedef struct bench_settings {
    int vocabulary; /* symbols of both sides, specials included; 0: the dataset is used */
    int length;     /* mean of the random sentences, without specials; with a vocabulary */
    int steps;      /* measured; two more warm up */
} bench_settings;

/* Name in JSON, name for people. The parts of a step add up to the whole. */
#define BENCH_PARTS(X)                                                                         \
    X(LOAD, "load", "load")                                                                    \
    X(EMBEDDING, "embedding", "embeddings")                                                    \
    X(ATTENTION, "attention", "attention")                                                     \
    X(FEED_FORWARD, "feed_forward", "feed-forward")                                            \
    X(OUTPUT, "output", "output layer and loss")                                               \
    X(MODEL_REST, "model_rest", "rest of the model")                                           \
    X(SAMPLING, "sampling", "sampling and noise")                                              \
    X(EXCHANGE, "exchange", "gradient exchange")                                               \
    X(UPDATE, "update", "norm and update")                                                     \
    X(GATHER, "gather", "parameter gather")                                                    \
    X(REST, "rest", "rest")

typedef enum bench_part {
#define X(name, key, text) BENCH_##name,
    BENCH_PARTS(X)
#undef X
        BENCH_PART_COUNT
} bench_part;

typedef struct bench_result {
    int ranks, threads;
    int64_t parameters;      /* trained numbers */
    environment environment; /* this rank's */
    const char *products;    /* the word of run.products */
    const char *precision;   /* environment_precision */
    double sgemm_gflops;     /* OpenBLAS's, all cores at once */
    double peak_gflops;      /* what all cores could do at most (tensor/peak_rate.h) */
    double step_seconds;     /* median */
    double best_seconds;     /* of the fastest step */
    double step_gflops;      /* in products; median over steps, of all ranks */
    double utilisation;      /* step_gflops / sgemm_gflops */
    double source_rate;      /* tokens per second, median over steps */
    double target_rate;
    double mean_seconds;              /* of a step: what `seconds` add up to */
    double seconds[BENCH_PART_COUNT]; /* of a step on a rank, means over steps and ranks */
    /* Of them, how long a thread multiplies, and in a step packs weights beforehand. */
    double products_seconds[BENCH_PART_COUNT], packing_seconds;
    double gflop[BENCH_PART_COUNT]; /* in products, in a step, of all ranks; 0 for most */
    double waited;                  /* seconds of a step spent waiting for other ranks */
    double load_waited;             /* those of them that are in seconds[BENCH_LOAD] */
    /* Of a rank's gradients and parameters in a step, means over steps and ranks: seconds in
     * which some were on their way, those of them that were waited for, what was sent. */
    double in_flight, exposed, bytes, messages;
    double hidden;          /* the share of in_flight that was not waited for */
    double processor_share; /* of the cores' time that the processes were given */
    /* Bytes of the rank that has most. */
    double peak_memory; /* of the process */
    double value_memory, gradient_memory, optimizer_memory;
    double batch_memory; /* the arena: activations, their gradients and scratch */
} bench_result;

/* [collective] Train a new model for a few steps and forget it. Without a vocabulary the
 * configuration's dataset is prepared where it is missing or stale; with one no file is
 * touched, and data.max_length and model.length.tokens are raised where the sentences need
 * it. STATUS_STOPPED when a signal ended it. */
MUST_CHECK status bench_run(world *world, config *c, const bench_settings *settings,
                            bench_result *out);

#endif
