/* text_ranks.c - all ranks work on the text of a dataset that rank 0 prepares: the side of
 * rank 0. */
#include "text_ranks.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "text_rank.h"

/* Where an order is. */
typedef enum place {
    WAITS,   /* here */
    AWAY,    /* with another rank, whose answer's head will come */
    ANSWERS, /* the answer comes */
    DONE
} place;

typedef struct slot {
    place place;
    int rank; /* that has it */
    buffer order, reply;
    text_answer head;
    request sent, coming;
} slot;

/* The orders under way are those of the numbers [taken, given), in slots[number % most]. */
typedef struct ranks {
    world *world;
    text_member *member;
    slot *slots;
    int most;
    int *ahead; /* [world_size] orders that a rank has */
    uint64_t given, taken;
    bool apart;  /* others are told that rank 0 works, and there is no order under way */
    bool failed; /* all ranks know that */
} ranks;

static status create(ranks *self)
{
    size_t size = (size_t)world_size(self->world);

    self->most = (int)(TEXT_AHEAD * size);
    self->slots = memory_create((size_t)self->most, sizeof(*self->slots));
    self->ahead = memory_create(size, sizeof(*self->ahead));
    if (self->slots == NULL || self->ahead == NULL)
        return fail(STATUS_NOMEM, "no memory to prepare a dataset");
    return world_reserve(self->world, 2 * self->most + 1);
}

static void free_all(ranks *self)
{
    for (int i = 0; self->slots != NULL && i < self->most; i++) {
        buffer_free(&self->slots[i].order);
        buffer_free(&self->slots[i].reply);
    }
    memory_destroy(self->slots);
    memory_destroy(self->ahead);
}

static slot *slot_of(const ranks *self, uint64_t number)
{
    return &self->slots[number % (uint64_t)self->most];
}

/* ---- messages ---- */

/* Around orders under way: messages go to and fro. */
static void come_together(ranks *self)
{
    if (self->apart)
        world_work_end(self->world);
    self->apart = false;
}

static void go_apart(ranks *self)
{
    if (!self->apart)
        world_work_begin(self->world);
    self->apart = true;
}

static void send(ranks *self, slot *s, int rank)
{
    world *w = self->world;

    s->rank = rank;
    s->place = AWAY;
    self->ahead[rank]++;
    s->sent = world_send_begin(w, s->order.data, s->order.size, rank, TEXT_ORDER_TAG);
    s->coming = world_receive_begin(w, &s->head, sizeof(s->head), rank, TEXT_HEAD_TAG);
}

/* The other rank that has the fewest orders, where that can have one more; 0: none. */
static int find_free(const ranks *self)
{
    int best = 0;

    for (int rank = 1; rank < world_size(self->world); rank++)
        if (self->ahead[rank] < TEXT_AHEAD &&
            (best == 0 || self->ahead[rank] < self->ahead[best]))
            best = rank;
    return best;
}

static bool may_leave(const slot *s)
{
    return s->place == WAITS && s->order.size <= TEXT_ORDER_BYTES;
}

/* To ranks that have the fewest. */
static void hand_out(ranks *self)
{
    for (uint64_t number = self->taken; number < self->given; number++) {
        slot *s = slot_of(self, number);
        int rank = may_leave(s) ? find_free(self) : 0;

        if (rank > 0)
            send(self, s, rank);
    }
}

/* The head has come: make room for the rest, which the rank sends already. */
static void receive(ranks *self, slot *s)
{
    world_wait(self->world, &s->coming, 1);
    buffer_clear(&s->reply);
    if (buffer_reserve(&s->reply, s->head.size) != STATUS_OK)
        world_abort(self->world, status_exit_code(STATUS_NOMEM), error_message());
    s->place = ANSWERS;
    s->reply.size = s->head.size;
    s->reply.data[s->reply.size] = '\0';
    s->coming =
        world_receive_begin(self->world, s->reply.data, s->head.size, s->rank, TEXT_REPLY_TAG);
}

static void finish(ranks *self, slot *s)
{
    world_wait(self->world, &s->sent, 1);
    world_wait(self->world, &s->coming, 1);
    self->ahead[s->rank]--;
    s->place = DONE;
}

static void look(ranks *self, slot *s)
{
    const world *w = self->world;

    if (s->place == AWAY && world_finished(w, s->coming))
        receive(self, s);
    if (s->place == ANSWERS && world_finished(w, s->coming) && world_finished(w, s->sent))
        finish(self, s);
}

/* What has come by now. */
static void look_all(ranks *self)
{
    world_poke(self->world);
    for (uint64_t number = self->taken; number < self->given; number++)
        look(self, slot_of(self, number));
}

