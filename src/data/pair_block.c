/* pair_block.c - encoded pairs that a dataset keeps. */
#include "pair_block.h"

#include <string.h>

/* ---- filling ---- */

static void count_tokens(pair_block_side *s, const int32_t *ids, size_t count, int symbols)
{
    for (size_t i = 0; i < count; i++) {
        s->copied += ids[i] >= symbols;
        s->unknown += ids[i] == TOKEN_UNK || ids[i] >= symbols;
        s->tokens += ids[i] >= 0;
    }
}

static status keep_elements(pair_block_side *s, const sides *by, dataset_side side,
                            const pair_set *pair)
{
    size_t count;
    element of = pair->elements[side];
    const void *elements = pair_set_get(pair, side, 0, &count);
    const int32_t length = (int32_t)count;

    if (of.kind == ELEMENT_SYMBOL)
        count_tokens(s, elements, count, sides_symbols(by, side));
    TRY(buffer_add(&s->elements, elements, count * element_size(of)));
    return buffer_add(&s->lengths, &length, sizeof(length));
}

static status keep_side(pair_block_side *s, const pair_rules *rules, dataset_side side,
                        const pair_set *pair, const corpus_line *line)
{
    const vocabulary *v = sides_vocabulary(rules->sides, side);

    TRY(keep_elements(s, rules->sides, side, pair));
    if (v != NULL)
        s->specials += (int64_t)vocabulary_count_specials(v, line->text, line->size);
    if (!rules->keep_text)
        return STATUS_OK;
    TRY(buffer_add(&s->text, line->text, line->size));
    return buffer_add(&s->text, "", 1);
}

status pair_block_add(pair_block *to, const pair_rules *rules, pair_set *pair,
                      const size_t lengths[SIDES], const corpus_line lines[SIDES])
{
    size_t most = (size_t)rules->max_length;

    to->read++;
    if (lengths[SIDE_SOURCE] == 0 || lengths[SIDE_TARGET] == 0) {
        to->empty++;
        return STATUS_OK;
    }
    if (lengths[SIDE_SOURCE] > most || lengths[SIDE_TARGET] > most) {
        to->too_long++;
        return STATUS_OK;
    }
    TRY(pair_set_add(pair));
    for (int side = 0; side < SIDES; side++)
        TRY(keep_side(&to->sides[side], rules, (dataset_side)side, pair, &lines[side]));
    to->kept++;
    return STATUS_OK;
}

void pair_block_clear(pair_block *b)
{
    pair_block kept = {0};

    for (int side = 0; side < SIDES; side++) {
        buffer_clear(&b->sides[side].elements);
        buffer_clear(&b->sides[side].lengths);
        buffer_clear(&b->sides[side].text);
        kept.sides[side] = (pair_block_side){.elements = b->sides[side].elements,
                                             .lengths = b->sides[side].lengths,
                                             .text = b->sides[side].text};
    }
    *b = kept;
}

void pair_block_free(pair_block *b)
{
    for (int side = 0; side < SIDES; side++) {
        buffer_free(&b->sides[side].elements);
        buffer_free(&b->sides[side].lengths);
        buffer_free(&b->sides[side].text);
    }
    *b = (pair_block){0};
}

/* ---- as text ---- */

status pair_block_save(const pair_block *b, buffer *out)
{
    TRY(buffer_add(out, &b->read, sizeof(b->read)));
    TRY(buffer_add(out, b, sizeof(*b)));
    for (int side = 0; side < SIDES; side++) {
        const pair_block_side *s = &b->sides[side];

        TRY(buffer_add(out, s->elements.data, s->elements.size));
        TRY(buffer_add(out, s->lengths.data, s->lengths.size));
        TRY(buffer_add(out, s->text.data, s->text.size));
    }
    return STATUS_OK;
}

/* The next bytes. */
static void borrow(buffer *of, char **at)
{
    of->data = *at;
    of->room = 0;
    *at += of->size;
}

pair_block pair_block_load(const char *saved)
{
    pair_block made;
    char *at = (char *)(uintptr_t)saved + sizeof(made);

    memcpy(&made, saved, sizeof(made));
    for (int side = 0; side < SIDES; side++) {
        borrow(&made.sides[side].elements, &at);
        borrow(&made.sides[side].lengths, &at);
        borrow(&made.sides[side].text, &at);
    }
    return made;
}
