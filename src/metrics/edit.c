/* edit.c - Levenshtein's distance, one row of its table at a time. */
#include "edit.h"

#include "lockstep/base/memory.h"

static int smallest(int a, int b, int c)
{
    int ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* row[j] is the distance of what was seen of the longer side to the first j items
 * of the shorter one. */
static int fill(int *row, const tokens *longer, const tokens *shorter)
{
    for (int j = 0; j <= shorter->count; j++)
        row[j] = j;
    for (int i = 0; i < longer->count; i++) {
        int diagonal = row[0];
        row[0] = i + 1;
        for (int j = 0; j < shorter->count; j++) {
            int change = diagonal + (longer->items[i] != shorter->items[j]);
            diagonal = row[j + 1];
            row[j + 1] = smallest(change, row[j] + 1, diagonal + 1);
        }
    }
    return row[shorter->count];
}

/* What both sides begin and end with costs nothing. */
static void trim(tokens *a, tokens *b)
{
    while (a->count > 0 && b->count > 0 && a->items[a->count - 1] == b->items[b->count - 1]) {
        a->count--;
        b->count--;
    }
    while (a->count > 0 && b->count > 0 && a->items[0] == b->items[0]) {
        a->items++, a->count--;
        b->items++, b->count--;
    }
}

status edit_distance(const tokens *left, const tokens *right, int *out)
{
    tokens shorter = *left, longer = *right;

    if (left->count > right->count) {
        shorter = *right;
        longer = *left;
    }
    trim(&shorter, &longer);
    int *row = memory_create((size_t)shorter.count + 1, sizeof(*row));

    if (row == NULL)
        return fail(STATUS_NOMEM, "no memory to compare texts of %d tokens", longer.count);
    *out = fill(row, &longer, &shorter);
    memory_destroy(row);
    return STATUS_OK;
}
