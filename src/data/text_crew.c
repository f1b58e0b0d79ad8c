/* text_crew.c - what a member of a crew does with the lines of a dataset in the making. */
#include "lockstep/data/text_crew.h"

#include <string.h>

#include "corpus_block.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "pair_block.h"
#include "sides_learn.h"
#include "text_reading.h"

struct text_member {
    const config *config;
    sides task; /* without vocabularies: how lines are read */
    sides_learning learning;
    bool learns;
    sides own;         /* loaded */
    const sides *used; /* NULL: none yet */
    pair_set pair;     /* the current one, alone */
    pair_block made;   /* of the block */
};

status text_member_create(text_member **out, const config *c)
{
    text_member *made = memory_create(1, sizeof(*made));

    *out = NULL;
    if (made == NULL)
        return fail(STATUS_NOMEM, "no memory to prepare a dataset");
    made->config = c;
    status result = sides_begin(&made->task, c);
    if (result != STATUS_OK) {
        text_member_destroy(made);
        return result;
    }
    *out = made;
    return STATUS_OK;
}

void text_member_destroy(text_member *self)
{
    if (self == NULL)
        return;
    sides_free(&self->task);
    sides_learning_end(&self->learning);
    sides_free(&self->own);
    pair_set_free(&self->pair);
    pair_block_free(&self->made);
    memory_destroy(self);
}

/* ---- counting ---- */

static status count_pairs(text_member *self, corpus *from, buffer *reply)
{
    corpus_line lines[SIDES];
    int64_t pairs = 0;
    size_t begin = reply->size;
    bool end;

    TRY(buffer_add(reply, &pairs, sizeof(pairs)));
    for (;; pairs++) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(sides_read(&self->task, from, lines, &end));
        if (end)
            break;
        if (lines[SIDE_SOURCE].size > 0 && lines[SIDE_TARGET].size > 0)
            TRY(sides_learning_add(&self->learning, lines, reply));
    }
    memcpy(reply->data + begin, &pairs, sizeof(pairs));
    return STATUS_OK;
}

static status count(text_member *self, corpus *from, buffer *reply)
{
    if (!self->learns)
        TRY(sides_learning_begin(&self->learning, self->config));
    self->learns = true;
    return count_pairs(self, from, reply);
}

status text_member_save(text_member *self, buffer *out)
{
    status result = sides_learning_save(&self->learning, out);

    sides_learning_end(&self->learning);
    self->learns = false;
    return result;
}

/* ---- encoding ---- */

void text_member_use(text_member *self, const sides *with)
{
    self->used = with;
    pair_set_free(&self->pair);
    for (int side = 0; side < SIDES; side++)
        self->pair.elements[side] = sides_element(with, (dataset_side)side);
}

status text_member_load(text_member *self, const char *packed)
{
    sides_free(&self->own);
    TRY(sides_unpack(&self->own, packed));
    text_member_use(self, &self->own);
    return STATUS_OK;
}

static status encode_pairs(text_member *self, const pair_rules *rules, corpus *from)
{
    corpus_line lines[SIDES];
    size_t lengths[SIDES];
    bool end;

    for (;;) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(sides_read(rules->sides, from, lines, &end));
        if (end)
            return STATUS_OK;
        pair_set_clear(&self->pair);
        for (int side = 0; side < SIDES; side++)
            TRY(sides_encode(rules->sides, (dataset_side)side, &lines[side], "",
                             (size_t)rules->max_length, &self->pair, &lengths[side]));
        TRY(pair_block_add(&self->made, rules, &self->pair, lengths, lines));
    }
}

static status encode(text_member *self, dataset_split split, corpus *from, buffer *reply)
{
    const pair_rules rules = {.sides = self->used,
                              .max_length = self->config->data.max_length,
                              .keep_text = dataset_split_keeps_text(split)};

    CHECK(self->used != NULL);
    pair_block_clear(&self->made);
    TRY(encode_pairs(self, &rules, from));
    return pair_block_save(&self->made, reply);
}

/* ---- orders ---- */

status text_member_work(text_member *self, const char *bytes, size_t size, buffer *reply)
{
    text_order order;

    CHECK(size >= sizeof(order));
    memcpy(&order, bytes, sizeof(order));
    const corpus_block block = corpus_block_load(bytes + sizeof(order));
    corpus *from;

    TRY(corpus_open_block(&from, dataset_split_files(self->config, order.split), &block));
    status result = order.task == TEXT_COUNT ? count(self, from, reply)
                                             : encode(self, order.split, from, reply);
    corpus_close(from);
    return result;
}

/* ---- alone ---- */

static status give_alone(void *context, const char *order, size_t size)
{
    text_alone *self = context;

    buffer_clear(&self->order);
    return buffer_add(&self->order, order, size);
}

static status take_alone(void *context, buffer *reply)
{
    text_alone *self = context;

    buffer_clear(reply);
    return text_member_work(self->member, self->order.data, self->order.size, reply);
}

static status collect_alone(void *context, buffer *saved)
{
    text_alone *self = context;

    buffer_clear(saved);
    return text_member_save(self->member, saved);
}

static status share_alone(void *context, const sides *made)
{
    text_alone *self = context;

    text_member_use(self->member, made);
    return STATUS_OK;
}

status text_alone_open(text_alone *out, const config *c, text_crew *crew)
{
    *crew = (text_crew){.context = out,
                        .members = 1,
                        .most = 1,
                        .give = give_alone,
                        .take = take_alone,
                        .collect = collect_alone,
                        .share = share_alone};
    return text_member_create(&out->member, c);
}

void text_alone_close(text_alone *self)
{
    text_member_destroy(self->member);
    buffer_free(&self->order);
}
