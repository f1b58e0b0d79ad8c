/* ngrams.c - the n-grams of a sequence, and how many of them others share. */
#include "ngrams.h"

#include <stdlib.h>

#include "lockstep/base/memory.h"

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Below, equal or above 0 as `a` stands before, with or behind `b`, by their
 * first `longest` items; a sequence stands behind its own beginnings. */
static int compare(const ngram *a, const ngram *b, int longest)
{
    int length_a = smaller(a->length, longest);
    int length_b = smaller(b->length, longest);

    for (int i = 0; i < length_a && i < length_b; i++) {
        if (a->items[i] != b->items[i])
            return a->items[i] < b->items[i] ? -1 : 1;
    }
    return length_a - length_b;
}

static int compare_whole(const void *left, const void *right)
{
    const ngram *a = left, *b = right;

    return compare(a, b, a->length > b->length ? a->length : b->length);
}

status ngrams_init(ngrams *out, const tokens *from, int longest)
{
    out->count = from->count;
    out->sorted = memory_create((size_t)from->count, sizeof(*out->sorted));
    if (out->sorted == NULL)
        return fail(STATUS_NOMEM, "no memory for the n-grams of %d tokens", from->count);
    for (int i = 0; i < from->count; i++) {
        out->sorted[i] = (ngram){from->items + i, smaller(longest, from->count - i)};
    }
    qsort(out->sorted, (size_t)out->count, sizeof(*out->sorted), compare_whole);
    return STATUS_OK;
}

void ngrams_free(ngrams *list)
{
    memory_destroy(list->sorted);
    *list = (ngrams){0};
}

int ngrams_total(const ngrams *list, int order)
{
    return list->count < order ? 0 : list->count - order + 1;
}

/* From `at` on: how many stand together that begin like `key`. */
static int count_run(const ngrams *in, int at, const ngram *key, int order)
{
    int end = at;

    while (end < in->count && compare(&in->sorted[end], key, order) == 0)
        end++;
    return end - at;
}

static int count_of(const ngrams *in, const ngram *key, int order)
{
    int low = 0, high = in->count;

    while (low < high) {
        int middle = low + (high - low) / 2;
        if (compare(&in->sorted[middle], key, order) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return count_run(in, low, key, order);
}

int ngrams_matches(const ngrams *output, const ngrams *references, int count, int order)
{
    int matches = 0, run;

    for (int i = 0; i < output->count; i += run) {
        const ngram *key = &output->sorted[i];
        int most = 0;

        run = 1;
        if (key->length < order)
            continue;
        run = count_run(output, i, key, order);
        for (int r = 0; r < count; r++) {
            int there = count_of(&references[r], key, order);
            most = there > most ? there : most;
        }
        matches += smaller(run, most);
    }
    return matches;
}
