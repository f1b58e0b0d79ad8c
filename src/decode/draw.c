/* draw.c - a symbol at random. */
#include "draw.h"

#include <math.h>

#include "lockstep/base/random.h"
#include "lockstep/base/token.h"
#include "lockstep/tensor/kernels.h"

enum { RUN = 64 }; /* symbols whose largest weight is looked at first */

draw draw_push(arena *arena, int symbols, const search_options *o)
{
    size_t n = (size_t)symbols;
    draw d = {.symbols = symbols,
              .top_k = o->top_k,
              .temperature = o->temperature,
              .top_p = o->top_p,
              .weights = arena_push(arena, n, sizeof(*d.weights)),
              .zeros = arena_push(arena, n, sizeof(*d.zeros)),
              .order = arena_push(arena, n, sizeof(*d.order)),
              .largest = arena_push(arena, n / RUN + 1, sizeof(*d.largest))};

    for (int v = 0; v < symbols; v++)
        d.zeros[v] = 0.0f;
    return d;
}

double draw_uniform(uint64_t seed, int64_t number, int place)
{
    uint64_t bits = random_bits(seed, RANDOM_DECODING, (uint32_t)number,
                                (uint32_t)((uint64_t)number >> 32), (uint32_t)place);

    return (double)(bits >> 11) * 0x1p-53;
}

/* The weights become those of the symbols that are allowed, up to a factor, and 0. */
static void weigh(draw *d, const float *log_p, const int32_t *never, int nevers)
{
    const float least = -1e4f; /* a weight of 0, and finite */
    float largest = -INFINITY, all;
    const float factor = (float)fmin(1.0 / d->temperature, 1e30);
    softmax_block args = {.logits = matrix_view(d->weights, 1, d->symbols),
                          .bias = d->zeros,
                          .largest = &largest,
                          .sum = &all};

    for (int v = 0; v < d->symbols; v++)
        d->weights[v] = log_p[v];
    for (int i = 0; i < nevers; i++)
        d->weights[never[i]] = -INFINITY;
    for (int v = 0; v < d->symbols; v++)
        largest = d->weights[v] > largest ? d->weights[v] : largest;
    for (int v = 0; v < d->symbols; v++) {
        float x = (d->weights[v] - largest) * factor;
        d->weights[v] = x > least ? x : least;
    }
    kernels_get()->softmax_block_forward(&args);
    for (int i = 0; i < nevers; i++)
        d->weights[never[i]] = 0.0f;
}

/* ---- the likeliest: a heap with the best in front ---- */

static bool comes_before(const draw *d, int32_t a, int32_t b)
{
    if (d->weights[a] != d->weights[b])
        return d->weights[a] > d->weights[b];
    return a == TOKEN_END || (b != TOKEN_END && a < b);
}

static void sift(draw *d, int at, int count)
{
    int32_t moved = d->order[at];

    for (int child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && comes_before(d, d->order[child + 1], d->order[child]))
            child++;
        if (!comes_before(d, d->order[child], moved))
            break;
        d->order[at] = d->order[child];
    }
    d->order[at] = moved;
}

/* The best of the heap goes to its end, which is no longer part of it. */
static int32_t take(draw *d, int count)
{
    int32_t best = d->order[0];

    d->order[0] = d->order[count - 1];
    d->order[count - 1] = best;
    sift(d, 0, count - 1);
    return best;
}

static double sum_of(const float *weights, int count)
{
    double sum = 0.0;

    for (int v = 0; v < count; v++)
        sum += (double)weights[v];
    return sum;
}

static float largest_of_run(const float *weights)
{
    float largest = 0.0f;

    for (int i = 0; i < RUN; i++)
        largest = weights[i] > largest ? weights[i] : largest;
    return largest;
}

/* A weight that top_k symbols have, or more than it: as many runs have one. */
static float least_of_top_k(draw *d)
{
    int runs = d->symbols / RUN, kept = 0;

    if (d->top_k > runs)
        return 0.0f;
    for (int r = 0; r < runs; r++) {
        float new = largest_of_run(d->weights + (size_t)r * RUN);
        int at = kept < d->top_k ? kept++ : kept;
        for (; at > 0 && d->largest[at - 1] < new; at--)
            d->largest[at] = d->largest[at - 1];
        d->largest[at] = new;
    }
    return d->largest[d->top_k - 1];
}

/* All weights that are below the mean times 1 - top_p together do not make 1 - top_p of
 * their sum, so they come behind those that are wanted. */
static double least_of_top_p(const draw *d, double all)
{
    return (1.0 - d->top_p) * all / d->symbols;
}

/* The symbols that may be drawn; their number. `all` is the sum of the weights. */
static int gather(draw *d, double all)
{
    double least = d->top_k > 0 ? (double)least_of_top_k(d) : least_of_top_p(d, all);
    int count = 0;

    for (int32_t v = 0; v < d->symbols; v++)
        if (d->weights[v] > 0.0f && (double)d->weights[v] >= least)
            d->order[count++] = v;
    return count;
}

/* The symbols to draw from go to the end of `order`, the likeliest last; their number. `*all`,
 * the sum of the weights of `count` symbols, becomes theirs. */
static int choose(draw *d, int count, double *all)
{
    bool some = d->top_k > 0 && d->top_k < count;
    int most = some ? d->top_k : count, taken = 0, kept = 0;
    double sum = 0.0;

    for (int at = count / 2 - 1; at >= 0; at--)
        sift(d, at, count);
    for (*all = some ? 0.0 : *all; some && taken < most; taken++)
        *all += (double)d->weights[take(d, count - taken)];
    for (; kept < most && sum < d->top_p * *all; kept++) {
        if (kept == taken)
            take(d, count - taken++);
        sum += (double)d->weights[d->order[count - 1 - kept]];
    }
    *all = sum;
    return kept;
}

/* The first of order[first..last], in that direction, at which the sum of the weights passes
 * `target`. */
static int32_t find(const draw *d, int first, int last, double target)
{
    int step = first <= last ? 1 : -1, at = first;
    double sum = (double)d->weights[d->order[at]];

    for (; at != last && !(sum > target); sum += (double)d->weights[d->order[at]])
        at += step;
    return d->order[at];
}

int32_t draw_symbol(draw *d, const float *log_p, const int32_t *never, int nevers,
                    double uniform)
{
    weigh(d, log_p, never, nevers);
    double all = sum_of(d->weights, d->symbols);
    int count = gather(d, all);
    if (count == 0)
        return -1;
    if (d->top_k == 0 && d->top_p == 1.0)
        return find(d, 0, count - 1, uniform * all);
    int kept = choose(d, count, &all);
    return find(d, count - 1, count - kept, uniform * all);
}
