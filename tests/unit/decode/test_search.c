/* test_search.c - the outputs of whole batches against a plain loop that decodes every
 * sentence alone and its whole prefix anew for every symbol. */
#include <string.h>

#include "lockstep/base/token.h"
#include "lockstep/decode/search.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "unit_check.h"

enum { SYMBOLS = 40, LONGEST = 18, SEQUENCES = 60, CASES = 3, ROWS = SEQUENCES * 9 };

static arena memory;
static transformer *model;
static int32_t ids[ROWS], offsets[SEQUENCES + 1];
static const search_options options = {.max_length = 15, .max_ratio = 0.5};

static void make_sources(void)
{
    for (int s = 0; s < SEQUENCES; s++) {
        offsets[s + 1] = offsets[s] + 1 + s * 5 % 9;
        for (int r = offsets[s]; r < offsets[s + 1]; r++)
            ids[r] = TOKEN_SPECIALS + r * r * 11 % (SYMBOLS - TOKEN_SPECIALS);
        ids[offsets[s + 1] - 1] = TOKEN_END;
    }
}

/* Weights large enough that outputs depend on their sources, <end> likely enough that some
 * come to it. */
static void make_model(int number)
{
    config of;

    memset(&of, 0, sizeof(of));
    of.model.width = 24;
    of.model.heads = 4;
    of.model.feed_forward = 40;
    of.model.encoder_layers = of.model.decoder_layers = 1;
    of.model.norm_position = number == 1 ? NORM_PRE : NORM_POST;
    of.model.tie = number == 3 ? TIE_ALL : number == 2 ? TIE_TARGET : TIE_NONE;
    of.data.max_length = LONGEST;
    ck_assert_int_eq(transformer_create(&model, &of, SYMBOLS, SYMBOLS, 0), STATUS_OK);
    parameters *p = transformer_parameters(model);
    parameters_initialize(p, 7);
    for (size_t k = 0; k < p->floats; k++)
        p->values[k] *= 2.5f;
    parameters_values(p, p->count - 1)[TOKEN_END] = 8.0f;
}

static void setup(void)
{
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)256 << 20), STATUS_OK);
    make_sources();
}

static void teardown(void)
{
    transformer_destroy(model);
    arena_free(&memory);
}

static int never(void)
{
    return 0;
}

/* A batch of one sentence, rows[2] long. */
static packed alone(const int32_t *of, const int32_t *rows)
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

/* <end>, unless another than <begin> is likelier. It must be so by more than rounding. */
static int32_t choose(const float *logits)
{
    int32_t best = TOKEN_END;

    for (int32_t v = 0; v < SYMBOLS; v++)
        if (v != TOKEN_BEGIN && logits[v] > logits[best])
            best = v;
    for (int32_t v = 0; v < SYMBOLS; v++)
        ck_assert(v == best || v == TOKEN_BEGIN || logits[best] - logits[v] > 1e-5f);
    return best;
}

static int32_t next_symbol(const body_memory *from, const int32_t *prefix, int length,
                           pass *pass)
{
    float logits[SYMBOLS];
    const int32_t rows[] = {0, length};
    packed target = alone(prefix, rows);
    matrix decoded = transformer_decode(model, pass, from, &target);

    transformer_logits(model, matrix_rows(decoded, length - 1, 1),
                       matrix_view(logits, 1, SYMBOLS));
    return choose(logits);
}

/* The symbols of a sentence's output; prefix[0] is <begin>. */
static int decode(int sentence, int32_t *prefix, bool *ended)
{
    pass pass = {.arena = &memory, .threads = 1};
    int length = offsets[sentence + 1] - offsets[sentence], count = 0;
    int most = length / 2 + 10 < options.max_length ? length / 2 + 10 : options.max_length;
    const int32_t rows[] = {0, length};
    packed source = alone(ids + offsets[sentence], rows);
    size_t mark = arena_mark(&memory);
    body_memory encoded = transformer_encode(model, &pass, &source);

    prefix[0] = TOKEN_BEGIN;
    for (*ended = false; count < most && !*ended;) {
        int32_t next = next_symbol(&encoded, prefix, count + 1, &pass);
        *ended = next == TOKEN_END;
        if (!*ended)
            prefix[++count] = next;
    }
    arena_release(&memory, mark);
    return count;
}