/* Until there is something to look at. */
static void wait_for(ranks *self, const slot *s)
{
    const request both[2] = {s->coming, s->sent};

    world_await(self->world, both, 2);
}

/* ---- the crew ---- */

static status give(void *context, const char *order, size_t size)
{
    ranks *self = context;
    slot *s = slot_of(self, self->given);

    CHECK(self->given - self->taken < (uint64_t)self->most);
    come_together(self);
    buffer_clear(&s->order);
    TRY(buffer_add(&s->order, order, size));
    s->place = WAITS;
    self->given++;
    look_all(self);
    hand_out(self);
    return STATUS_OK;
}

/* The first that no other rank has. */
static slot *find_own(const ranks *self)
{
    for (uint64_t number = self->taken; number < self->given; number++)
        if (slot_of(self, number)->place == WAITS)
            return slot_of(self, number);
    return NULL;
}

static void work_here(ranks *self, slot *s)
{
    s->head = text_rank_work(self->member, s->order.data, s->order.size, &s->reply);
    s->place = DONE;
}

/* Until the first order is done; an order of its own is what rank 0 waits with. */
static void complete(ranks *self)
{
    slot *first = slot_of(self, self->taken);

    for (;;) {
        look_all(self);
        hand_out(self);
        if (first->place == DONE)
            return;
        slot *own = find_own(self);

        if (own != NULL)
            work_here(self, own);
        else
            wait_for(self, first);
    }
}

static status take(void *context, buffer *reply)
{
    ranks *self = context;
    slot *first = slot_of(self, self->taken);
    const buffer old = *reply;

    CHECK(self->taken < self->given);
    complete(self);
    *reply = first->reply;
    first->reply = old;
    self->taken++;
    if (self->taken == self->given)
        go_apart(self);
    return first->head.result == STATUS_OK
               ? STATUS_OK
               : fail((status)first->head.result, "%s", reply->data);
}

static void command(ranks *self, text_command what)
{
    for (int rank = 1; rank < world_size(self->world); rank++) {
        request sent = world_send_begin(self->world, &what, sizeof(what), rank, TEXT_ORDER_TAG);

        world_wait(self->world, &sent, 1);
    }
}

static status collect(void *context, buffer *saved)
{
    ranks *self = context;

    come_together(self);
    command(self, TEXT_COLLECT);
    status result = text_rank_collect(self->world, self->member, saved);
    self->failed |= result != STATUS_OK;
    go_apart(self);
    return result;
}

static status share(void *context, const sides *made)
{
    ranks *self = context;
    buffer packed = {0};

    TRY(sides_pack(made, &packed));
    text_member_use(self->member, made);
    come_together(self);
    command(self, TEXT_SHARE);
    status result = text_rank_share(self->world, self->member, &packed);
    self->failed |= result != STATUS_OK;
    go_apart(self);
    buffer_free(&packed);
    return result;
}

/* ---- the beginning and the end ---- */

/* Forget orders that nobody has, and wait for the others. */
static void drain(ranks *self)
{
    come_together(self);
    for (; self->taken < self->given; self->taken++) {
        slot *first = slot_of(self, self->taken);

        while (first->place == AWAY || first->place == ANSWERS) {
            look_all(self);
            if (first->place != DONE)
                wait_for(self, first);
        }
    }
    for (int i = 0; i < TEXT_AHEAD; i++)
        command(self, TEXT_END);
}

static status lead(ranks *self, status (*work)(void *user, const text_crew *crew), void *user)
{
    TRY(world_agree(self->world, create(self)));
    const text_crew crew = {.context = self,
                            .members = world_size(self->world),
                            .most = self->most,
                            .give = give,
                            .take = take,
                            .collect = collect,
                            .share = share};

    go_apart(self);
    status result = work(user, &crew);
    drain(self);
    if (self->failed) /* which was told; what was said around it is no news */
        return fail(result, "%s", "");
    return world_agree(self->world, result);
}

static status follow(ranks *self)
{
    status result = text_rank_follow(self->world, self->member);

    return result == STATUS_OK ? world_agree(self->world, STATUS_OK) : result;
}

static status run_alone(world *w, status (*work)(void *user, const text_crew *crew), void *user)
{
    return world_agree(w, work(user, NULL));
}

status text_ranks_run(world *w, const config *c,
                      status (*work)(void *user, const text_crew *crew), void *user)
{
    ranks self = {.world = w};

    if (world_size(w) == 1)
        return run_alone(w, work, user);
    status result = world_agree(w, text_member_create(&self.member, c));

    if (result == STATUS_OK)
        result = world_rank(w) == 0 ? lead(&self, work, user) : follow(&self);
    free_all(&self);
    text_member_destroy(self.member);
    return result;
}
