/* settle.c - ranks that have different kernels settle on the same. */
#include "settle.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lockstep/base/log.h"

enum { NAME = 64 };

typedef struct arithmetic {
    char name[NAME];
    uint64_t hash;
} arithmetic;

/* Where ranks part: rank 0's arithmetic and that of the lowest rank with another. */
typedef struct parting {
    int rank; /* -1: nowhere */
    arithmetic first, other;
} parting;

/* [collective] */
static status compare(world *w, const settling *s, parting *out)
{
    arithmetic mine = {.hash = 0};

    TRY(world_agree(w, s->hash(&mine.hash)));
    if (s->alike)
        out->rank = world_differs(w, &mine.hash, sizeof(mine.hash));
    snprintf(mine.name, sizeof(mine.name), "%s", s->name());
    if (!s->alike)
        out->rank = world_differs(w, &mine, sizeof(mine));
    out->first = out->other = mine;
    world_broadcast(w, &out->first, sizeof(mine), 0);
    world_broadcast(w, &out->other, sizeof(mine), out->rank > 0 ? out->rank : 0);
    return STATUS_OK;
}

/* [collective] What the lowest rank with a pin has; "" where there is none. */
static void find_pin(world *w, const settling *s, char pin[NAME])
{
    int last = world_size(w) - 1, rank = world_rank(w);
    int lowest = last - world_max(w, s->pinned ? last - rank : -1);

    memset(pin, 0, NAME);
    if (lowest > last)
        return;
    snprintf(pin, NAME, "%s", s->name());
    world_broadcast(w, pin, NAME, lowest);
}

/* [collective] Do all have these, with the same bits? */
static status try_one(world *w, const settling *s, const char *name, bool *same)
{
    bool kept = s->pinned && strcasecmp(name, s->name()) != 0;
    parting now;

    *same = world_max(w, kept || !s->take(name)) == 0;
    if (!*same)
        return STATUS_OK;
    TRY(compare(w, s, &now));
    *same = now.rank < 0;
    return STATUS_OK;
}

static status try_all(world *w, const settling *s, bool *same)
{
    char pin[NAME];

    find_pin(w, s, pin);
    if (pin[0] != '\0')
        return try_one(w, s, pin, same);
    for (const char *const *name = s->list; *name != NULL && !*same; name++)
        TRY(try_one(w, s, *name, same));
    return STATUS_OK;
}

static void describe(world *w, const settling *s, const parting *at, char *out, size_t size)
{
    const char *here = world_host(w, 0), *there = world_host(w, at->rank);

    if (strcmp(at->first.name, at->other.name) != 0)
        snprintf(out, size, "%s differs: %s on %s (rank 0), %s on %s (rank %d)", s->what,
                 at->first.name, here, at->other.name, there, at->rank);
    else
        snprintf(out, size, "%s %s gives other bits on %s (rank %d) than on %s (rank 0)",
                 s->what, at->first.name, there, at->rank, here);
}

status settle(world *w, const settling *s)
{
    parting at;
    bool same = false;
    char how[4 * NAME + 2 * 256];

    TRY(compare(w, s, &at));
    if (at.rank < 0)
        return STATUS_OK;
    TRY(try_all(w, s, &same));
    describe(w, s, &at, how, sizeof(how));
    if (same) {
        log_warning("%s; all ranks take %s, which gives them the same bits", how, s->name());
        return STATUS_OK;
    }
    status differs = STATUS_OK;
    if (world_rank(w) == 0)
        differs = fail(STATUS_USAGE,
                       "%s, and none gives all ranks the same bits; set %s to one that all "
                       "have, or to nothing on all, and run on hosts of one kind",
                       how, s->variable);
    return world_agree(w, differs);
}
