/* store_load_text.c - attributes and strings out of a store. */
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "reader.h"

/* What a call asks of the I/O thread, and what it answers. */
typedef struct request {
    store_reader *reader;
    const char *name;
    store_shape shape;
    uint64_t hash;
    int64_t number;
    buffer *text;
} request;

static status run_load_text(void *argument)
{
    request *r = argument;
    hid_t attribute = -1, type = handle_text_type();
    char *text = NULL;

    status result = reader_open_attribute(r->reader, r->reader->id, r->name, type, &attribute);
    if (result != STATUS_OK) {
        handle_close(type);
        return result;
    }
    result = H5Aread(attribute, type, &text) < 0 || text == NULL
                 ? handle_fail(STATUS_FORMAT, r->reader->path, r->name, "cannot read the text")
                 : buffer_add(r->text, text, strlen(text));
    if (text != NULL)
        H5free_memory(text);
    handle_close(attribute);
    handle_close(type);
    return result;
}

status store_load_text(store_reader *reader, const char *name, char **out)
{
    buffer text = {0};
    status result =
        io_run(run_load_text, &(request){.reader = reader, .name = name, .text = &text});

    if (result != STATUS_OK) {
        buffer_free(&text);
        return result;
    }
    *out = text.data;
    return STATUS_OK;
}

static status run_load_number(void *argument)
{
    request *r = argument;
    hid_t attribute = -1;

    TRY(reader_open_attribute(r->reader, r->reader->id, r->name, H5T_STD_I64LE, &attribute));
    status result = STATUS_OK;
    if (H5Aread(attribute, H5T_NATIVE_INT64, &r->number) < 0)
        result = handle_fail(STATUS_FORMAT, r->reader->path, r->name, "cannot read the number");
    handle_close(attribute);
    return result;
}

status store_load_number(store_reader *reader, const char *name, int64_t *out)
{
    request r = {.reader = reader, .name = name};

    TRY(io_run(run_load_number, &r));
    *out = r.number;
    return STATUS_OK;
}

/* All strings with their final 0s, one after another. */
static status gather_strings(const request *r, char *const *strings)
{
    for (uint64_t i = 0; i < r->shape.dims[0]; i++) {
        const char *text = strings[i] != NULL ? strings[i] : "";

        TRY(buffer_add(r->text, text, strlen(text) + 1));
    }
    return STATUS_OK;
}

/* A string's room, in a list: HDF5 loses what it has taken when a later one fails. */
typedef struct room {
    struct room *next;
    _Alignas(16) char text[];
} room;

/* Many strings may be told to be one and the same long piece of the file. */
typedef struct budget {
    size_t left;
    bool is_short; /* of memory */
    room *taken;
} budget;

static void *take_text(size_t size, void *user)
{
    budget *b = user;

    if (size > b->left)
        return NULL;
    b->left -= size;
    room *made = memory_create(sizeof(*made) + size, 1);
    b->is_short = made == NULL;
    if (made == NULL)
        return NULL;
    made->next = b->taken;
    b->taken = made;
    return made->text;
}

/* All of it is given back at the end. */
static void give_text(void *text, void *user)
{
    (void)text;
    (void)user;
}

static void budget_free(budget *b)
{
    while (b->taken != NULL) {
        room *next = b->taken->next;

        memory_destroy(b->taken);
        b->taken = next;
    }
}

static status read_strings(request *r, hid_t set, char **strings)
{
    budget left = {.left = r->reader->size};
    hid_t type = handle_text_type();
    hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    bool good = H5Pset_vlen_mem_manager(transfer, take_text, &left, give_text, NULL) >= 0;
    status result;

    if (!good || H5Dread(set, type, H5S_ALL, H5S_ALL, transfer, strings) < 0)
        result = handle_fail(left.is_short ? STATUS_NOMEM : STATUS_FORMAT, r->reader->path,
                             r->name, "cannot read");
    else
        result = gather_strings(r, strings);
    budget_free(&left);
    handle_close(transfer);
    handle_close(type);
    return result;
}

static status read_set(request *r, hid_t set)
{
    char **strings = memory_create(r->shape.dims[0], sizeof(char *));
    status result;

    if (strings == NULL)
        result = fail(STATUS_NOMEM, "%s: %s: no memory", r->reader->path, r->name);
    else
        result = r->shape.dims[0] > 0 ? read_strings(r, set, strings) : STATUS_OK;
    memory_destroy(strings);
    return result == STATUS_OK ? reader_read_hash(r->reader, r->name, set, &r->hash) : result;
}

static status run_load_strings(void *argument)
{
    request *r = argument;
    hid_t set;

    TRY(reader_open_set(r->reader, r->name, &set));
    status result = read_set(r, set);
    handle_close(set);
    return result;
}

/* One block: the pointers, then the text. */
static status place_strings(const request *r, char ***out, size_t *count)
{
    size_t strings = r->shape.dims[0];
    char **block = memory_create(strings * sizeof(char *) + r->text->size, 1);

    if (block == NULL)
        return fail(STATUS_NOMEM, "%s: %s: no memory", r->reader->path, r->name);
    char *at = (char *)(block + strings);
    if (r->text->size > 0)
        memcpy(at, r->text->data, r->text->size);
    for (size_t i = 0; i < strings; i++) {
        block[i] = at;
        at += strlen(at) + 1;
    }
    *out = block;
    *count = strings;
    return STATUS_OK;
}

status store_load_strings(store_reader *reader, const char *name, char ***out, size_t *count)
{
    buffer text = {0};
    request r = {.reader = reader, .name = name, .text = &text};

    TRY(reader_find_set(reader, name, &r.shape));
    if (r.shape.type != STORE_STRINGS || r.shape.dimensions != 1)
        return fail(STATUS_FORMAT, "%s: %s: does not hold strings", reader->path, name);
    status result = io_run(run_load_strings, &r);

    if (result == STATUS_OK)
        result = reader_check_hash(reader, name, r.hash, store_hash(text.data, text.size));
    if (result == STATUS_OK)
        result = place_strings(&r, out, count);
    buffer_free(&text);
    return result;
}
