/* attend.c - one query's attention over keys and values that are kept. */
#include "kernel.h"
#include "vector.h"

enum { VECTORS = ATTEND_PLACES / LANES, BLOCKS = 4 };

/* q . k of BLOCKS blocks of places at a time, of which only those below `blocks` are there. */
static void score_blocks(const float *q, float scale, int head_width, const float *keys,
                         size_t step, int blocks, float *scores)
{
    lanes sum[BLOCKS][VECTORS] = {{{0}}};
    const float *from[BLOCKS];

    for (int i = 0; i < BLOCKS; i++)
        from[i] = keys + step * (size_t)(i < blocks ? i : 0);
    for (int d = 0; d < head_width; d++)
        for (int i = 0; i < BLOCKS; i++)
            for (int v = 0; v < VECTORS; v++)
                sum[i][v] += q[d] * lanes_load(from[i] + d * ATTEND_PLACES + v * LANES);
    for (int i = 0; i < blocks; i++)
        for (int v = 0; v < VECTORS; v++)
            lanes_store(scores + i * ATTEND_PLACES + v * LANES, scale * sum[i][v]);
}

static void score(const attend *a, int head, float *scores)
{
    const float *keys = a->keys + (size_t)(head * a->head_width) * ATTEND_PLACES;
    int blocks = (a->places + ATTEND_PLACES - 1) / ATTEND_PLACES;

    for (int b = 0; b < blocks; b += BLOCKS)
        score_blocks(a->query + head * a->head_width, a->scale, a->head_width,
                     keys + a->stride * (size_t)b, a->stride,
                     blocks - b < BLOCKS ? blocks - b : BLOCKS, scores + b * ATTEND_PLACES);
}

/* exp(x - largest) in place; returns one over the sum. The last vector may have places that
 * are not there: they become 0. */
static float exponentiate(float *restrict x, int places)
{
    int whole = (places + LANES - 1) / LANES * LANES;
    float largest = largest_of(x, places), sum = 0.0f;

    for (int c = places; c < whole; c++)
        x[c] = largest;
    for (int c = 0; c < whole; c++)
        x[c] = exp_fast(x[c] - largest);
    for (int c = places; c < whole; c++)
        x[c] = 0.0f;
    for (int c = 0; c < whole; c++)
        sum += x[c];
    return 1.0f / sum;
}

/* Two vectors of a head's columns, with two sums each for even and odd places. */
static void context_vectors(const attend *a, const float *weights, float inverse, int column)
{
    size_t width = (size_t)a->width;
    lanes sum[4] = {{0}};

    for (int first = 0; first < a->places; first += ATTEND_PLACES) {
        const float *v = a->values + a->stride * (size_t)(first / ATTEND_PLACES) + column;
        int p = first,
            end = first + ATTEND_PLACES < a->places ? first + ATTEND_PLACES : a->places;
        for (; p + 1 < end; p += 2, v += 2 * width) {
            sum[0] += weights[p] * lanes_load(v);
            sum[1] += weights[p] * lanes_load(v + LANES);
            sum[2] += weights[p + 1] * lanes_load(v + width);
            sum[3] += weights[p + 1] * lanes_load(v + width + LANES);
        }
        if (p < end) {
            sum[0] += weights[p] * lanes_load(v);
            sum[1] += weights[p] * lanes_load(v + LANES);
        }
    }
    lanes_store(a->context + column, inverse * (sum[0] + sum[2]));
    lanes_store(a->context + column + LANES, inverse * (sum[1] + sum[3]));
}

static void context_columns(const attend *a, const float *weights, float inverse, int column,
                            int count)
{
    float sum[2 * LANES] = {0};

    for (int p = 0; p < a->places; p++) {
        const float *v = a->values + a->stride * (size_t)(p / ATTEND_PLACES) +
                         (size_t)(p % ATTEND_PLACES) * (size_t)a->width + column;
        for (int c = 0; c < count; c++)
            sum[c] += weights[p] * v[c];
    }
    for (int c = 0; c < count; c++)
        a->context[column + c] = inverse * sum[c];
}

void KERNEL(attend)(const attend *a)
{
    for (int head = 0; head < a->heads; head++) {
        int column = head * a->head_width, end = column + a->head_width;
        score(a, head, a->weights);
        float inverse = exponentiate(a->weights, a->places);
        for (; end - column >= 2 * LANES; column += 2 * LANES)
            context_vectors(a, a->weights, inverse, column);
        if (column < end)
            context_columns(a, a->weights, inverse, column, end - column);
    }
}
