/* test_greedy.c - greedy outputs of models whose scores are known: every parameter is 0 but
 * those that a test sets, so that the symbol before, or a bias alone, decides what is next. */
#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"
#include "lockstep/decode/search.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "unit_check.h"

enum { A = TOKEN_SPECIALS, B, C, SYMBOLS, WIDTH = 8, LONGEST = 12, SEQUENCES = 3 };

static arena memory;
static transformer *model;

/* Sources of 1, 3 and 2 tokens. */
static const int32_t ids[] = {TOKEN_END, 0, 0, TOKEN_END, 0, TOKEN_END},
                     offsets[] = {0, 1, 4, 6}, grain_rows[] = {0, 6},
                     grain_sequences[] = {0, SEQUENCES};
static const packed source = {.rows = 6,
                              .sequences = SEQUENCES,
                              .grains = 1,
                              .ids = ids,
                              .offsets = offsets,
                              .grain_rows = grain_rows,
                              .grain_sequences = grain_sequences};
static const search_options wide = {.max_length = 100, .max_ratio = 10.0, .unknown = true};

static float *values_of(const char *name)
{
    const parameters *p = transformer_parameters(model);
    int index = parameters_find(p, name);

    ck_assert_msg(index >= 0, "no %s", name);
    return parameters_values(p, index);
}

/* The decoder's output is the normalised embedding of the symbol before: one large number, at
 * that symbol's place. */
static void create(int symbols)
{
    config options;

    memset(&options, 0, sizeof(options));
    options.model.width = WIDTH;
    options.model.heads = 2;
    options.model.feed_forward = 4;
    options.model.encoder_layers = options.model.decoder_layers = 1;
    options.model.norm_position = NORM_PRE;
    options.model.positions = POSITIONS_LEARNED;
    options.model.tie = TIE_NONE;
    options.data.max_length = LONGEST;
    ck_assert_int_eq(transformer_create(&model, &options, TOKEN_SPECIALS, symbols, 0),
                     STATUS_OK);
    for (int c = 0; c < WIDTH; c++)
        values_of("decoder.norm.weight")[c] = 1.0f;
    for (int v = 0; v < symbols; v++)
        values_of("target_embedding.weight")[v * WIDTH + v] = 1.0f;
}

static void setup(void)
{
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)64 << 20), STATUS_OK);
    create(SYMBOLS);
}

static void teardown(void)
{
    transformer_destroy(model);
    arena_free(&memory);
}

/* After `before` comes `next`. */
static void follow(int32_t before, int32_t next)
{
    values_of("generator.weight")[next * WIDTH + before] = 1.0f;
}

static void set_bias(int32_t symbol, float bias)
{
    values_of("generator.bias")[symbol] = bias;
}

static int asks_left; /* how often a search may ask before it is stopped */

static int stop(void)
{
    return asks_left-- <= 0;
}

static search_result run_until(const packed *from, const search_options *limits, int asks)
{
    pass pass = {.arena = &memory, .threads = 1};
    search_result out;
    size_t before = memory_allocations();

    asks_left = asks;
    search_find("greedy")->run(model, &pass, from, NULL, limits, stop, &out);
    ck_assert_uint_eq(memory_allocations(), before);
    return out;
}

static search_result run(const search_options *limits)
{
    return run_until(&source, limits, 1000);
}

/* Every output is this. */
static void expect(const search_result *out, const int32_t *symbols, int count, bool ended)
{
    ck_assert_int_eq(out->each, 1);
    for (int s = 0; s < SEQUENCES; s++) {
        ck_assert_int_eq(out->list[s].count, count);
        for (int i = 0; i < count; i++)
            ck_assert_int_eq(out->list[s].ids[i], symbols[i]);
        ck_assert_int_eq(out->list[s].ended, ended);
    }
}

static void follow_chain(void)
{
    follow(TOKEN_BEGIN, C);
    follow(C, A);
    follow(A, B);
    follow(B, TOKEN_END);
}

static const int32_t chain[] = {C, A, B};

START_TEST(the_likeliest_is_followed_to_the_end)
{
    follow_chain();
    search_result out = run(&wide);
    expect(&out, chain, 3, true);
}
END_TEST

START_TEST(without_scores_the_symbols_are_the_same)
{
    search_options unscored = wide;

    unscored.unscored = true;
    follow_chain();
    if (_i == 1)
        ck_assert_int_eq(transformer_pack(model, 1), STATUS_OK);
    search_result out = run(&unscored);
    expect(&out, chain, 3, true);
    for (int s = 0; s < SEQUENCES; s++)
        ck_assert(isnan(out.list[s].score));
}
END_TEST

