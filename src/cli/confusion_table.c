/* confusion_table.c - which labels a model takes for which, shown. */
#include "confusion_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/utf8.h"

enum {
    TABLE_LABELS = 16, /* the most that have a table */
    LARGEST = 10,
    NAME_WIDTH = 20, /* code points of a row's name */
    NAME_ROOM = NAME_WIDTH * UTF8_MAX + 1
};

/* `*width`: code points of what was kept of it. */
static const char *cut_name(const char *name, char out[NAME_ROOM], int *width)
{
    size_t size = strlen(name), at = 0, last = 0;
    int32_t code_point;

    for (*width = 0; at < size && *width < NAME_WIDTH; ++*width) {
        int step = utf8_step(name + at, size - at, &code_point);

        last = at;
        at += step > 0 ? (size_t)step : 1;
    }
    if (at == size)
        snprintf(out, NAME_ROOM, "%s", name);
    else
        snprintf(out, NAME_ROOM, "%.*s\xe2\x80\xa6", (int)last, name); /* an ellipsis */
    return out;
}

static const char *name_of(const confusion *c, const evaluation *e, int32_t label,
                           char out[NAME_ROOM], int *width)
{
    return cut_name(evaluation_label(e, c->labels[label]), out, width);
}

/* The row of a label; `*cell` is its first, and moves behind its last. */
static void print_row(const confusion *c, int32_t gold, size_t *cell)
{
    for (int32_t output = 0; output < c->label_count; output++) {
        const confusion_cell *at = &c->cells[*cell];
        bool found = *cell < c->cell_count && at->gold == gold && at->output == output;

        if (found)
            printf("%7" PRId64, at->count);
        else
            printf("%7s", ".");
        *cell += found;
    }
    printf("\n");
}

static void print_table(const confusion *c, const evaluation *e)
{
    char name[NAME_ROOM];
    size_t cell = 0;
    int width;

    printf("pairs of each label, a row, and what they were given, the column of its number:\n");
    printf("  %*s", 4 + NAME_WIDTH, "");
    for (int32_t label = 0; label < c->label_count; label++)
        printf("%7d", label + 1);
    printf("\n");
    for (int32_t label = 0; label < c->label_count; label++) {
        const char *text = name_of(c, e, label, name, &width);

        printf("  %2d  %s%*s", label + 1, text, NAME_WIDTH - width, "");
        print_row(c, label, &cell);
    }
}

static int64_t pairs_of(const confusion *c, int32_t gold)
{
    int64_t pairs = 0;

    for (size_t i = 0; i < c->cell_count; i++)
        pairs += c->cells[i].gold == gold ? c->cells[i].count : 0;
    return pairs;
}

static void print_largest(const confusion *c, const evaluation *e)
{
    const confusion_cell *list[LARGEST];
    size_t count = confusion_largest(c, list, LARGEST);
    char gold[NAME_ROOM], output[NAME_ROOM];
    int width;

    printf(count > 0 ? "the largest confusions:\n" : "no label is taken for another\n");
    for (size_t i = 0; i < count; i++) {
        int64_t pairs = pairs_of(c, list[i]->gold);

        printf("  %7" PRId64 " of %" PRId64 "  %s", list[i]->count, pairs,
               name_of(c, e, list[i]->gold, gold, &width));
        printf(" taken for %s\n", name_of(c, e, list[i]->output, output, &width));
    }
}

void confusion_table_print(const confusion *c, const evaluation *e)
{
    if (c->label_count <= TABLE_LABELS)
        print_table(c, e);
    else
        printf("%d labels, too many for a table; --json has all of it\n", c->label_count);
    print_largest(c, e);
}

void confusion_table_add(const confusion *c, const evaluation *e, json *to)
{
    const confusion_cell *cell = c->cells, *end = c->cells + c->cell_count;

    json_begin(to, "confusion");
    json_begin_list(to, "labels");
    for (int32_t label = 0; label < c->label_count; label++)
        json_add_text(to, NULL, evaluation_label(e, c->labels[label]));
    json_end_list(to);
    json_begin_list(to, "counts");
    for (int32_t gold = 0; gold < c->label_count; gold++) {
        json_begin_list(to, NULL);
        for (int32_t output = 0; output < c->label_count; output++) {
            bool found = cell < end && cell->gold == gold && cell->output == output;

            json_add_integer(to, NULL, found ? cell->count : 0);
            cell += found;
        }
        json_end_list(to);
    }
    json_end_list(to);
    json_end(to);
}
