/* hypotheses.c - what a beam search holds. */
#include "hypotheses.h"

#include <math.h>

#include "lockstep/base/token.h"

static hypothesis *open_of(const hypotheses *h, int sentence)
{
    return h->open + (size_t)sentence * (size_t)h->beam;
}

static hypothesis_done *done_of(const hypotheses *h, int sentence)
{
    return h->done + (size_t)sentence * (size_t)h->n_best;
}

/* Those of a sentence when its open ones had `tokens` of them, at least 1. */
static hypothesis_link *links_of(const hypotheses *h, int tokens, int sentence)
{
    size_t row = (size_t)(tokens - 1) * (size_t)h->sentences + (size_t)sentence;

    return h->links + row * (size_t)h->beam;
}

static double penalty(const hypotheses *h, int n)
{
    return pow((5.0 + n) / 6.0, h->alpha);
}

/* ---- those that are done ---- */

static bool is_better(const hypothesis_done *a, const hypothesis_done *b)
{
    return a->ended != b->ended ? a->ended : a->score > b->score;
}

static void insert(hypotheses *h, int sentence, hypothesis_done new)
{
    hypothesis_done *list = done_of(h, sentence);
    int at = h->dones[sentence];

    if (at == h->n_best && !is_better(&new, &list[at - 1]))
        return;
    if (at < h->n_best)
        h->dones[sentence]++;
    else
        at--;
    for (; at > 0 && is_better(&new, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = new;
}

/* <end> follows the open one. */
static void end(hypotheses *h, int sentence, int open, double log_p)
{
    h->ended[sentence]++;
    insert(h, sentence,
           (hypothesis_done){.log_p = log_p,
                             .score = log_p / penalty(h, h->tokens + 1),
                             .count = h->tokens,
                             .open = open,
                             .ended = true});
}

/* Nothing follows the open ones of a sentence. */
static void cut(hypotheses *h, int sentence)
{
    for (int k = 0; k < h->counts[sentence]; k++) {
        double log_p = open_of(h, sentence)[k].log_p;
        insert(h, sentence,
               (hypothesis_done){.log_p = log_p,
                                 .score = log_p / penalty(h, h->tokens),
                                 .count = h->tokens,
                                 .open = k});
    }
    h->counts[sentence] = 0;
}

/* ---- beginning and end ---- */

hypotheses hypotheses_push(arena *arena, const int32_t *limits, int sentences,
                           const search_options *o)
{
    size_t n = (size_t)sentences, beam = (size_t)o->beam, longest = 0;
    hypotheses h = {.sentences = sentences,
                    .beam = o->beam,
                    .n_best = o->n_best,
                    .alpha = o->length_penalty,
                    .limits = limits,
                    .counts = arena_push(arena, n, sizeof(*h.counts)),
                    .open = arena_push(arena, n * beam, sizeof(*h.open)),
                    .ended = arena_push(arena, n, sizeof(*h.ended)),
                    .dones = arena_push(arena, n, sizeof(*h.dones)),
                    .done = arena_push(arena, n * (size_t)o->n_best, sizeof(*h.done)),
                    .heads = arena_push(arena, beam, sizeof(*h.heads)),
                    .children = arena_push(arena, beam, sizeof(*h.children)),
                    .kept = arena_push(arena, beam, sizeof(*h.kept))};

    for (int s = 0; s < sentences; s++) {
        longest = (size_t)limits[s] > longest ? (size_t)limits[s] : longest;
        h.ended[s] = h.dones[s] = 0;
        h.counts[s] = 1;
        *open_of(&h, s) = (hypothesis){.slot = s * o->beam, .symbol = TOKEN_BEGIN};
    }
    h.links = arena_push(arena, longest * n * beam, sizeof(*h.links));
    for (int s = 0; s < sentences; s++)
        if (limits[s] == 0)
            cut(&h, s);
    return h;
}

void hypotheses_cut(hypotheses *h)
{
    for (int s = 0; s < h->sentences; s++)
        cut(h, s);
}

/* ---- a step ---- */

int hypotheses_feed(const hypotheses *h, int32_t *slots, int32_t *ids)
{
    int fed = 0;

    for (int s = 0; s < h->sentences; s++)
        for (int k = 0; k < h->counts[s]; k++) {
            slots[fed] = open_of(h, s)[k].slot;
            ids[fed++] = open_of(h, s)[k].symbol;
        }
    return fed;
}

/* What the model said of a sentence's open ones. */
typedef struct said {
    int each;
    const int32_t *symbols;
    const float *log_p;
} said;

/* The next candidate of the open one. */
static hypothesis candidate(const hypotheses *h, const said *next, int sentence, int open)
{
    size_t at = (size_t)open * (size_t)next->each + (size_t)h->heads[open];

    return (hypothesis){.log_p = open_of(h, sentence)[open].log_p + (double)next->log_p[at],
                        .symbol = next->symbols[at],
                        .parent = open};
}

/* The best candidate that is left, taken; false when there is none. */
static bool take(hypotheses *h, const said *next, int sentence, hypothesis *best)
{
    bool found = false;

    for (int k = 0; k < h->counts[sentence]; k++) {
        if (h->heads[k] == next->each)
            continue;
        hypothesis one = candidate(h, next, sentence, k);
        if (one.symbol >= 0 && (!found || one.log_p > best->log_p)) {
            *best = one;
            found = true;
        }
    }
    if (found)
        h->heads[best->parent]++;
    return found;
}

/* The children of a sentence's open ones, and what ends; the number of children. */
static int choose(hypotheses *h, const said *next, int sentence)
{
    hypothesis best;
    int children = 0;

    for (int k = 0; k < h->counts[sentence]; k++)
        h->heads[k] = 0;
    for (int rank = 0; children < h->beam && take(h, next, sentence, &best); rank++) {
        if (best.symbol != TOKEN_END)
            h->children[children++] = best;
        else if (rank < h->beam)
            end(h, sentence, best.parent, best.log_p);
    }
    return children;
}

/* The first child of a parent has its slot. */
static void keep_slots(hypotheses *h, int sentence, int children)
{
    for (int k = 0; k < h->beam; k++)
        h->kept[k] = false;
    for (int c = 0; c < children; c++) {
        int32_t slot = open_of(h, sentence)[h->children[c].parent].slot;
        bool *kept = &h->kept[slot - sentence * h->beam];
        h->children[c].slot = *kept ? -1 : slot;
        *kept = true;
    }
}

/* The others get those that are free; the number of copies. */
static int copy_slots(hypotheses *h, int sentence, int children, hypothesis_copy *copies)
{
    int count = 0, free = 0;

    keep_slots(h, sentence, children);
    for (int c = 0; c < children; c++) {
        if (h->children[c].slot >= 0)
            continue;
        while (h->kept[free])
            free++;
        h->children[c].slot = sentence * h->beam + free++;
        copies[count++] =
            (hypothesis_copy){.from = open_of(h, sentence)[h->children[c].parent].slot,
                              .to = h->children[c].slot};
    }
    return count;
}

/* The children take their parents' places. */
static void replace(hypotheses *h, int sentence, int children)
{
    hypothesis_link *links = links_of(h, h->tokens + 1, sentence);

    for (int c = 0; c < children; c++) {
        open_of(h, sentence)[c] = h->children[c];
        links[c] = (hypothesis_link){h->children[c].parent, h->children[c].symbol};
    }
    h->counts[sentence] = children;
}

/* Nothing that is open could still come out: it loses log p with every symbol, and no length
 * is better for what it has than the longest. */
static bool is_settled(const hypotheses *h, int sentence)
{
    int dones = h->dones[sentence];

    if (h->ended[sentence] >= h->beam)
        return true;
    return dones == h->n_best && h->children[0].log_p / penalty(h, h->limits[sentence]) <=
                                     done_of(h, sentence)[dones - 1].score;
}

/* One sentence's step; the number of copies. */
static int grow(hypotheses *h, int sentence, const said *next, hypothesis_copy *copies)
{
    int children = choose(h, next, sentence), count = 0;

    if (children == 0 && h->dones[sentence] == 0)
        cut(h, sentence); /* no symbol is allowed */
    if (children == 0 || is_settled(h, sentence)) {
        h->counts[sentence] = 0;
        return 0;
    }
    if (h->tokens + 1 < h->limits[sentence])
        count = copy_slots(h, sentence, children, copies);
    replace(h, sentence, children);
    return count;
}

int hypotheses_grow(hypotheses *h, int each, const int32_t *symbols, const float *log_p,
                    hypothesis_copy *copies)
{
    int count = 0;
    size_t at = 0;

    for (int s = 0; s < h->sentences; s++) {
        int open = h->counts[s];
        const said next = {each, symbols + at, log_p + at};
        at += (size_t)open * (size_t)each;
        if (open > 0)
            count += grow(h, s, &next, copies + count);
    }
    h->tokens++;
    for (int s = 0; s < h->sentences; s++)
        if (h->tokens == h->limits[s])
            cut(h, s);
    return count;
}

/* ---- outputs ---- */

static search_output output_of(const hypotheses *h, int sentence, const hypothesis_done *done,
                               arena *arena)
{
    search_output out = {.ids = arena_push(arena, (size_t)done->count, sizeof(*out.ids)),
                         .count = done->count,
                         .ended = done->ended,
                         .score = done->log_p};
    int open = done->open;

    for (int i = done->count; i > 0; i--) {
        hypothesis_link link = links_of(h, i, sentence)[open];
        out.ids[i - 1] = link.symbol;
        open = link.parent;
    }
    return out;
}

search_result hypotheses_collect(const hypotheses *h, arena *arena)
{
    size_t n = (size_t)h->sentences * (size_t)h->n_best;
    search_result out = {.list = arena_push(arena, n, sizeof(*out.list)), .each = h->n_best};

    for (int s = 0; s < h->sentences; s++)
        for (int i = 0; i < h->n_best; i++)
            out.list[s * h->n_best + i] = i < h->dones[s]
                                              ? output_of(h, s, &done_of(h, s)[i], arena)
                                              : (search_output){.score = -INFINITY};
    return out;
}
