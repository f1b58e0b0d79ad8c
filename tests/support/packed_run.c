/* packed_run.c - the grains [first, last) of a batch. */
#include "packed_run.h"

#include <stddef.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/status.h"

static int32_t *numbers(int count)
{
    int32_t *list = memory_create((size_t)count, sizeof(*list));

    CHECK(list != NULL);
    return list;
}

packed_run packed_run_create(const int32_t *ids, const int32_t *offsets,
                             const int32_t *grain_sequences, int first, int last)
{
    int first_sequence = grain_sequences[first];
    int sequences = grain_sequences[last] - first_sequence, grains = last - first;
    int row = offsets[first_sequence];
    packed_run run = {.first_row = row,
                      .offsets = numbers(sequences + 1),
                      .grain_rows = numbers(grains + 1),
                      .grain_sequences = numbers(grains + 1)};

    for (int s = 0; s <= sequences; s++)
        run.offsets[s] = offsets[first_sequence + s] - row;
    for (int g = 0; g <= grains; g++) {
        run.grain_sequences[g] = grain_sequences[first + g] - first_sequence;
        run.grain_rows[g] = run.offsets[run.grain_sequences[g]];
    }
    run.packed = (packed){.rows = run.offsets[sequences],
                          .sequences = sequences,
                          .grains = grains,
                          .first_grain = first,
                          .ids = ids == NULL ? NULL : ids + row,
                          .offsets = run.offsets,
                          .grain_rows = run.grain_rows,
                          .grain_sequences = run.grain_sequences};
    return run;
}

void packed_run_free(packed_run *run)
{
    memory_destroy(run->offsets);
    memory_destroy(run->grain_rows);
    memory_destroy(run->grain_sequences);
    *run = (packed_run){0};
}
