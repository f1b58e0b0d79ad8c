/* parameters.h - every parameter of a model, in one flat slab of values and one
 * of gradients, and the registry of their names.
 *
 * Values: tensors stand in order of registration, which is the order of
 * forward; each starts at a multiple of 16 floats, a tied one (more than one
 * use) at a multiple of PARAMETER_BLOCK and fills whole blocks. The slab as a
 * whole is a multiple of PARAMETER_BLOCK. Floats that belong to no tensor are 0
 * in values and gradients, always.
 *
 * Gradients: a plane for every node of the tree (slab/tree.h) that this rank
 * holds. In a plane, use 0 of every tensor stands where its values stand in the
 * value slab; further uses of tied tensors follow after `floats`.
 * Layers set gradients: they never add to what was there.
 */
#ifndef LOCKSTEP_SLAB_PARAMETERS_H
#define LOCKSTEP_SLAB_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

enum {
    PARAMETER_BLOCK = 4096, /* floats: the unit of slices and of norms */
    PARAMETER_SLACK = 64,   /* floats behind the slab of values that may be read */
    PARAMETER_USES = 3,     /* at most: source, target, output */
    PARAMETER_NAME = 96
};

/* How parameters_initialize fills a tensor. */
typedef enum parameter_fill {
    FILL_ZERO,
    FILL_ONE,
    FILL_XAVIER, /* uniform, bound sqrt(6 / (rows + cols)); Glorot 2010 */
    FILL_NORMAL  /* mean 0, deviation 1 / sqrt(cols): embeddings */
} parameter_fill;

typedef struct parameter {
    char name[PARAMETER_NAME]; /* the state-dict key */
    int rows, cols;            /* a vector has rows 1 and dimensions 1 */
    int dimensions;            /* 1 or 2, as stored in a checkpoint */
    parameter_fill fill;
    int uses;
    bool multiplies; /* rows are multiplied by it, so that a packed form is of use */
    size_t first;    /* in the value slab */
    size_t count;    /* rows * cols */
    size_t gradient[PARAMETER_USES]; /* of each use, in a gradient plane */
} parameter;

typedef struct parameters {
    parameter *list; /* [count] */
    int count;
    size_t floats;          /* of the value slab */
    size_t gradient_floats; /* of one gradient plane */
    int nodes;              /* gradient planes */
    bool half;              /* whose nodes are half ones (slab/node.h); set before allocation */
    float *values;          /* [floats] */
    float *gradients;       /* [nodes][gradient_floats], NULL without training */
    /* What forward passes set and nothing trains, batch norm's running values: a registry
     * of their own, without gradients; NULL where there are none. */
    struct parameters *buffers;
} parameters;

/* Where a layer sets its gradient: node n is at data + n * node_stride, rounded where `half`
 * says so (slab/node.h). data is NULL in a model that does not train. */
typedef struct gradient {
    float *data;
    size_t node_stride;
    bool half;
} gradient;

void parameters_init(parameters *p);
void parameters_free(parameters *p);

/* Register a tensor; its index goes to `*out`. */
MUST_CHECK status parameters_add(parameters *p, int *out, const char *name, int dimensions,
                                 int rows, int cols, parameter_fill fill);

/* Register a vector among the buffers; `*out` is its index there. */
MUST_CHECK status parameters_add_buffer(parameters *p, int *out, const char *name, int width,
                                        parameter_fill fill);

/* One more use of a registered tensor; `*use` is its number (1, 2). */
void parameters_add_use(parameters *p, int index, int *use);

/* Say that rows are multiplied by a registered tensor. */
void parameters_multiply(parameters *p, int index);

/* After the last registration: lay out and allocate the slabs, `nodes` gradient
 * planes (0: none), and the buffers' slab. All zero. */
MUST_CHECK status parameters_allocate(parameters *p, int nodes);

/* Fill every tensor from (seed, its index), and the buffers. */
void parameters_initialize(parameters *p, uint64_t seed);

/* Index of the tensor of that name, -1 when there is none. */
int parameters_find(const parameters *p, const char *name);

float *parameters_values(const parameters *p, int index);
gradient parameters_gradient(const parameters *p, int index, int use);

/* Trained numbers: the sum of all counts. Buffers are not trained. */
size_t parameters_total(const parameters *p);

#endif
