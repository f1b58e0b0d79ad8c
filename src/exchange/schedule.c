/* schedule.c - what an exchange would do on a number of ranks. */
#include "lockstep/exchange/schedule.h"

#include <math.h>

#include "lockstep/base/memory.h"
#include "private.h"
#include "route.h"

struct schedule {
    const parameters *parameters;
    schedule_settings settings;
    int ranks;
    buckets plan;
    route route;
    stages stages;  /* of the rank that is followed */
    double *filled; /* [plan.pieces] before the first stage */
    int *bucket;    /* [plan.pieces] */
};

/* Numbered one host after another. */
static int host_of(const schedule *s, int rank)
{
    return rank / s->settings.ranks_a_host;
}

/* ---- creating ---- */

static status choose(schedule *s)
{
    int *hosts = memory_create((size_t)s->ranks, sizeof(*hosts));

    if (hosts == NULL)
        return fail(STATUS_NOMEM, "hosts of %d ranks", s->ranks);
    for (int rank = 0; rank < s->ranks; rank++)
        hosts[rank] = host_of(s, rank);
    status done =
        route_find(&s->route, &s->settings.exchange, &s->plan, s->parameters, hosts, s->ranks);
    memory_destroy(hosts);
    return done;
}

/* The mean over the tensors that stand in the bucket. */
static double filled_of(const schedule *s, const bucket *b, int use)
{
    size_t end = b->first + b->blocks * PARAMETER_BLOCK;
    double all = 0.0, sent = 0.0;

    if (s->settings.filled == NULL)
        return 1.0;
    for (int i = 0; i < s->parameters->count; i++) {
        const parameter *t = &s->parameters->list[i];
        size_t first = t->first > b->first ? t->first : b->first;
        size_t last = t->first + t->count < end ? t->first + t->count : end;

        if (first >= last)
            continue;
        all += (double)(last - first);
        sent += (double)(last - first) * s->settings.filled[i * PARAMETER_USES + use];
    }
    return all > 0.0 ? sent / all : 1.0;
}

static status list_pieces(schedule *s)
{
    s->filled = memory_create((size_t)s->plan.pieces, sizeof(*s->filled));
    s->bucket = memory_create((size_t)s->plan.pieces, sizeof(*s->bucket));
    if (s->filled == NULL || s->bucket == NULL)
        return fail(STATUS_NOMEM, "%d pieces of gradients", s->plan.pieces);
    for (int b = 0; b < s->plan.count; b++)
        for (int use = 0; use < s->plan.list[b].uses; use++) {
            int piece = s->plan.list[b].piece + use;

            s->bucket[piece] = b;
            s->filled[piece] = filled_of(s, &s->plan.list[b], use);
        }
    return STATUS_OK;
}

/* The first ranks have more grains, if any have; the last places have more blocks. */
static int busiest(const schedule *s)
{
    return s->settings.exchange.grains % s->ranks == 0 ? s->ranks - 1 : 0;
}

static status fill(schedule *s)
{
    const exchange_settings *e = &s->settings.exchange;

    if (s->ranks > e->grains)
        return fail(STATUS_CONFIG, "%d ranks cannot share batch.grains: %d", s->ranks,
                    e->grains);
    TRY(buckets_init(&s->plan, s->parameters, e->bucket_bytes));
    TRY(choose(s));
    TRY(stages_init(&s->stages, busiest(s), s->route.radices, s->route.count, e->grains));
    return list_pieces(s);
}

status schedule_create(schedule **out, const parameters *p, const schedule_settings *settings)
{
    schedule *s = memory_create(1, sizeof(*s));

    *out = NULL;
    if (s == NULL)
        return fail(STATUS_NOMEM, "schedule of an exchange");
    s->parameters = p;
    s->settings = *settings;
    s->ranks = settings->hosts * settings->ranks_a_host;
    status done = fill(s);
    if (done != STATUS_OK) {
        schedule_destroy(s);
        return done;
    }
    *out = s;
    return STATUS_OK;
}

