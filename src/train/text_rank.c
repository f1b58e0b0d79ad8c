/* text_rank.c - a rank does its share of the text of a dataset. */
#include "text_rank.h"

#include <string.h>

#include "lockstep/base/memory.h"

/* An order that is here or on its way, and the answer to the last one here. */
typedef struct desk {
    char *order; /* [TEXT_ORDER_BYTES] */
    buffer reply;
    text_answer head;
    request coming, sent[2];
} desk;

text_answer text_rank_work(text_member *member, const char *order, size_t size, buffer *reply)
{
    buffer_clear(reply);
    status result = text_member_work(member, order, size, reply);

    if (result != STATUS_OK) {
        buffer_clear(reply);
        if (buffer_add_text(reply, "%s", error_message()) != STATUS_OK)
            result = STATUS_NOMEM;
    }
    return (text_answer){.result = result, .size = reply->size};
}

/* ---- together ---- */

status text_rank_collect(world *w, text_member *member, buffer *all)
{
    buffer mine = {0};
    char *found = NULL;
    size_t total = 0, *sizes = memory_create((size_t)world_size(w), sizeof(*sizes));
    status result = sizes == NULL ? fail(STATUS_NOMEM, "no memory to count symbols")
                                  : text_member_save(member, &mine);

    result = world_agree(w, result);
    if (result == STATUS_OK)
        result = world_collect(w, mine.data, mine.size, &found, sizes);
    if (result == STATUS_OK && world_rank(w) == 0) {
        for (int rank = 0; rank < world_size(w); rank++)
            total += sizes[rank];
        buffer_free(all);
        *all = (buffer){.data = found, .size = total, .room = total + 1};
    }
    memory_destroy(sizes);
    buffer_free(&mine);
    return result;
}

status text_rank_share(world *w, text_member *member, buffer *packed)
{
    uint64_t size = packed->size;
    bool first = world_rank(w) == 0;

    world_broadcast(w, &size, sizeof(size), 0);
    TRY(world_agree(w, first ? STATUS_OK : buffer_reserve(packed, size)));
    world_broadcast(w, packed->data, size, 0);
    return world_agree(w, first ? STATUS_OK : text_member_load(member, packed->data));
}

static status share(world *w, text_member *member)
{
    buffer packed = {0};
    status result = text_rank_share(w, member, &packed);

    buffer_free(&packed);
    return result;
}

/* ---- a rank that is not 0 ---- */

static void expect(world *w, desk *d)
{
    d->coming = world_receive_begin(w, d->order, TEXT_ORDER_BYTES, 0, TEXT_ORDER_TAG);
}

/* The bytes that came. */
static size_t await(world *w, desk *d)
{
    while (!world_finished(w, d->coming))
        world_await(w, &d->coming, 1);
    size_t size = world_received(w, d->coming);

    world_wait(w, &d->coming, 1);
    return size;
}

static void answer(world *w, text_member *member, desk *d, size_t size)
{
    world_wait(w, d->sent, 2);
    d->head = text_rank_work(member, d->order, size, &d->reply);
    d->sent[0] = world_send_begin(w, &d->head, sizeof(d->head), 0, TEXT_HEAD_TAG);
    d->sent[1] = world_send_begin(w, d->reply.data, d->reply.size, 0, TEXT_REPLY_TAG);
}

static status obey(world *w, text_member *member, text_command command)
{
    buffer none = {0};

    switch (command) {
    case TEXT_COLLECT:
        return text_rank_collect(w, member, &none);
    case TEXT_SHARE:
        return share(w, member);
    case TEXT_END:
        break;
    }
    return STATUS_OK;
}

static status serve(world *w, text_member *member, desk *desks)
{
    status result = STATUS_OK;
    int ends = 0;

    for (int i = 0; i < TEXT_AHEAD; i++)
        expect(w, &desks[i]);
    for (int i = 0; ends < TEXT_AHEAD; i = (i + 1) % TEXT_AHEAD) {
        desk *d = &desks[i];
        size_t size = await(w, d);
        text_command command;

        memcpy(&command, d->order, sizeof(command));
        if (size > sizeof(command))
            answer(w, member, d, size);
        else if (command == TEXT_END)
            ends++;
        else
            result = obey(w, member, command);
        if (ends == 0)
            expect(w, d);
    }
    for (int i = 0; i < TEXT_AHEAD; i++)
        world_wait(w, desks[i].sent, 2);
    return result;
}

static status create_desks(desk *desks)
{
    for (int i = 0; i < TEXT_AHEAD; i++) {
        desks[i].sent[0] = desks[i].sent[1] = (request){-1};
        desks[i].order = memory_create(TEXT_ORDER_BYTES, 1);
        if (desks[i].order == NULL)
            return fail(STATUS_NOMEM, "no memory to prepare a dataset");
    }
    return STATUS_OK;
}

status text_rank_follow(world *w, text_member *member)
{
    desk desks[TEXT_AHEAD] = {{0}};
    status result = world_agree(w, create_desks(desks));

    if (result == STATUS_OK)
        result = serve(w, member, desks);
    for (int i = 0; i < TEXT_AHEAD; i++) {
        memory_destroy(desks[i].order);
        buffer_free(&desks[i].reply);
    }
    return result;
}
