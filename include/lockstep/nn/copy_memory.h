/* copy_memory.h - a source as the pointer of a copying model sees it (nn/copy_head.h). */
#ifndef LOCKSTEP_NN_COPY_MEMORY_H
#define LOCKSTEP_NN_COPY_MEMORY_H

#include "lockstep/nn/linear.h"

/* The pointer's parameters: views. */
typedef struct copy_head {
    linear query, key; /* [width, width] */
    const float *gate; /* [2 * width]: of the state, then of what was attended to */
    const float *bias; /* [1] the gate's */
    gradient gate_gradient, bias_gradient;
} copy_head;

/* The source as the pointer sees it, made once and used by every pass over it. */
typedef struct copy_memory {
    const int32_t *offsets; /* [sequences + 1] first place of each sentence; borrowed */
    const int32_t *holds;   /* [places] what each holds; borrowed */
    int32_t *firsts;        /* [places] the first place of the sentence that holds the same */
    int longest;            /* places of a sentence */
    matrix keys;            /* [places, width] */
    float *votes;           /* [places] what attending to one adds to the gate's logit */
    bool made;              /* keys and votes are there */
} copy_memory;

/* Room for it, in the pass's arena; `source` has what each place holds in `holds` [rows]. */
copy_memory *copy_memory_push(pass *pass, const packed *source, const int32_t *holds,
                              int width);
/* Keys and votes of the encoder's output [places, width], unless they are there. */
void copy_memory_make(const copy_head *h, pass *pass, const stream *source, matrix memory,
                      copy_memory *m);

#endif
