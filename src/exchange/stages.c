/* stages.c - the stages in which the ranks reach each other, and how nodes are added. */
#include "stages.h"

#include <stdio.h>

#include "lockstep/base/memory.h"

/* `bounds` has the grains' runs of the group's members. */
static status join(stage *at, int grains, const int *bounds)
{
    TRY(tree_join_init(&at->join, grains, bounds, at->radix));
    at->first = memory_create((size_t)at->radix + 1, sizeof(*at->first));
    at->home = memory_create((size_t)at->join.slots, sizeof(*at->home));
    if (at->first == NULL || at->home == NULL)
        return fail(STATUS_NOMEM, "stages of %d ranks", at->radix);
    for (int m = 0; m < at->radix; m++)
        at->first[m + 1] = at->first[m] + tree_nodes(grains, bounds[m], bounds[m + 1]);
    /* The last one that was put where nothing was taken away again. */
    for (int leaf = 0; leaf < at->join.last; leaf++)
        at->home[at->join.step[leaf].slot] = leaf;
    return STATUS_OK;
}

/* The grains' run of a group is that of neighbouring ranks. */
static status join_group(stage *at, const stages *s, int grains)
{
    int ranks = at->radix * at->stride, first = s->rank / ranks * ranks, last;
    int *bounds = memory_create((size_t)at->radix + 1, sizeof(*bounds));

    if (bounds == NULL)
        return fail(STATUS_NOMEM, "stages of %d ranks", s->ranks);
    for (int m = 0; m < at->radix; m++) {
        tree_split(grains, first + m * at->stride, s->ranks, &bounds[m], &last);
        tree_split(grains, first + (m + 1) * at->stride - 1, s->ranks, &last, &bounds[m + 1]);
    }
    status made = join(at, grains, bounds);
    memory_destroy(bounds);
    return made;
}

status stages_init(stages *s, int rank, const int *radices, int count, int grains)
{
    int stride = 1;

    *s = (stages){.rank = rank, .ranks = 1};
    CHECK(count <= STAGES_MOST);
    for (int i = 0; i < count; i++)
        s->ranks *= radices[i];
    int share = s->ranks;
    for (int i = 0; i < count; i++) {
        stage *at = &s->list[s->count++];

        share /= radices[i];
        *at = (stage){.radix = radices[i],
                      .digit = rank / stride % radices[i],
                      .stride = stride,
                      .place = s->place,
                      .share = share};
        s->place += at->digit * share;
        TRY(join_group(at, s, grains));
        stride *= radices[i];
    }
    CHECK(count == 0 || s->list[count - 1].join.nodes == 1);
    return STATUS_OK;
}

void stages_free(stages *s)
{
    for (int i = 0; i < s->count; i++) {
        tree_run_free(&s->list[i].join);
        memory_destroy(s->list[i].first);
        memory_destroy(s->list[i].home);
    }
    *s = (stages){0};
}

void stages_text(const stages *s, char *out, size_t size)
{
    size_t used = 0;

    snprintf(out, size, "each rank with each");
    for (int i = 0; s->count > 1 && i < s->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%d",
                                 i == 0 ? "in stages of " : ", ", s->list[i].radix);
}

int stages_place(const stages *s, int rank)
{
    int place = 0;

    for (int i = 0; i < s->count; i++)
        place += rank / s->list[i].stride % s->list[i].radix * s->list[i].share;
    return place;
}

int stage_peer(const stages *s, const stage *at, int member)
{
    return s->rank + (member - at->digit) * at->stride;
}

int stage_place(const stage *at, int member)
{
    return at->place + member * at->share;
}

int stage_nodes(const stage *at)
{
    return at->first[at->digit + 1] - at->first[at->digit];
}
