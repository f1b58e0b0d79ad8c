/* store_add_text.c - attributes and strings into a store. */
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "writer.h"

/* What a call asks of the I/O thread. */
typedef struct request {
    store_writer *writer;
    const char *name, *text;
    int64_t number;
    const char *const *strings;
    store_shape shape;
    uint64_t hash;
} request;

static status run_text(void *argument)
{
    request *r = argument;
    hid_t type = handle_text_type();
    bool good = writer_add_attribute(r->writer->id, r->name, type, type, &r->text);
    status result = writer_outcome(r->writer, r->name, good);

    handle_close(type);
    return result;
}

status store_add_text(store_writer *writer, const char *name, const char *text)
{
    return io_run(run_text, &(request){.writer = writer, .name = name, .text = text});
}

static status run_number(void *argument)
{
    request *r = argument;

    return writer_outcome(r->writer, r->name,
                          writer_add_attribute(r->writer->id, r->name, H5T_STD_I64LE,
                                               H5T_NATIVE_INT64, &r->number));
}

status store_add_number(store_writer *writer, const char *name, int64_t value)
{
    return io_run(run_number, &(request){.writer = writer, .name = name, .number = value});
}

static status run_strings(void *argument)
{
    request *r = argument;
    hid_t type = handle_text_type();
    hid_t set = writer_create_set(r->writer, r->name, type, &r->shape);
    bool good = set >= 0 && (r->shape.dims[0] == 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL,
                                                               H5P_DEFAULT, r->strings) >= 0);
    status result = writer_outcome(r->writer, r->name, good && writer_add_hash(set, r->hash));

    handle_close(set);
    handle_close(type);
    return result;
}

status store_add_strings(store_writer *writer, const char *name, const char *const *strings,
                         size_t count)
{
    request r = {.writer = writer, .name = name, .strings = strings};

    CHECK(name[0] == '/');
    r.shape = (store_shape){STORE_STRINGS, 1, {count, 0}};
    XXH3_64bits_reset(writer->hash);
    for (size_t i = 0; i < count; i++)
        XXH3_64bits_update(writer->hash, strings[i], strlen(strings[i]) + 1);
    r.hash = XXH3_64bits_digest(writer->hash);
    TRY(io_run(run_strings, &r));
    return writer_note(writer, name, r.hash);
}
