/* gold_labels.c - the labels, or the tags, that are right for the pairs of a set. */
#include "gold_labels.h"

#include <string.h>

#include "lockstep/text/part.h"

status gold_labels_init(gold_labels *out, const vocabulary *target)
{
    *out = (gold_labels){.tags = vocabulary_kind_of(target) != VOCABULARY_LINES};
    for (int i = 0; i < vocabulary_size(target); i++) {
        const char *symbol = vocabulary_symbol(target, i);

        TRY(string_table_add(&out->names, symbol, strlen(symbol)));
    }
    return STATUS_OK;
}

void gold_labels_free(gold_labels *g)
{
    string_table_free(&g->names);
    pair_set_free(&g->numbers);
}

static status add_one(gold_labels *g, const part *label)
{
    int32_t number = string_table_find(&g->names, label->text, label->size);

    if (number < 0) {
        number = (int32_t)g->names.count;
        TRY(string_table_add(&g->names, label->text, label->size));
    }
    return pair_set_put(&g->numbers, SIDE_TARGET, &number, 1);
}

status gold_labels_add(gold_labels *g, const corpus_line *target)
{
    part_next *next = g->tags ? part_next_word : part_next_line;
    part found;

    for (size_t at = 0; next(target->text, target->size, &at, &found);)
        TRY(add_one(g, &found));
    return pair_set_add(&g->numbers);
}

const int32_t *gold_labels_of(const gold_labels *g, int64_t pair, size_t *count)
{
    return pair_set_get(&g->numbers, SIDE_TARGET, pair, count);
}
