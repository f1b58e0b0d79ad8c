/* engines.h - who multiplies matrices: a row for each engine. */
#ifndef LOCKSTEP_SRC_TENSOR_ENGINES_H
#define LOCKSTEP_SRC_TENSOR_ENGINES_H

#include <stdbool.h>

#include "lockstep/tensor/kernels.h"

typedef struct engine {
    void (*multiply)(const product *p);
    bool (*wants_packed)(void); /* NULL: never */
    bool rounds;                /* factors, to bfloat16 */
} engine;

extern const engine engine_openblas, engine_native, engine_tiles, engine_pairs;

#endif
