/* references.c - what a source may become. */
#include "references.h"

#include "lockstep/base/memory.h"
#include "lockstep/base/string_table.h"
#include "lockstep/text/join.h"

/* A chain through `all` for each item; -1 ends it. */
typedef struct reference {
    size_t start; /* of its text */
    int64_t next;
} reference;

typedef struct item {
    int64_t first, last;
} item;

struct references {
    const char *continuation;
    string_table sources; /* their numbers are the items' */
    buffer items;         /* of item */
    buffer all;           /* of reference */
    buffer text;          /* each ended by a 0 byte */
};

status references_create(references **out, const char *continuation)
{
    references *r = memory_create(1, sizeof(*r));

    *out = r;
    if (r == NULL)
        return fail(STATUS_NOMEM, "no memory for references");
    r->continuation = continuation;
    return STATUS_OK;
}

void references_destroy(references *r)
{
    if (r == NULL)
        return;
    string_table_free(&r->sources);
    buffer_free(&r->items);
    buffer_free(&r->all);
    buffer_free(&r->text);
    memory_destroy(r);
}

static item *item_at(const references *r, int64_t number)
{
    return (item *)(void *)r->items.data + number;
}

static reference *reference_at(const references *r, int64_t number)
{
    return (reference *)(void *)r->all.data + number;
}

static status add_text(references *r, const char *target, size_t size)
{
    const reference made = {.start = r->text.size, .next = -1};

    TRY(text_join(target, size, r->continuation, &r->text));
    TRY(buffer_add(&r->text, "", 1));
    return buffer_add(&r->all, &made, sizeof(made));
}

static status add_item(references *r, const char *source, size_t size, int64_t number)
{
    const item made = {.first = number, .last = number};

    TRY(string_table_add(&r->sources, source, size));
    return buffer_add(&r->items, &made, sizeof(made));
}

status references_add(references *r, const char *source, size_t source_size, const char *target,
                      size_t target_size, bool *is_new)
{
    int64_t number = (int64_t)(r->all.size / sizeof(reference));
    int32_t found = string_table_find(&r->sources, source, source_size);

    *is_new = found < 0;
    TRY(add_text(r, target, target_size));
    if (found < 0)
        return add_item(r, source, source_size, number);
    item *known = item_at(r, found);

    reference_at(r, known->last)->next = number;
    known->last = number;
    return STATUS_OK;
}

int64_t references_count(const references *r)
{
    return (int64_t)(r->items.size / sizeof(item));
}

int64_t references_first(const references *r, int64_t number)
{
    CHECK(number >= 0 && number < references_count(r));
    return item_at(r, number)->first;
}

int64_t references_next(const references *r, int64_t pair)
{
    return reference_at(r, pair)->next;
}

status references_of(const references *r, int64_t number, buffer *list,
                     const char *const **texts, int *count)
{
    *count = 0;
    buffer_clear(list);
    for (int64_t at = references_first(r, number); at >= 0; at = references_next(r, at)) {
        const char *text = r->text.data + reference_at(r, at)->start;

        TRY(buffer_add(list, &text, sizeof(text)));
        ++*count;
    }
    *texts = (const char *const *)(void *)list->data;
    return STATUS_OK;
}
