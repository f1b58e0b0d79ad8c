/* confusion.c - how often a label was given in place of another. */
#include "lockstep/metrics/confusion.h"

#include <stdlib.h>

#include "lockstep/base/memory.h"

static int compare_cells(const void *left, const void *right)
{
    const confusion_cell *a = left, *b = right;

    if (a->gold != b->gold)
        return a->gold < b->gold ? -1 : 1;
    return (a->output > b->output) - (a->output < b->output);
}

static int compare_labels(const void *left, const void *right)
{
    const int32_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

/* Equal cells in a row become one. */
static void merge_cells(confusion *c, size_t count)
{
    c->cell_count = 0;
    for (size_t i = 0; i < count; i++) {
        confusion_cell *last = &c->cells[c->cell_count > 0 ? c->cell_count - 1 : 0];

        if (c->cell_count > 0 && compare_cells(last, &c->cells[i]) == 0)
            last->count++;
        else
            c->cells[c->cell_count++] = c->cells[i];
    }
}

static void list_labels(confusion *c)
{
    size_t count = 0;
    int32_t *list = c->labels;

    for (size_t i = 0; i < c->cell_count; i++) {
        list[count++] = c->cells[i].gold;
        list[count++] = c->cells[i].output;
    }
    qsort(list, count, sizeof(*list), compare_labels);
    c->label_count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || list[i] != list[i - 1])
            list[c->label_count++] = list[i];
}

static int32_t place_of(const confusion *c, int32_t label)
{
    const int32_t *found =
        bsearch(&label, c->labels, (size_t)c->label_count, sizeof(*c->labels), compare_labels);

    CHECK(found != NULL);
    return (int32_t)(found - c->labels);
}

status confusion_create(confusion *out, const int32_t *gold, const int32_t *output,
                        size_t count)
{
    *out = (confusion){.cells = memory_create(count + 1, sizeof(*out->cells)),
                       .labels = memory_create(2 * count + 1, sizeof(*out->labels))};
    if (out->cells == NULL || out->labels == NULL) {
        confusion_free(out);
        return fail(STATUS_NOMEM, "no memory to compare %zu labels", count);
    }
    for (size_t i = 0; i < count; i++)
        out->cells[i] = (confusion_cell){.gold = gold[i], .output = output[i], .count = 1};
    qsort(out->cells, count, sizeof(*out->cells), compare_cells);
    merge_cells(out, count);
    list_labels(out);
    for (size_t i = 0; i < out->cell_count; i++) {
        out->cells[i].gold = place_of(out, out->cells[i].gold);
        out->cells[i].output = place_of(out, out->cells[i].output);
    }
    return STATUS_OK;
}

void confusion_free(confusion *c)
{
    memory_destroy(c->labels);
    memory_destroy(c->cells);
    *c = (confusion){0};
}

size_t confusion_largest(const confusion *c, const confusion_cell **list, size_t room)
{
    size_t set = 0;

    for (size_t i = 0; i < c->cell_count; i++) {
        const confusion_cell *cell = &c->cells[i];
        size_t at = set;

        if (cell->gold == cell->output)
            continue;
        while (at > 0 && list[at - 1]->count < cell->count)
            at--;
        if (at == room)
            continue;
        set += set < room;
        for (size_t j = set - 1; j > at; j--)
            list[j] = list[j - 1];
        list[at] = cell;
    }
    return set;
}
