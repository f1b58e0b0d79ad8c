/* spill.c - values set aside in a nameless file. */
#include "spill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"

struct spill {
    file_replacement place;
    FILE *file;
};

static status spill_fail(const spill *self, const char *what)
{
    return fail(STATUS_IO, "%s: cannot %s a temporary file: %s", self->place.path, what,
                strerror(errno));
}

/* Only the open file keeps the bytes: the name goes at once. It differs from that
 * of the dataset being written, which a second beginning would sweep away. */
static status open_nameless(spill *self, const char *path)
{
    char name[FILE_PATH_MAX];

    if (snprintf(name, sizeof(name), "%s.spill", path) >= (int)sizeof(name))
        return fail(STATUS_INPUT, "%.64s...: the path is too long", path);
    TRY(file_replace_begin(&self->place, name));
    self->file = fopen(self->place.temporary, "w+b");
    if (self->file == NULL)
        return spill_fail(self, "create");
    file_replace_cancel(&self->place);
    return STATUS_OK;
}

status spill_create(spill **out, const char *path)
{
    spill *made = memory_create(1, sizeof(*made));

    *out = NULL;
    if (made == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to prepare it", path);
    status result = open_nameless(made, path);

    if (result != STATUS_OK) {
        spill_destroy(made);
        return result;
    }
    *out = made;
    return STATUS_OK;
}

void spill_destroy(spill *self)
{
    if (self == NULL)
        return;
    if (self->file != NULL)
        fclose(self->file);
    memory_destroy(self);
}

status spill_add(spill *self, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, self->file) != size)
        return spill_fail(self, "write");
    return STATUS_OK;
}

status spill_rewind(spill *self)
{
    if (fflush(self->file) != 0 || fseek(self->file, 0, SEEK_SET) != 0)
        return spill_fail(self, "write");
    return STATUS_OK;
}

status spill_next(spill *self, void *bytes, size_t room, size_t *size)
{
    *size = fread(bytes, 1, room, self->file);
    if (*size < room && ferror(self->file))
        return spill_fail(self, "read");
    return STATUS_OK;
}
