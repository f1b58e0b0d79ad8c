/* side.c - one side of pairs. */
#include "lockstep/data/side.h"

#include <stdint.h>

const char *side_name(dataset_side side)
{
    static const char *const names[SIDES] = {"source", "target"};

    return names[side];
}

size_t element_size(element of)
{
    return of.kind == ELEMENT_FRAME ? (size_t)of.width * sizeof(uint16_t) : sizeof(int32_t);
}

int specials_count(specials of)
{
    return of.begin + of.end;
}