START_TEST(what_is_cut_off_has_not_ended)
{
    follow_chain();
    for (int most = 1; most <= 4; most++) {
        const search_options limits = {.max_length = most, .max_ratio = 10.0, .unknown = true};
        search_result out = run(&limits);
        expect(&out, chain, most < 3 ? most : 3, most == 4);
    }
}
END_TEST

/* By the ratio, and by the model's places, of which <begin> has one. */
START_TEST(limits_hold_for_each_sentence)
{
    const search_options limits = {.max_length = 100, .max_ratio = _i == 0 ? 0.75 : 4.0};
    const int32_t expected[2][SEQUENCES] = {{10, 12, 11}, {LONGEST, LONGEST, LONGEST}};

    set_bias(B, 1.0f);
    search_result out = run(&limits);
    for (int s = 0; s < SEQUENCES; s++) {
        ck_assert_int_eq(out.list[s].count, expected[_i][s]);
        ck_assert(!out.list[s].ended);
        for (int i = 0; i < out.list[s].count; i++)
            ck_assert_int_eq(out.list[s].ids[i], B);
    }
}
END_TEST

static const struct {
    float bias[SYMBOLS]; /* <unk>, <begin>, <end>, A, B, C */
    int32_t symbol;
} ties[] = {
    {{0, 0, 0, 0, 0, 0}, TOKEN_END}, {{0, 0, 1, 1, 0, 0}, TOKEN_END},
    {{1, 0, 1, 0, 0, 1}, TOKEN_END}, {{0, 0, 0, 0, 2, 2}, B},
    {{0, 0, 0, 2, 0, 2}, A},         {{3, 0, 0, 3, 0, 0}, TOKEN_UNK},
    {{0, 9, 0, 0, 0, 1}, C}, /* <begin> is never said */
    {{0, 9, 0, 0, 0, 0}, TOKEN_END}, {{-5, -5, -4, -5, -5, -4}, TOKEN_END},
};

START_TEST(end_wins_ties_and_else_the_lowest_number)
{
    int32_t symbols[LONGEST];
    const search_options limits = {.max_length = LONGEST, .max_ratio = 10.0, .unknown = true};
    bool ended = ties[_i].symbol == TOKEN_END;

    for (int v = 0; v < SYMBOLS; v++)
        set_bias(v, ties[_i].bias[v]);
    for (int i = 0; i < LONGEST; i++)
        symbols[i] = ties[_i].symbol;
    search_result out = run(&limits);
    expect(&out, symbols, ended ? 0 : LONGEST, ended);
}
END_TEST

START_TEST(a_vocabulary_of_specials_alone)
{
    const search_options limits = {.max_length = 2, .max_ratio = 1.0, .unknown = true};

    transformer_destroy(model);
    create(TOKEN_SPECIALS);
    set_bias(TOKEN_BEGIN, 1.0f);
    search_result out = run(&limits);
    expect(&out, NULL, 0, true);
    set_bias(TOKEN_UNK, 0.5f);
    out = run(&limits);
    expect(&out, (int32_t[]){TOKEN_UNK, TOKEN_UNK}, 2, false);
}
END_TEST

START_TEST(without_sentences_there_are_no_outputs)
{
    static const int32_t zeros[2] = {0};
    const packed nothing = {.grains = 1,
                            .ids = ids,
                            .offsets = zeros,
                            .grain_rows = zeros,
                            .grain_sequences = zeros};

    follow_chain();
    run_until(&nothing, &wide, 1000);
    ck_assert_int_eq(asks_left, 1000); /* there was nothing to go on with */
}
END_TEST

/* Stopped after so many steps, a search has what they gave. */
START_TEST(a_stopped_search_has_what_it_found)
{
    follow_chain();
    search_result out = run_until(&source, &wide, _i);
    expect(&out, chain, _i < 3 ? _i : 3, _i == 4);
}
END_TEST

START_TEST(only_names_of_searches_are_found)
{
    ck_assert_str_eq(search_find("greedy")->name, "greedy");
    ck_assert_ptr_null(search_find("greed"));
    ck_assert_ptr_null(search_find(""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/greedy");
    TCase *tests = tcase_create("greedy");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_likeliest_is_followed_to_the_end);
    tcase_add_loop_test(tests, without_scores_the_symbols_are_the_same, 0, 2);
    tcase_add_test(tests, what_is_cut_off_has_not_ended);
    tcase_add_loop_test(tests, limits_hold_for_each_sentence, 0, 2);
    tcase_add_loop_test(tests, end_wins_ties_and_else_the_lowest_number, 0,
                        (int)(sizeof(ties) / sizeof(ties[0])));
    tcase_add_test(tests, a_vocabulary_of_specials_alone);
    tcase_add_test(tests, without_sentences_there_are_no_outputs);
    tcase_add_loop_test(tests, a_stopped_search_has_what_it_found, 0, 5);
    tcase_add_test(tests, only_names_of_searches_are_found);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
