/* placement.c - where ranks run, in words, and whether they have enough cores. */
#include "lockstep/infer/placement.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/plural.h"
#include "lockstep/base/status.h"

/* ---- counting ---- */

typedef struct range {
    int least, most;
} range;

static void range_add(range *r, int value)
{
    r->least = r->least == 0 || value < r->least ? value : r->least;
    r->most = value > r->most ? value : r->most;
}

static bool same_host(const placement *a, const placement *b)
{
    return strcmp(a->host, b->host) == 0;
}

int placement_count(const placement *all, int ranks, int rank)
{
    int there = 0;

    for (int r = 0; r < ranks; r++) {
        if (!same_host(&all[r], &all[rank]))
            continue;
        if (r < rank)
            return 0;
        there++;
    }
    return there;
}

static int cores_of(const placement *p)
{
    return affinity_count(&p->cores);
}

/* ---- words ---- */

/* Appends to `out`, as far as there is room. */
PRINTF_LIKE(2, 3) static void add(char out[PLACEMENT_TEXT], const char *format, ...)
{
    size_t used = strlen(out);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(out + used, PLACEMENT_TEXT - used, format, arguments);
    va_end(arguments);
}

static void add_range(char out[PLACEMENT_TEXT], range r, const char *noun)
{
    if (r.least == r.most)
        add(out, "%d %s%s", r.most, noun, PLURAL(r.most));
    else
        add(out, "%d to %d %ss", r.least, r.most, noun);
}

static void add_hosts(char out[PLACEMENT_TEXT], const placement *all, int ranks)
{
    range there = {0, 0};
    int hosts = 0;

    for (int r = 0; r < ranks; r++) {
        int many = placement_count(all, ranks, r);

        if (many > 0) {
            range_add(&there, many);
            hosts++;
        }
    }
    add(out, "%d host%s", hosts, PLURAL(hosts));
    if (hosts == 1)
        return;
    add(out, " (");
    add_range(out, there, "rank");
    add(out, " each)");
}

static void add_nodes(char out[PLACEMENT_TEXT], const placement *all, int ranks)
{
    range nodes = {0, 0}, own = {0, 0};

    for (int r = 0; r < ranks; r++) {
        range_add(&nodes, all[r].host_nodes);
        range_add(&own, all[r].nodes);
    }
    if (nodes.least == 0)
        return;
    add(out, ", ");
    add_range(out, nodes, "NUMA node");
    if (nodes.most > 1 && ranks > 1 && own.most == 1)
        add(out, " (each rank on one)");
}

void placement_describe(const placement *all, int ranks, char out[PLACEMENT_TEXT])
{
    range cores = {0, 0};
    bool bound = false;

    out[0] = '\0';
    for (int r = 0; r < ranks; r++) {
        range_add(&cores, cores_of(&all[r]));
        bound = bound || cores_of(&all[r]) < all[r].host_cores;
    }
    add_hosts(out, all, ranks);
    if (cores.least == 0)
        return;
    add(out, bound ? "; bound to " : ranks > 1 ? "; not bound, " : "; ");
    add_range(out, cores, "core");
    add(out, bound && ranks > 1 ? " each" : "");
    add_nodes(out, all, ranks);
}

/* ---- ranks that differ ---- */

static bool is_alike(const placement *a, const placement *b)
{
    return same_host(a, b) && cores_of(a) == cores_of(b);
}

bool placement_differs(const placement *all, int ranks, char out[PLACEMENT_TEXT])
{
    bool differs = false;

    for (int r = 1; r < ranks; r++)
        differs = differs || cores_of(&all[r]) != cores_of(&all[0]);
    if (!differs)
        return false;
    out[0] = '\0';
    for (int first = 0, next; first < ranks; first = next) {
        int cores = cores_of(&all[first]);

        for (next = first + 1; next < ranks && is_alike(&all[first], &all[next]);)
            next++;
        if (strlen(out) > PLACEMENT_TEXT / 2) {
            add(out, "; and so on up to rank %d", ranks - 1);
            break;
        }
        add(out, "%srank%s %d", first > 0 ? "; " : "", PLURAL(next - first), first);
        if (next - first > 1)
            add(out, "-%d", next - 1);
        add(out, " on %s: %d core%s%s", all[first].host, cores, PLURAL(cores),
            next - first > 1 ? " each" : "");
    }
    return true;
}

/* ---- too few cores ---- */

/* Ranks of one host that can run nowhere but on `cores`. */
typedef struct crowd {
    int first, second; /* of them; -1: there is none */
    int ranks, cores;
} crowd;

static crowd crowd_within(const placement *all, int ranks, const placement *at,
                          const affinity *cores)
{
    crowd c = {-1, -1, 0, affinity_count(cores)};

    for (int r = 0; r < ranks; r++) {
        if (!same_host(&all[r], at) || !affinity_within(&all[r].cores, cores))
            continue;
        if (c.first < 0)
            c.first = r;
        else if (c.second < 0)
            c.second = r;
        c.ranks++;
    }
    return c;
}

static bool is_crowded(const crowd *c, int threads)
{
    return c->cores > 0 && c->ranks * threads > c->cores;
}

/* All ranks of the host of rank `rank`. */
static crowd crowd_of_host(const placement *all, int ranks, int rank)
{
    affinity together = {{0}};

    for (int r = 0; r < ranks; r++)
        if (same_host(&all[r], &all[rank]))
            affinity_add(&together, &all[r].cores);
    return crowd_within(all, ranks, &all[rank], &together);
}

static const char *advice(const placement *at, int cores, bool passive)
{
    if (at->host_cores > cores)
        return "the host has more: mpirun --bind-to none, as scripts/run.sh has it for threads";
    if (!passive)
        return "fewer are faster, and OMP_WAIT_POLICY=passive lets those work that can";
    return "fewer are faster";
}

static void say_host(char out[PLACEMENT_TEXT], const placement *at, const crowd *c, int threads,
                     bool passive)
{
    add(out, "%d rank%s x %d thread%s take turns on the %d core%s that they have on %s; %s",
        c->ranks, PLURAL(c->ranks), threads, PLURAL(threads), c->cores, PLURAL(c->cores),
        at->host, advice(at, c->cores, passive));
}

static void say_bound(char out[PLACEMENT_TEXT], const placement *at, const crowd *c,
                      int threads)
{
    if (c->ranks == 1)
        add(out, "rank %d has %d threads, and", c->first, threads);
    else if (c->ranks == 2)
        add(out, "ranks %d and %d, %d thread%s each,", c->first, c->second, threads,
            PLURAL(threads));
    else
        add(out, "ranks %d, %d and %d more, %d thread%s each,", c->first, c->second,
            c->ranks - 2, threads, PLURAL(threads));
    add(out,
        " %s %d core%s of %s, though there are more; mpirun --bind-to none, or --map-by "
        "slot:PE=%d",
        c->ranks == 1 ? "is bound to" : "are bound to the same", c->cores, PLURAL(c->cores),
        at->host, threads);
}

bool placement_crowded(const placement *all, int ranks, int threads, bool passive,
                       char out[PLACEMENT_TEXT])
{
    out[0] = '\0';
    for (int r = 0; r < ranks && out[0] == '\0'; r++) {
        crowd whole = crowd_of_host(all, ranks, r);
        crowd bound = crowd_within(all, ranks, &all[r], &all[r].cores);

        if (is_crowded(&whole, threads))
            say_host(out, &all[r], &whole, threads, passive);
        else if (is_crowded(&bound, threads))
            say_bound(out, &all[r], &bound, threads);
    }
    return out[0] != '\0';
}
