/* toy.h - a small random transformer and sources for it, searches run on them, and the log p
 * of an output by a forward pass over all of it. */
#ifndef LOCKSTEP_TESTS_DECODE_TOY_H
#define LOCKSTEP_TESTS_DECODE_TOY_H

#include <string.h>

#include "lockstep/base/token.h"
#include "lockstep/decode/search.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "unit_check.h"

enum { TOY_PLACES = 18, TOY_SEQUENCES = 60, TOY_ROWS = TOY_SEQUENCES * 9, TOY_KINDS = 3 };

typedef struct toy {
    arena memory;
    transformer *model;
    int symbols; /* of both sides */
    int32_t ids[TOY_ROWS], offsets[TOY_SEQUENCES + 1];
    int64_t numbers[TOY_SEQUENCES]; /* of the sources, in the whole input */
    int asks_left;                  /* how often a search may ask before it is stopped */
} toy;

static toy t;

/* Weights large enough that outputs depend on their sources, <end> likely enough, by
 * `end_bias`, that some come to it. `kind` below TOY_KINDS, or as
 * much: all tables tied. */
static inline void toy_create_model(int kind, float end_bias)
{
    config of;

    memset(&of, 0, sizeof(of));
    of.model.width = 24;
    of.model.heads = 4;
    of.model.feed_forward = 40;
    of.model.encoder_layers = of.model.decoder_layers = 1;
    of.model.norm_position = kind == 1 ? NORM_PRE : NORM_POST;
    of.model.tie = kind == TOY_KINDS ? TIE_ALL : kind == 2 ? TIE_TARGET : TIE_NONE;
    of.data.max_length = TOY_PLACES;
    ck_assert_int_eq(transformer_create(&t.model, &of, t.symbols, t.symbols, 0), STATUS_OK);
    parameters *p = transformer_parameters(t.model);
    parameters_initialize(p, 7);
    for (size_t k = 0; k < p->floats; k++)
        p->values[k] *= 2.5f;
    parameters_values(p, p->count - 1)[TOKEN_END] = end_bias;
}

/* Sources of 1 to 9 symbols, <end> the last. */
static inline void toy_open(int symbols)
{
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&t.memory, (size_t)1 << 30), STATUS_OK);
    t.symbols = symbols;
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        t.numbers[s] = 1000 + s;
        t.offsets[s + 1] = t.offsets[s] + 1 + s * 5 % 9;
        for (int r = t.offsets[s]; r < t.offsets[s + 1]; r++)
            t.ids[r] = TOKEN_SPECIALS + r * r * 11 % (symbols - TOKEN_SPECIALS);
        t.ids[t.offsets[s + 1] - 1] = TOKEN_END;
    }
}

/* The same sources, and a model of labels or tags, packed. */
static inline void toy_open_classifier(int task, int symbols)
{
    config of;

    memset(&of, 0, sizeof(of));
    of.model.task = task;
    of.model.width = 24;
    of.model.heads = 4;
    of.model.feed_forward = 40;
    of.model.encoder_layers = 2;
    of.data.max_length = TOY_PLACES;
    toy_open(symbols);
    ck_assert_int_eq(transformer_create(&t.model, &of, t.symbols, t.symbols, 0), STATUS_OK);
    parameters_initialize(transformer_parameters(t.model), 11);
    ck_assert_int_eq(transformer_pack(t.model, 1), STATUS_OK);
}

static inline void toy_close(void)
{
    transformer_destroy(t.model);
    arena_free(&t.memory);
}

static inline int toy_stop(void)
{
    return t.asks_left-- <= 0;
}

/* Sentences [first, last), stopped after so many steps. */
static inline search_result toy_run_until(const char *search, const search_options *o,
                                          int first, int last, int steps)
{
    pass pass = {.arena = &t.memory, .threads = 1};
    packed_run part =
        packed_run_create(t.ids, t.offsets, (const int32_t[]){0, first, last}, 1, 2);
    search_result out;

    t.asks_left = steps;
    search_find(search)->run(t.model, &pass, &part.packed, t.numbers + first, o, toy_stop,
                             &out);
    packed_run_free(&part);
    return out;
}

static inline search_result toy_run(const char *search, const search_options *o, int first,
                                    int last)
{
    return toy_run_until(search, o, first, last, 1000);
}

/* A batch of one sentence, rows[1] long. */
static inline packed toy_alone(const int32_t *of, const int32_t *rows)
{
    static const int32_t one[] = {0, 1};

    return (packed){.rows = rows[1],
                    .sequences = 1,
                    .grains = 1,
                    .ids = of,
                    .offsets = rows,
                    .grain_rows = rows,
                    .grain_sequences = one};
}

static inline double toy_score(int sentence, const int32_t *ids, int count, bool ended)
{
    pass pass = {.arena = &t.memory, .threads = 1};
    const int32_t source_rows[] = {0, t.offsets[sentence + 1] - t.offsets[sentence]};
    const int32_t rows[] = {0, count + ended};
    int32_t fed[TOY_PLACES + 1] = {TOKEN_BEGIN}, gold[TOY_PLACES + 1];
    packed source = toy_alone(t.ids + t.offsets[sentence], source_rows);
    packed target = toy_alone(fed, rows);
    head_result result;
    size_t mark = arena_mark(&t.memory);
    double sum = 0.0;

    for (int i = 0; i < rows[1]; i++)
        gold[i] = fed[i + 1] = i < count ? ids[i] : TOKEN_END;
    transformer_forward(t.model, &pass, &source, &target, gold, &result);
    for (int i = 0; i < rows[1]; i++)
        sum -= (double)result.rows.nll[i];
    arena_release(&t.memory, mark);
    return sum;
}

static inline bool toy_same(const search_output *a, const search_output *b)
{
    bool same = a->count == b->count && a->ended == b->ended && a->score == b->score;

    for (int i = 0; same && i < a->count; i++)
        same = a->ids[i] == b->ids[i];
    return same;
}

#endif
