/* copied.c - which numbers of a model's outputs are symbols of its sources. */
#include "lockstep/infer/copied.h"

#include "lockstep/base/memory.h"

status copied_tell(transformer *model, const sides *sides)
{
    if (!transformer_copies(model))
        return STATUS_OK;
    size_t symbols = (size_t)sides_symbols(sides, SIDE_SOURCE);
    int32_t *copied = memory_create(symbols, sizeof(*copied));

    if (copied == NULL)
        return fail(STATUS_NOMEM, "no memory for the numbers of %zu symbols", symbols);
    sides_copied(sides, copied);
    transformer_set_copied(model, copied);
    memory_destroy(copied);
    return STATUS_OK;
}
