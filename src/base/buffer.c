/* buffer.c - a text or byte sequence that grows. */
#include "lockstep/base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"

status buffer_reserve(buffer *b, size_t more)
{
    if (more > SIZE_MAX / 2 - b->size - 1)
        return fail(STATUS_NOMEM, "a text of %zu more bytes is too long", more);
    size_t need = b->size + more + 1; /* the final 0 */
    size_t room = b->room < 64 ? 64 : b->room;

    if (need <= b->room)
        return STATUS_OK;
    while (room < need)
        room *= 2;
    char *data = memory_resize(b->data, room, 1);
    if (data == NULL)
        return fail(STATUS_NOMEM, "no memory for a text of %zu bytes", need);
    b->data = data;
    b->room = room;
    return STATUS_OK;
}

status buffer_add(buffer *b, const void *bytes, size_t size)
{
    TRY(buffer_reserve(b, size));
    if (size > 0)
        memcpy(b->data + b->size, bytes, size);
    b->size += size;
    b->data[b->size] = '\0';
    return STATUS_OK;
}

status buffer_add_text(buffer *b, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    status result = size < 0 ? fail(STATUS_IO, "cannot format text: \"%s\"", format)
                             : buffer_reserve(b, (size_t)size);
    if (result == STATUS_OK) {
        vsnprintf(b->data + b->size, (size_t)size + 1, format, again);
        b->size += (size_t)size;
    }
    va_end(again);
    return result;
}

void buffer_clear(buffer *b)
{
    b->size = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

void buffer_free(buffer *b)
{
    memory_destroy(b->data);
    *b = (buffer){0};
}
