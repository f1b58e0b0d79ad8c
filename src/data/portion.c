/* portion.c - what a rank needs of a window. */
#include "portion.h"

#include "lockstep/base/memory.h"

status portion_init(portion *out, const pair_source *from, const loader_settings *settings)
{
    *out = (portion){.settings = settings, .number = -1};
    return window_init(&out->window, from, settings->window, settings->seed, settings->shuffle);
}

void portion_free(portion *old)
{
    plan_free(&old->plan);
    window_free(&old->window);
}

static int32_t positions(const portion *p, int side, int32_t pair)
{
    return p->window.sides[side].lengths[pair] + specials_count(p->settings->specials[side]);
}

/* What a pair takes of batch.tokens: the longer side with its specials. An empty side without
 * any still takes its place in the plan. */
static int32_t cost(const portion *p, int32_t pair)
{
    int32_t most = 1;

    for (int side = 0; side < SIDES; side++) {
        int32_t here = positions(p, side, pair);
        most = here > most ? here : most;
    }
    return most;
}

static status plan_window(portion *p)
{
    const window *w = &p->window;
    int32_t *costs = memory_create((size_t)w->pairs, sizeof(*costs));

    if (costs == NULL)
        return fail(STATUS_NOMEM, "no memory to plan %d pairs", w->pairs);
    for (int i = 0; i < w->pairs; i++)
        costs[i] = cost(p, w->order[i]);
    plan_free(&p->plan);
    status result =
        plan_init(&p->plan, costs, w->pairs, p->settings->tokens, p->settings->grains);
    memory_destroy(costs);
    return result;
}

/* The pairs of this rank's grains of batch b, in the window's order. */
static void own_pairs(const portion *p, int b, int *from, int *to)
{
    const int32_t *cuts = plan_batch(&p->plan, b);

    *from = cuts[p->settings->first_grain];
    *to = cuts[p->settings->last_grain];
}

static void want_own(portion *p)
{
    int from, to;

    for (int b = 0; b < p->plan.batches; b++) {
        own_pairs(p, b, &from, &to);
        for (int i = from; i < to; i++)
            p->window.wanted[p->window.order[i]] = true;
    }
}

status portion_open(portion *p, int64_t epoch, int64_t number)
{
    p->number = -1;
    TRY(window_open(&p->window, epoch, number));
    TRY(plan_window(p));
    want_own(p);
    TRY(window_read(&p->window));
    p->epoch = epoch;
    p->number = number;
    return STATUS_OK;
}

bool portion_holds(const portion *p, int64_t epoch, int64_t number)
{
    return p->number == number && p->epoch == epoch;
}

int64_t portion_rows(const portion *p, int side, int from, int to)
{
    int64_t rows = 0;

    for (int i = from; i < to; i++)
        rows += positions(p, side, p->window.order[i]);
    return rows;
}

int64_t portion_scored(const portion *p, int from, int to)
{
    int64_t rows = 0;

    for (int i = from; i < to; i++)
        rows += p->window.scored[p->window.order[i]] +
                specials_count(p->settings->specials[SIDE_TARGET]);
    return rows;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Positions of the longest of them, where a packer wants to know. */
static int find_longest(const portion *p, int side, int from, int to)
{
    int longest = 0;

    if (p->window.from->elements[side].kind == ELEMENT_SYMBOL)
        return 0;
    for (int i = from; i < to; i++)
        longest = larger(longest, positions(p, side, p->window.order[i]));
    return longest;
}

packer_room portion_room(const portion *p)
{
    packer_room room = {.grains = p->settings->last_grain - p->settings->first_grain};
    int from, to;

    for (int b = 0; b < p->plan.batches; b++) {
        own_pairs(p, b, &from, &to);
        room.pairs = larger(room.pairs, to - from);
        for (int side = 0; side < SIDES; side++) {
            int64_t rows = portion_rows(p, side, from, to);
            CHECK(rows <= INT32_MAX);
            room.rows[side] = larger(room.rows[side], (int)rows);
            room.longest[side] = larger(room.longest[side], find_longest(p, side, from, to));
        }
    }
    return room;
}
