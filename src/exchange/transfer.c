/* transfer.c - one piece of gradients on its way through the stages. */
#include "lockstep/slab/node.h"
#include "private.h"

static const bucket *bucket_of(const exchange *x, const transfer *t)
{
    return &x->plan.list[t->piece.bucket];
}

/* Each pair of ranks meets in one stage only: piece and node tell messages apart. */
static int tag_of(const exchange *x, const transfer *t, const stage *at, int leaf)
{
    int number = (bucket_of(x, t)->piece + t->piece.use) % GRADIENT_TAGS;

    return (int)(((long)number * at->join.last + leaf) % GRADIENT_TAGS);
}

/* Floats of one member's share of the stage's places, and where they start among them. */
static part share_of(const exchange *x, const transfer *t, const stage *at, int member)
{
    const bucket *b = bucket_of(x, t);
    part whole = bucket_part(b, at->place, at->share * at->radix, x->ranks);
    part share = bucket_part(b, stage_place(at, member), at->share, x->ranks);

    return (part){share.first - whole.first, share.count};
}

static node_at take_memory(const exchange *x, const transfer *t, size_t *used, size_t count)
{
    size_t at = *used;

    *used += count;
    if (x->settings.half)
        return (node_at){.halves = (uint16_t *)t->received + at};
    return (node_at){.floats = (float *)t->received + at};
}

/* Everything that will come, in all stages, so that no message has to wait for this rank. */
static void begin_receives(exchange *x, transfer *t)
{
    size_t size = x->settings.half ? sizeof(uint16_t) : sizeof(float), used = 0;

    for (int s = 0; s < x->stages.count; s++) {
        const stage *at = &x->stages.list[s];
        size_t count = share_of(x, t, at, at->digit).count;

        for (int m = 0; m < at->radix; m++)
            for (int leaf = at->first[m]; m != at->digit && leaf < at->first[m + 1]; leaf++) {
                node_at memory = take_memory(x, t, &used, count);
                void *data = x->settings.half ? (void *)memory.halves : (void *)memory.floats;

                t->arrivals[t->count] = memory;
                t->requests[t->count++] =
                    world_receive_begin(x->world, data, count * size,
                                        stage_peer(&x->stages, at, m), tag_of(x, t, at, leaf));
            }
    }
}

static request send_node(exchange *x, transfer *t, node_at node, size_t count, int peer,
                         int tag)
{
    uint16_t *packed = t->packed + t->packed_count;
    size_t bytes = cells_pack(packed, node, count, x->settings.half, x->bits);

    if (bytes > 0) {
        t->packed_count += bytes / sizeof(*packed);
        return send_bytes(x, packed, bytes, peer, tag);
    }
    if (node.halves != NULL)
        return send_bytes(x, node.halves, count * sizeof(uint16_t), peer, tag);
    if (!x->settings.half)
        return send_bytes(x, node.floats, count * sizeof(float), peer, tag);
    t->packed_count += count;
    node_pack(packed, node.floats, count);
    return send_bytes(x, packed, count * sizeof(uint16_t), peer, tag);
}

/* Every other member's share of the nodes that this rank holds. */
static void begin_sends(exchange *x, transfer *t, const stage *at)
{
    /* Not all members to the first one first. */
    for (int step = 1; step < at->radix; step++) {
        int member = (at->digit + step) % at->radix;
        part share = share_of(x, t, at, member);

        for (int node = 0; node < stage_nodes(at); node++)
            t->requests[t->count++] =
                send_node(x, t, node_at_offset(t->nodes[node], share.first), share.count,
                          stage_peer(&x->stages, at, member),
                          tag_of(x, t, at, at->first[at->digit] + node));
    }
}

void transfer_begin(exchange *x, transfer *t, piece what)
{
    const parameters *p = x->parameters;
    const bucket *b = &x->plan.list[what.bucket];

    t->busy = true;
    t->piece = what;
    t->number = x->begun;
    t->stage = t->count = 0;
    t->packed_count = 0;
    for (int node = 0; node < p->nodes; node++)
        t->nodes[node] = (node_at){.floats = p->gradients + (size_t)node * p->gradient_floats +
                                             b->gradient[what.use]};
    begin_receives(x, t);
    if (x->stages.count > 0)
        begin_sends(x, t, &x->stages.list[0]);
}

