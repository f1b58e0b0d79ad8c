/* random.h - counter-based random numbers (Philox 4x32-10, Salmon et al. 2011).
 *
 * Every number is a pure function of (seed, stream, counter): no state, so the
 * draw for a position does not depend on rank, thread or history.
 */
#ifndef LOCKSTEP_BASE_RANDOM_H
#define LOCKSTEP_BASE_RANDOM_H

#include <stdint.h>

/* What a number is for; two purposes never share numbers. */
typedef enum random_stream {
    RANDOM_INITIALIZE = 1, /* counter: parameter, index */
    RANDOM_SHUFFLE,        /* counter: epoch, window, index */
    RANDOM_DROPOUT,        /* counter: step, site, row, column */
    RANDOM_BENCH,          /* synthetic sentences */
    RANDOM_SAMPLING,       /* counter: row, grain, draw, pass that predicts */
    RANDOM_NOISE,          /* counter: row, grain, draw */
    RANDOM_DECODING,       /* counter: source (low and high half), place in its output */
    RANDOM_MASK,           /* counter: row, grain, draw */
    RANDOM_SPEC_AUGMENT,   /* counter: sentence of its grain, grain, draw, mask */
    RANDOM_TEST,           /* what tests make up */
    RANDOM_WORD,           /* counter: word of a sentence, part of its code */
    RANDOM_SIMULATION      /* counter: what a simulated rank makes up */
} random_stream;

/* Four 32-bit numbers. The key is the seed's two halves; the stream is folded
 * into the top byte of counter[3], which must be below 2^24. */
void random_block(uint64_t seed, random_stream stream, const uint32_t counter[4],
                  uint32_t out[4]);

/* Uniform in [0, 1), with 24 bits. */
float random_uniform(uint32_t bits);

/* The first number of a block: uniform 64 bits. */
uint64_t random_bits(uint64_t seed, random_stream stream, uint32_t a, uint32_t b, uint32_t c);

/* Position `index` of a pseudo-random permutation of [0, count), chosen by
 * (seed, stream, a, b), in constant time and memory (a Feistel network with
 * cycle walking). */
uint64_t random_permuted(uint64_t seed, random_stream stream, uint32_t a, uint32_t b,
                         uint64_t index, uint64_t count);

#endif
