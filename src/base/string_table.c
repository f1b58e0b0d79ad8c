/* string_table.c - strings with numbers, in an open-addressing hash. */
#include "lockstep/base/string_table.h"

#include <string.h>

#include "lockstep/base/memory.h"

enum { FIRST_ROOM = 64 };

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv */
static uint64_t hash_text(const char *text, size_t size)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

static int is_at(const string_table *table, size_t number, const char *text, size_t size)
{
    const char *at = string_table_at(table, number);

    return strncmp(at, text, size) == 0 && at[size] == '\0';
}

/* The slot that holds the string, or the free one where it belongs. */
static size_t find_slot(const string_table *table, const char *text, size_t size)
{
    size_t mask = table->slot_count - 1;
    size_t slot = hash_text(text, size) & mask;

    while (table->slots[slot] != 0 && !is_at(table, table->slots[slot] - 1, text, size))
        slot = (slot + 1) & mask;
    return slot;
}

/* Put a number into the hash, unless its string is there already. */
static void place(string_table *table, size_t number)
{
    const char *text = string_table_at(table, number);
    size_t slot = find_slot(table, text, strlen(text));

    if (table->slots[slot] == 0)
        table->slots[slot] = (uint32_t)(number + 1);
}

/* Twice the room, the hash at most half full. */
static status grow(string_table *table)
{
    size_t room = table->room == 0 ? FIRST_ROOM : 2 * table->room;
    size_t *starts = memory_resize(table->starts, room, sizeof(*starts));
    uint32_t *slots = NULL;

    if (starts != NULL) {
        table->starts = starts;
        slots = memory_create(2 * room, sizeof(*slots));
    }
    if (slots == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu strings", room);
    memory_destroy(table->slots);
    table->slots = slots;
    table->slot_count = 2 * room;
    table->room = room;
    for (size_t i = 0; i < table->count; i++)
        place(table, i);
    return STATUS_OK;
}

status string_table_add(string_table *table, const char *text, size_t size)
{
    if (table->count == INT32_MAX)
        return fail(STATUS_NOMEM, "more than %zu different strings", table->count);
    if (table->count == table->room)
        TRY(grow(table));
    size_t start = table->text.size;

    TRY(buffer_add(&table->text, text, size));
    TRY(buffer_add(&table->text, "", 1));
    table->starts[table->count] = start;
    place(table, table->count);
    table->count++;
    return STATUS_OK;
}

int32_t string_table_find(const string_table *table, const char *text, size_t size)
{
    if (table->count == 0)
        return -1;
    uint32_t found = table->slots[find_slot(table, text, size)];

    return found == 0 ? -1 : (int32_t)(found - 1);
}

const char *string_table_at(const string_table *table, size_t number)
{
    return table->text.data + table->starts[number];
}

void string_table_free(string_table *table)
{
    buffer_free(&table->text);
    memory_destroy(table->starts);
    memory_destroy(table->slots);
    memset(table, 0, sizeof(*table));
}
