/* side.h - one side of pairs: what stands at its positions, and what a batch adds to them.
 *
 * Whoever moves elements asks here how large they are, and need not know what they are.
 */
#ifndef LOCKSTEP_DATA_SIDE_H
#define LOCKSTEP_DATA_SIDE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum dataset_side { SIDE_SOURCE, SIDE_TARGET, SIDES } dataset_side;

const char *side_name(dataset_side side); /* "source", "target" */

typedef enum element_kind {
    ELEMENT_SYMBOL, /* int32_t, a number of the side's vocabulary */
    ELEMENT_FRAME   /* uint16_t [width], halves (base/half.h) */
} element_kind;

/* What stands at one position; {0} is a symbol. */
typedef struct element {
    element_kind kind;
    int width; /* of a frame; not used by symbols */
} element;

size_t element_size(element of); /* bytes */

/* The symbols that a batch adds to a sentence; {0} adds none, as frames need it. */
typedef struct specials {
    bool begin; /* <begin> before the first */
    bool end;   /* <end> after the last */
} specials;

int specials_count(specials of); /* positions */

#endif