void schedule_destroy(schedule *s)
{
    if (s == NULL)
        return;
    buckets_free(&s->plan);
    stages_free(&s->stages);
    memory_destroy(s->filled);
    memory_destroy(s->bucket);
    memory_destroy(s);
}

/* ---- asking ---- */

void schedule_text(const schedule *s, char out[EXCHANGE_TEXT])
{
    stages_text(&s->stages, out, EXCHANGE_TEXT);
}

int schedule_rank(const schedule *s)
{
    return s->stages.rank;
}

int schedule_stages(const schedule *s)
{
    return s->stages.count;
}

int schedule_pieces(const schedule *s)
{
    return s->plan.pieces;
}

int schedule_buckets(const schedule *s)
{
    return s->plan.count;
}

int schedule_window(void)
{
    return WINDOW;
}

int schedule_gather_window(void)
{
    return GATHER_WINDOW;
}

void schedule_buckets_of(const schedule *s, int tensor, int *first, int *last)
{
    const parameter *t = &s->parameters->list[tensor];

    *first = buckets_find(&s->plan, t->first);
    *last = buckets_find(&s->plan, t->first + t->count - 1);
}

int schedule_uses(const schedule *s, int bucket)
{
    return s->plan.list[bucket].uses;
}

int schedule_piece(const schedule *s, int bucket, int use)
{
    return s->plan.list[bucket].piece + use;
}

double schedule_owned(const schedule *s, int bucket)
{
    part mine = bucket_part(&s->plan.list[bucket], s->stages.place, 1, s->ranks);

    return (double)mine.count / (double)s->parameters->floats;
}

/* Messages of a node that all ranks of this one's host send to others. */
static double cable_share(const schedule *s, const stage *at)
{
    int size = s->settings.ranks_a_host, host = host_of(s, s->stages.rank);
    double sum = 0.0;

    for (int rank = host * size; rank < (host + 1) * size; rank++) {
        int digit = rank / at->stride % at->radix;

        for (int member = 0; member < at->radix; member++)
            sum += host_of(s, rank + (member - digit) * at->stride) != host;
    }
    return sum;
}

static double share_of(const schedule *s, const bucket *b, const stage *at, int member)
{
    return (double)bucket_part(b, stage_place(at, member), at->share, s->ranks).count;
}

/* To each other member so many nodes, of `bytes` for a float: of a gradient that one's share of
 * the places, of values this rank's own. */
static schedule_leg leg_of(const schedule *s, const stage *at, const bucket *b, int nodes,
                           double bytes, bool values)
{
    schedule_leg leg = {.added = 0.0};
    int host = host_of(s, s->stages.rank);

    for (int member = 0; member < at->radix; member++) {
        double share = share_of(s, b, at, values ? at->digit : member);
        bool near = host_of(s, stage_peer(&s->stages, at, member)) == host;

        if (member == at->digit || share == 0.0)
            continue;
        *(near ? &leg.within : &leg.between) += nodes;
        *(near ? &leg.inside : &leg.outside) += nodes * share * bytes;
    }
    if (leg.between > 0.0)
        leg.cable = leg.outside * cable_share(s, at) * nodes / leg.between;
    return leg;
}

/* What is sent of a node after the nodes of `members` have been added, each of which was filled
 * so far by itself. */
static double filled_after(double filled, double members)
{
    return 1.0 - pow(1.0 - filled, members);
}

schedule_leg schedule_piece_leg(const schedule *s, int piece, int stage)
{
    const struct stage *at = &s->stages.list[stage];
    const bucket *b = &s->plan.list[s->bucket[piece]];
    double size = s->settings.exchange.half ? sizeof(uint16_t) : sizeof(float);
    double filled = filled_after(s->filled[piece], at->stride);
    schedule_leg leg =
        leg_of(s, at, b, stage_nodes(at), size * (filled <= 0.5 ? filled : 1.0), false);

    leg.added = share_of(s, b, at, at->digit) * (at->join.last - at->join.nodes);
    return leg;
}

schedule_leg schedule_value_leg(const schedule *s, int bucket, int stage)
{
    return leg_of(s, &s->stages.list[stage], &s->plan.list[bucket], 1, sizeof(float), true);
}