/* What has come without its zeros gets them back. */
static void unpack_arrivals(exchange *x, const transfer *t, size_t count)
{
    size_t whole = count * (x->settings.half ? sizeof(uint16_t) : sizeof(float));

    for (int i = x->arrival[t->stage]; i < x->arrival[t->stage + 1]; i++) {
        size_t bytes = world_received(x->world, t->requests[i]);

        if (bytes < whole)
            cells_unpack(t->arrivals[i], count, bytes, x->bits);
    }
}

/* The group's leaves in order, this rank's share of each. */
static void list_leaves(exchange *x, const transfer *t, const stage *at)
{
    const node_at *arrival = t->arrivals + x->arrival[t->stage];
    size_t own = share_of(x, t, at, at->digit).first;

    for (int leaf = 0; leaf < at->join.last; leaf++) {
        int node = leaf - at->first[at->digit];

        x->leaves[leaf] = 0 <= node && node < stage_nodes(at)
                              ? node_at_offset(t->nodes[node], own)
                              : *arrival++;
    }
}

/* Where this rank's sum of one use of a tied bucket waits for the other uses: in the plane that
 * its own part came from, which nobody needs any more. */
static float *landing_of(const exchange *x, const bucket *b, int use, int slice)
{
    return x->parameters->gradients + b->gradient[use] + (x->slices[slice].first - b->first);
}

/* The last stage's sum becomes the gradient, with those of the other uses if there are any. */
static void land(exchange *x, transfer *t, const stage *at)
{
    const bucket *b = bucket_of(x, t);
    slice mine = x->slices[t->piece.bucket];
    float *out = x->gradients + mine.owned;
    const float *uses[PARAMETER_USES];

    if (at != NULL)
        node_sum_root(&x->sum, &at->join, x->leaves,
                      b->uses == 1 ? out : landing_of(x, b, t->piece.use, t->piece.bucket),
                      mine.count, b->uses == 1 && x->add);
    if (--x->missing[t->piece.bucket] > 0 || (b->uses == 1 && at != NULL))
        return;
    for (int use = 0; use < b->uses; use++)
        uses[use] = landing_of(x, b, use, t->piece.bucket);
    node_sum_uses(&x->sum, uses, b->uses, out, mine.count, x->add);
}

static void join_stage(exchange *x, transfer *t)
{
    const stage *at = &x->stages.list[t->stage];
    size_t count = share_of(x, t, at, at->digit).count;

    unpack_arrivals(x, t, count);
    list_leaves(x, t, at);
    if (++t->stage == x->stages.count) {
        land(x, t, at);
        return;
    }
    for (int node = 0; node < at->join.nodes; node++)
        t->nodes[node] = x->leaves[at->home[node]];
    node_sum_join(&x->sum, &at->join, x->leaves, t->nodes, count);
    begin_sends(x, t, &x->stages.list[t->stage]);
}

bool transfer_advance(exchange *x, transfer *t)
{
    int count;

    while (t->stage < x->stages.count) {
        const request *awaited = transfer_awaits(x, t, &count);

        if (!have_finished(x, awaited, count))
            return false;
        join_stage(x, t);
    }
    if (!have_finished(x, t->requests, t->count))
        return false;
    world_wait(x->world, t->requests, t->count);
    if (x->stages.count == 0)
        land(x, t, NULL);
    t->busy = false;
    x->landed++;
    return true;
}

const request *transfer_awaits(const exchange *x, const transfer *t, int *count)
{
    if (t->stage == x->stages.count) {
        *count = t->count;
        return t->requests;
    }
    *count = x->arrival[t->stage + 1] - x->arrival[t->stage];
    return t->requests + x->arrival[t->stage];
}
