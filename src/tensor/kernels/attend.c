/* attend.c - one query's attention over keys and values that are kept. */
#include "exponential.h"
#include "kernel.h"

enum { VECTORS = ATTEND_PLACES / LANES, BLOCKS = 4, VECTORS_MOST = 8 };

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
                sum[i][v] = multiply_add_lanes(
                    q[d], lanes_load(from[i] + d * ATTEND_PLACES + v * LANES), sum[i][v]);
    for (int i = 0; i < blocks; i++)
        for (int v = 0; v < VECTORS; v++)
            lanes_store(scores + i * ATTEND_PLACES + v * LANES, scale * sum[i][v]);
}

/* One block: in four sums, which need not wait for each other. */
static void score_block(const float *q, float scale, int head_width, const float *keys,
                        float *scores)
{
    lanes sum[4][VECTORS] = {{{0}}};
    int d = 0;

    for (; d + 4 <= head_width; d += 4)
        for (int i = 0; i < 4; i++)
            for (int v = 0; v < VECTORS; v++)
                sum[i][v] = multiply_add_lanes(
                    q[d + i], lanes_load(keys + (d + i) * ATTEND_PLACES + v * LANES),
                    sum[i][v]);
    for (; d < head_width; d++)
        for (int v = 0; v < VECTORS; v++)
            sum[0][v] = multiply_add_lanes(
                q[d], lanes_load(keys + d * ATTEND_PLACES + v * LANES), sum[0][v]);
    for (int v = 0; v < VECTORS; v++)
        lanes_store(scores + v * LANES,
                    scale * ((sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v])));
}

static void score(const attend *a, int head, float *scores)
{
    const float *keys = a->keys + (size_t)(head * a->head_width) * ATTEND_PLACES;
    int blocks = (a->places + ATTEND_PLACES - 1) / ATTEND_PLACES;

    if (blocks == 1) {
        score_block(a->query + head * a->head_width, a->scale, a->head_width, keys, scores);
        return;
    }
    for (int b = 0; b < blocks; b += BLOCKS)
        score_blocks(a->query + head * a->head_width, a->scale, a->head_width,
                     keys + a->stride * (size_t)b, a->stride,
                     blocks - b < BLOCKS ? blocks - b : BLOCKS, scores + b * ATTEND_PLACES);
}

/* Their softmax in place. The last vector may have places that are not there: they become 0. */
static void normalise(float *restrict x, int places)
{
    int whole = (places + LANES - 1) / LANES * LANES;
    float largest;

    for (int c = places; c < whole; c++)
        x[c] = x[0];
    largest = largest_of(x, whole);
    float inverse = 1.0f / row_exponentials(x, (size_t)places, largest);
    for (int c = places; c < whole; c++)
        x[c] = 0.0f;
    for (int c = 0; c < whole; c++)
        x[c] *= inverse;
}

static int end_of(const attend *a, int block)
{
    int end = (block + 1) * ATTEND_PLACES;

    return end < a->places ? end : a->places;
}

/* `count` vectors of the context from a column on, each within one head: all of them while a
 * place's values are at hand. A constant where this is inlined. */
static inline __attribute__((always_inline)) void context_vectors(const attend *a, int column,
                                                                  int count)
{
    const float *weights[VECTORS_MOST];
    lanes sum[VECTORS_MOST] = {{0}};

    for (int i = 0; i < count; i++)
        weights[i] = a->weights + a->room * ((column + i * LANES) / a->head_width);
    for (int block = 0; block * ATTEND_PLACES < a->places; block++) {
        const float *v = a->values + a->stride * (size_t)block + column;
        for (int p = block * ATTEND_PLACES; p < end_of(a, block); p++, v += a->width)
            for (int i = 0; i < count; i++)
                sum[i] = multiply_add_lanes(weights[i][p], lanes_load(v + i * LANES), sum[i]);
    }
    for (int i = 0; i < count; i++)
        lanes_store(a->context + column + i * LANES, sum[i]);
}

/* Fewer columns than a vector has. */
static void context_columns(const attend *a, int head, int column, int count)
{
    const float *weights = a->weights + a->room * head;
    lanes sum = {0};

    for (int p = 0; p < a->places; p++) {
        const float *v = a->values + a->stride * (size_t)(p / ATTEND_PLACES) +
                         (size_t)(p % ATTEND_PLACES) * (size_t)a->width + column;
        lanes value = {0};
        for (int c = 0; c < count; c++)
            value[c] = v[c];
        sum = multiply_add_lanes(weights[p], value, sum);
    }
    for (int c = 0; c < count; c++)
        a->context[column + c] = sum[c];
}

/* Heads that are whole vectors. */
static void context_whole(const attend *a)
{
    int column = 0;

    for (; a->width - column >= VECTORS_MOST * LANES; column += VECTORS_MOST * LANES)
        context_vectors(a, column, VECTORS_MOST);
    for (; column < a->width; column += LANES)
        context_vectors(a, column, 1);
}

static void context_any(const attend *a)
{
    for (int head = 0; head < a->heads; head++)
        for (int column = head * a->head_width, end = column + a->head_width; column < end;
             column += LANES)
            context_columns(a, head, column, end - column < LANES ? end - column : LANES);
}

void KERNEL(attend)(const attend *a)
{
    for (int head = 0; head < a->heads; head++) {
        score(a, head, a->weights + a->room * head);
        normalise(a->weights + a->room * head, a->places);
    }
    if (a->head_width % LANES == 0)
        context_whole(a);
    else
        context_any(a);
}
