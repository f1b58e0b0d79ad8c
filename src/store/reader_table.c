/* reader_table.c - what a file holds, group by group as it is asked for. */
#include <string.h>

#include "io_thread.h"
#include "reader.h"

typedef struct request {
    store_reader *reader;
    size_t number;
} request;

reader_entry *reader_entry_at(const store_reader *reader, size_t number)
{
    return (reader_entry *)(void *)reader->entries.data + number;
}

static status run_list(void *argument)
{
    const request *r = argument;

    return reader_list_group(r->reader, r->number);
}

status reader_list_once(store_reader *reader, size_t number)
{
    const reader_entry *entry = reader_entry_at(reader, number);

    return entry->is_group && entry->end == 0 ? io_run(run_list, &(request){reader, number})
                                              : STATUS_OK;
}

status reader_find(store_reader *reader, const char *name, int32_t *number)
{
    size_t root = name[0] == '/' ? 1 + strcspn(name + 1, "/") : 0;

    *number = string_table_find(&reader->names, name, root);
    if (*number < 0 || name[root] == '\0')
        return STATUS_OK;
    TRY(reader_list_once(reader, (size_t)*number));
    *number = string_table_find(&reader->names, name, strlen(name));
    return STATUS_OK;
}

status reader_find_set(store_reader *reader, const char *name, store_shape *out)
{
    int32_t number;

    TRY(reader_find(reader, name, &number));
    if (number < 0 || reader_entry_at(reader, (size_t)number)->is_group)
        return fail(STATUS_FORMAT, "%s: holds no %s", reader->path, name);
    *out = reader_entry_at(reader, (size_t)number)->shape;
    return STATUS_OK;
}
