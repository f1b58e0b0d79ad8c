/* test_search.c - the outputs of whole batches against a plain loop that decodes every
 * sentence alone and its whole prefix anew for every symbol. */
#include <string.h>

#include "lockstep/base/token.h"
#include "lockstep/decode/search.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "packed_run.h"
#include "unit_check.h"

enum {
    SYMBOLS = 40,
    LONGEST = 18,
    SEQUENCES = 60,
    GRAINS = 4,
    CASES = 3,
    ROWS = SEQUENCES * 9
};

static arena memory;
static transformer *model;
static int32_t ids[ROWS], offsets[SEQUENCES + 1];
static const int32_t grain_sequences[GRAINS + 1] = {0, 25, 25, 59, SEQUENCES};
static const search_limits limits = {.max_length = 15, .max_ratio = 0.5};

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
    config options;

    memset(&options, 0, sizeof(options));
    options.model.width = 24;
    options.model.heads = 4;
    options.model.feed_forward = 40;
    options.model.encoder_layers = options.model.decoder_layers = 1;
    options.model.norm_position = number == 1 ? NORM_PRE : NORM_POST;
    options.model.tie = number == 2 ? TIE_TARGET : TIE_NONE;
    options.data.max_length = LONGEST;
    ck_assert_int_eq(transformer_create(&model, &options, SYMBOLS, SYMBOLS, 0), STATUS_OK);
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
    int most = length / 2 + 10 < limits.max_length ? length / 2 + 10 : limits.max_length;
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

static search_result run(const packed *source, int threads)
{
    pass pass = {.arena = &memory, .threads = threads};
    search_result out;

    search_find("greedy")->run(model, &pass, source, &limits, never, &out);
    return out;
}

START_TEST(greedy_outputs_are_those_of_each_sentence_alone)
{
    int ends = 0, changes = 0;
    int32_t prefix[LONGEST + 1];

    make_model(_i);
    packed_run all = packed_run_create(ids, offsets, grain_sequences, 0, GRAINS);
    search_result out = run(&all.packed, 1 + _i);
    for (int s = 0; s < SEQUENCES; s++) {
        bool ended;
        int count = decode(s, prefix, &ended);
        ck_assert_int_eq(out.offsets[s + 1] - out.offsets[s], count);
        ck_assert_int_eq(out.ended[s], ended);
        for (int i = 0; i < count; i++) {
            ck_assert_int_eq(out.ids[out.offsets[s] + i], prefix[i + 1]);
            changes += prefix[i + 1] != prefix[1];
        }
        ends += ended;
    }
    ck_assert(ends > 0 && ends < SEQUENCES && changes > SEQUENCES);
    packed_run_free(&all);
}
END_TEST

/* Each grain as a rank of its own has it; threads. */
START_TEST(outputs_depend_on_the_grain_alone)
{
    make_model(_i);
    packed_run all = packed_run_create(ids, offsets, grain_sequences, 0, GRAINS);
    search_result whole = run(&all.packed, 1);
    for (int g = 0; g < GRAINS; g++) {
        packed_run part = packed_run_create(ids, offsets, grain_sequences, g, g + 1);
        search_result out = run(&part.packed, 3);
        int first = grain_sequences[g], count = part.packed.sequences;
        const int32_t *at = whole.offsets + first;
        for (int s = 0; s < count; s++)
            ck_assert(out.ended[s] == whole.ended[first + s] &&
                      out.offsets[s + 1] == at[s + 1] - at[0]);
        ck_assert(memcmp(out.ids, whole.ids + at[0],
                         (size_t)(at[count] - at[0]) * sizeof(int32_t)) == 0);
        packed_run_free(&part);
    }
    packed_run_free(&all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/search");
    TCase *tests = tcase_create("search");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, greedy_outputs_are_those_of_each_sentence_alone, 0, CASES);
    tcase_add_loop_test(tests, outputs_depend_on_the_grain_alone, 0, CASES);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
