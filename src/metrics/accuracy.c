/* accuracy.c - how many of the tries were right. */
#include "accuracy.h"

#include <string.h>

#include "lockstep/metrics/tokens.h"

void accuracy_add(double counts[ACCURACY_COUNTS], int64_t right, int64_t all)
{
    counts[0] += (double)right;
    counts[1] += (double)all;
}

static status same_words(const tokens *output, tokens *scratch, const char *reference,
                         bool *same)
{
    tokens_clear(scratch);
    TRY(tokens_add_characters(scratch, reference, true));
    *same = output->count == scratch->count &&
            (output->count == 0 || memcmp(output->items, scratch->items,
                                          (size_t)output->count * sizeof(*output->items)) == 0);
    return STATUS_OK;
}

status accuracy_add_exact(double counts[ACCURACY_COUNTS], const char *output,
                          const char *const *references, int count)
{
    tokens ours = {0}, theirs = {0};
    bool right = false;

    CHECK(count > 0);
    status result = tokens_add_characters(&ours, output, true);
    for (int r = 0; r < count && result == STATUS_OK && !right; r++)
        result = same_words(&ours, &theirs, references[r], &right);
    if (result == STATUS_OK)
        accuracy_add(counts, right, 1);
    tokens_free(&theirs);
    tokens_free(&ours);
    return result;
}

void accuracy_add_labels(double *counts, const string_table *names, const int32_t *output,
                         const int32_t *gold, int count)
{
    int64_t right = 0;

    (void)names;
    for (int i = 0; i < count; i++)
        right += output[i] == gold[i];
    accuracy_add(counts, right, count);
}

double accuracy_score(const double counts[ACCURACY_COUNTS])
{
    return counts[1] > 0.0 ? 100.0 * counts[0] / counts[1] : 0.0;
}
