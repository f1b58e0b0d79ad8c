/* word_table.c - numbers for words: an open hash table over copied text. */
#include "lockstep/metrics/word_table.h"

#include <limits.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/metrics/code_point.h"

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *word, size_t size)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)word[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

static const char *word_at(const word_table *table, int number, size_t *size)
{
    *size = table->starts[number + 1] - table->starts[number];
    return table->text.data + table->starts[number];
}

/* The slot that holds the word, or the empty one where it belongs. */
static int32_t *find(const word_table *table, const char *word, size_t size)
{
    size_t mask = (size_t)table->room - 1, at = hash(word, size) & mask, other;

    for (;; at = (at + 1) & mask) {
        int32_t *slot = &table->slots[at];
        if (*slot == 0)
            return slot;
        const char *known = word_at(table, *slot - 1, &other);
        if (other == size && memcmp(known, word, size) == 0)
            return slot;
    }
}

/* Room is a power of two and at most half full. */
static status grow(word_table *table)
{
    int room = table->room == 0 ? 128 : 2 * table->room;
    size_t size;

    if (table->room > INT_MAX / 2)
        return fail(STATUS_NOMEM, "too many words for a metric");
    size_t *starts = memory_resize(table->starts, (size_t)room / 2 + 1, sizeof(*table->starts));
    if (starts == NULL)
        return fail(STATUS_NOMEM, "no memory for %d words", room);
    table->starts = starts;
    starts[table->words] = table->text.size;

    int32_t *slots = memory_create((size_t)room, sizeof(*slots));
    if (slots == NULL)
        return fail(STATUS_NOMEM, "no memory for %d words", room);
    memory_destroy(table->slots);
    table->slots = slots;
    table->room = room;
    for (int w = 0; w < table->words; w++) {
        const char *word = word_at(table, w, &size);
        *find(table, word, size) = w + 1;
    }
    return STATUS_OK;
}

static status number_of(word_table *table, const char *word, size_t size, int32_t *out)
{
    if (table->words == table->room / 2)
        TRY(grow(table));
    int32_t *slot = find(table, word, size);

    if (*slot == 0) {
        TRY(buffer_add(&table->text, word, size));
        table->starts[++table->words] = table->text.size;
        *slot = table->words;
    }
    *out = *slot - 1;
    return STATUS_OK;
}

/* The next word of the text, or NULL; `*text` moves behind it. */
static const char *next_word(const char **text, size_t *size)
{
    const char *begin = NULL, *before = *text;

    for (int32_t c; (c = code_point_next(text)) != 0; before = *text) {
        if (begin == NULL && !code_point_is_space(c))
            begin = before;
        else if (begin != NULL && code_point_is_space(c))
            break;
    }
    *size = begin == NULL ? 0 : (size_t)(before - begin);
    return begin;
}

status word_table_add(word_table *table, const char *text, tokens *out)
{
    size_t size;
    int32_t number;

    for (const char *word; (word = next_word(&text, &size)) != NULL;) {
        TRY(number_of(table, word, size, &number));
        TRY(tokens_add(out, number));
    }
    return STATUS_OK;
}

void word_table_free(word_table *table)
{
    buffer_free(&table->text);
    memory_destroy(table->starts);
    memory_destroy(table->slots);
    *table = (word_table){0};
}
