/* free_running.c - how many gold symbols a model gets right when it is fed its own output. */
#include "lockstep/metrics/free_running.h"

#include "edit.h"

static int same_places(const tokens *output, const tokens *gold)
{
    int same = 0, places = output->count < gold->count ? output->count : gold->count;

    for (int i = 0; i < places; i++)
        same += output->items[i] == gold->items[i];
    return same;
}

static bool is_cut_off(const tokens *output, const tokens *gold)
{
    int32_t end = gold->items[gold->count - 1];

    return output->count == 0 || output->items[output->count - 1] != end;
}

status free_running_add(double counts[FREE_RUNNING_COUNTS], const tokens *output,
                        const tokens *gold)
{
    int edits;

    TRY(edit_distance(output, gold, &edits));
    counts[0] += same_places(output, gold);
    counts[1] += edits;
    counts[2] += gold->count;
    counts[3] += is_cut_off(output, gold);
    counts[4] += 1.0;
    return STATUS_OK;
}

free_running free_running_score(const double counts[FREE_RUNNING_COUNTS])
{
    double right = counts[0], edits = counts[1], gold = counts[2], pairs = counts[4];

    if (gold == 0.0)
        return (free_running){0};
    return (free_running){.accuracy = right / gold,
                          .edit_accuracy = edits < gold ? 1.0 - edits / gold : 0.0,
                          .cut_off = counts[3] / pairs};
}
