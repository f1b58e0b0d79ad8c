/* golden_case.h - one file that make_golden.py wrote: a model, a batch, and what PyTorch made
 * of them. What does not fit ends the test. */
#ifndef LOCKSTEP_TESTS_GOLDEN_CASE_H
#define LOCKSTEP_TESTS_GOLDEN_CASE_H

#include <stdbool.h>

#include "lockstep/model/transformer.h"
#include "lockstep/store/store.h"
#include "packed_run.h"

typedef struct golden_case {
    store_reader *file;
    config options; /* no more of it than the model reads */
    int source_symbols, target_symbols, sequences, grains, target_rows;
    int tokens; /* of the truth, by which the loss is divided */
    /* The batch, as packed_run_create takes it; owned. gold [target_rows] */
    int32_t *source_ids, *target_ids, *gold;
    int32_t *source_offsets, *target_offsets, *grain_sequences;
    float *frames; /* [source rows, frame_width] in place of source_ids; NULL: symbols */
    int frame_width;
} golden_case;

golden_case golden_case_open(const char *path);
void golden_case_close(golden_case *c);

/* The source of grains [first, last). Borrows the case; owned: packed_run_free. */
packed_run golden_case_source(const golden_case *c, int first, int last);

void golden_case_doubles(const golden_case *c, const char *name, int count, double *out);

/* The tensor of `group` that belongs to `p`; owned by the caller. */
float *golden_case_tensor(const golden_case *c, const char *group, const parameter *p);

/* The largest magnitude. */
double golden_case_largest(const float *values, size_t count);

/* got [p->count], of gradients or of parameters, is `want` within the tolerance. Where the true
 * gradient is 0, a gradient may be off by 1e-6, and a parameter is not looked at. */
void golden_case_compare(const golden_case *c, const parameter *p, const float *got,
                         const float *want, double tolerance, bool gradients);

/* The model with the file's parameters, which are all of the file's; owned by the caller. */
transformer *golden_case_model(const golden_case *c, int nodes);

#endif