/* log p of an output by a forward pass over all of it. */
static double score(int sentence, const search_output *o)
{
    pass pass = {.arena = &memory, .threads = 1};
    int length = offsets[sentence + 1] - offsets[sentence], places = o->count + o->ended;
    const int32_t source_rows[] = {0, length}, rows[] = {0, places};
    int32_t fed[LONGEST + 1] = {TOKEN_BEGIN}, gold[LONGEST + 1];
    packed source = alone(ids + offsets[sentence], source_rows), target = alone(fed, rows);
    generator_result result;
    size_t mark = arena_mark(&memory);
    double sum = 0.0;

    for (int i = 0; i < places; i++)
        gold[i] = fed[i + 1] = i < o->count ? o->ids[i] : TOKEN_END;
    transformer_forward(model, &pass, &source, &target, gold, &result);
    for (int i = 0; i < places; i++)
        sum -= (double)result.nll[i];
    arena_release(&memory, mark);
    return sum;
}

/* Sentences [first, last). */
static search_result run(int first, int last)
{
    pass pass = {.arena = &memory, .threads = 1};
    packed_run part = packed_run_create(ids, offsets, (const int32_t[]){0, first, last}, 1, 2);
    search_result out;

    search_find("greedy")->run(model, &pass, &part.packed, NULL, &options, never, &out);
    packed_run_free(&part);
    return out;
}

/* With packed weights and without. */
START_TEST(greedy_outputs_are_those_of_each_sentence_alone)
{
    int ends = 0, changes = 0;
    int32_t prefix[LONGEST + 1];

    make_model(_i / 2);
    if (_i % 2 == 1)
        ck_assert_int_eq(transformer_pack(model, 2), STATUS_OK);
    search_result out = run(0, SEQUENCES);
    for (int s = 0; s < SEQUENCES; s++) {
        bool ended;
        int count = decode(s, prefix, &ended);
        const search_output *o = &out.list[s];
        ck_assert_int_eq(o->count, count);
        ck_assert_int_eq(o->ended, ended);
        for (int i = 0; i < count; i++) {
            ck_assert_int_eq(o->ids[i], prefix[i + 1]);
            changes += prefix[i + 1] != prefix[1];
        }
        double expected = score(s, o);
        ck_assert_double_eq_tol(o->score, expected, 1e-5 * -expected);
        ends += ended;
    }
    ck_assert(ends > 0 && ends < SEQUENCES && changes > SEQUENCES);
}
END_TEST

static void assert_same(const search_output *a, const search_output *b)
{
    ck_assert(a->count == b->count && a->ended == b->ended && a->score == b->score);
    ck_assert_mem_eq(a->ids, b->ids, (size_t)a->count * sizeof(int32_t));
}

START_TEST(packing_in_place_changes_nothing)
{
    make_model(_i);
    ck_assert_int_eq(transformer_pack(model, 1), STATUS_OK);
    search_result apart = run(0, SEQUENCES);
    transformer_unpack(model);
    ck_assert_int_eq(transformer_pack_in_place(model, 2), STATUS_OK);
    search_result here = run(0, SEQUENCES);
    for (int s = 0; s < SEQUENCES; s++)
        assert_same(&apart.list[s], &here.list[s]);
}
END_TEST

/* To the bit, in batches of any size. */
START_TEST(an_output_depends_on_its_source_alone)
{
    const int sizes[] = {1, 7, 25};

    make_model(_i);
    ck_assert_int_eq(transformer_pack(model, 1), STATUS_OK);
    search_result whole = run(0, SEQUENCES);
    for (int size = 0; size < 3; size++)
        for (int first = 0; first < SEQUENCES; first += sizes[size]) {
            int last = first + sizes[size] < SEQUENCES ? first + sizes[size] : SEQUENCES;
            search_result out = run(first, last);
            for (int s = first; s < last; s++)
                assert_same(&out.list[s - first], &whole.list[s]);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/search");
    TCase *tests = tcase_create("search");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, greedy_outputs_are_those_of_each_sentence_alone, 0, 2 * CASES);
    tcase_add_loop_test(tests, an_output_depends_on_its_source_alone, 0, CASES);
    tcase_add_loop_test(tests, packing_in_place_changes_nothing, 0, CASES + 1);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
