/* length_head.c - how long an output is. */
#include "lockstep/nn/length_head.h"

#include <math.h>

#include "lockstep/nn/pool.h"

/* The means as rows of a batch, one for each sentence. */
static stream push_sentences(pass *pass, const stream *source)
{
    packed p = source->packed;
    int32_t *offsets = arena_push(pass->arena, (size_t)p.sequences + 1, sizeof(*offsets));

    for (int s = 0; s <= p.sequences; s++)
        offsets[s] = s;
    p.rows = p.sequences;
    p.offsets = offsets;
    p.grain_rows = p.grain_sequences;
    return stream_push(pass, &p);
}

/* ---- losses ---- */

static int class_of(const length_head *h, int difference)
{
    int most = h->most;

    return most + (difference < -most ? -most : (difference > most ? most : difference));
}

static const int32_t *push_classes(const length_head *h, pass *pass, const stream *source,
                                   const int32_t *differences)
{
    int count = source->packed.sequences;
    int32_t *classes = arena_push(pass->arena, (size_t)count, sizeof(*classes));

    for (int s = 0; s < count; s++)
        classes[s] = class_of(h, differences[s]);
    return classes;
}

void length_head_forward(const length_head *h, pass *pass, const stream *source, matrix memory,
                         const int32_t *differences, generator_result *out)
{
    stream sentences = push_sentences(pass, source);
    matrix means = pool_mean_forward(pass, source, memory);

    generator_forward(&h->classes, pass, &sentences, means,
                      push_classes(h, pass, source, differences), out);
}

void length_head_forward_backward(const length_head *h, pass *pass, const stream *source,
                                  matrix memory, const int32_t *differences, float scale,
                                  matrix dmemory, generator_result *out)
{
    stream sentences = push_sentences(pass, source);
    matrix means = pool_mean_forward(pass, source, memory);
    matrix dmeans = pass_matrix(pass, means.rows, means.cols);

    generator_forward_backward(&h->classes, pass, &sentences, means,
                               push_classes(h, pass, source, differences), scale, dmeans, out);
    pool_mean_backward(pass, source, dmeans, dmemory);
}

/* ---- choosing ---- */

static double log_sum(const float *logits, int count)
{
    float largest = logits[0];
    double sum = 0.0;

    for (int i = 1; i < count; i++)
        largest = logits[i] > largest ? logits[i] : largest;
    for (int i = 0; i < count; i++)
        sum += exp((double)logits[i] - largest);
    return largest + log(sum);
}

/* Put a length where it belongs among the best so far. */
static void insert(int32_t *lengths, float *log_p, int count, int32_t length, float value)
{
    int at = count;

    for (; at > 0 && (lengths[at - 1] < 0 || value > log_p[at - 1]); at--)
        if (at < count) {
            lengths[at] = lengths[at - 1];
            log_p[at] = log_p[at - 1];
        }
    if (at < count) {
        lengths[at] = length;
        log_p[at] = value;
    }
}

static void choose(const length_head *h, const float *logits, int source, int longest,
                   int count, int32_t *lengths, float *log_p)
{
    int first = source - h->most, last = source + h->most;
    double sum = log_sum(logits, h->classes.output.out);

    first = first > 1 ? first : 1;
    last = last < longest ? last : longest;
    for (int i = 0; i < count; i++) {
        lengths[i] = -1;
        log_p[i] = -INFINITY;
    }
    for (int n = first; n <= last; n++)
        insert(lengths, log_p, count, n, (float)(logits[class_of(h, n - source)] - sum));
}

/* A product of one row at a time: in one of several a row has other bits. */
void length_head_best(const length_head *h, pass *pass, const stream *source, matrix memory,
                      const int32_t *sources, int longest, int count, int32_t *lengths,
                      float *log_p)
{
    size_t mark = arena_mark(pass->arena), each = (size_t)count;
    matrix means = pool_mean_forward(pass, source, memory);
    matrix logits = pass_matrix(pass, means.rows, h->classes.output.out);

#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int s = 0; s < means.rows; s++) {
        linear_forward(&h->classes.output, matrix_rows(means, s, 1), matrix_rows(logits, s, 1));
        choose(h, matrix_row(logits, s), sources[s], longest, count, lengths + (size_t)s * each,
               log_p + (size_t)s * each);
    }
    arena_release(pass->arena, mark);
}
