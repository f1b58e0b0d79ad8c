/* test_search.c - what holds for every search: outputs depend on their sources alone, their
 * scores are what scoring says, they keep to the limits; and greedy against a plain loop that
 * decodes every sentence alone and its whole prefix anew for every symbol. */
#include <math.h>

#include "toy.h"

enum { SYMBOLS = 40, LONGEST = 15 };

static const search_options options = {.max_length = LONGEST,
                                       .max_ratio = 0.5,
                                       .unknown = true,
                                       .beam = 5,
                                       .n_best = 3,
                                       .length_penalty = 1.0,
                                       .temperature = 1.3,
                                       .top_k = 7,
                                       .top_p = 0.9,
                                       .seed = 5};
static const char *const searches[] = {"greedy", "beam", "sample"};
enum { SEARCHES = sizeof(searches) / sizeof(searches[0]) };

static void setup(void)
{
    toy_open(SYMBOLS);
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
    packed target = toy_alone(prefix, rows);
    matrix decoded = transformer_decode(t.model, pass, from, &target);

    transformer_log_p(t.model, pass, matrix_rows(decoded, length - 1, 1), NULL,
                      matrix_view(logits, 1, SYMBOLS));
    return choose(logits);
}

static int limit_of(int sentence)
{
    int most = (t.offsets[sentence + 1] - t.offsets[sentence]) / 2 + 10;

    return most < LONGEST ? most : LONGEST;
}

/* The symbols of a sentence's output; prefix[0] is <begin>. */
static int decode(int sentence, int32_t *prefix, bool *ended)
{
    pass pass = {.arena = &t.memory, .threads = 1};
    const int32_t rows[] = {0, t.offsets[sentence + 1] - t.offsets[sentence]};
    packed source = toy_alone(t.ids + t.offsets[sentence], rows);
    size_t mark = arena_mark(&t.memory);
    body_memory encoded = transformer_encode(t.model, &pass, &source);
    int count = 0;

    prefix[0] = TOKEN_BEGIN;
    for (*ended = false; count < limit_of(sentence) && !*ended;) {
        int32_t next = next_symbol(&encoded, prefix, count + 1, &pass);
        *ended = next == TOKEN_END;
        if (!*ended)
            prefix[++count] = next;
    }
    arena_release(&t.memory, mark);
    return count;
}

/* With packed weights and without. */
START_TEST(greedy_outputs_are_those_of_each_sentence_alone)
{
    int ends = 0, changes = 0;
    int32_t prefix[LONGEST + 1];

    toy_create_model(_i / 2, 8.0f);
    if (_i % 2 == 1)
        ck_assert_int_eq(transformer_pack(t.model, 2), STATUS_OK);
    search_result out = toy_run("greedy", &options, 0, TOY_SEQUENCES);
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        bool ended;
        int count = decode(s, prefix, &ended);
        ck_assert_int_eq(out.list[s].count, count);
        ck_assert_int_eq(out.list[s].ended, ended);
        for (int i = 0; i < count; i++) {
            ck_assert_int_eq(out.list[s].ids[i], prefix[i + 1]);
            changes += prefix[i + 1] != prefix[1];
        }
        ends += ended;
    }
    ck_assert(ends > 0 && ends < TOY_SEQUENCES && changes > TOY_SEQUENCES);
}
END_TEST

/* Scores are equal to 1e-5, relative where they are not nearly 0. */
static void expect_output(int sentence, const search_output *o, const search_options *rules)
{
    double expected = toy_score(sentence, o->ids, o->count, o->ended);

    ck_assert_double_eq_tol(o->score, expected, 1e-5 * fmax(1.0, -expected));
    ck_assert_int_le(o->count, limit_of(sentence) - o->ended);
    ck_assert(o->ended || o->count == limit_of(sentence));
    ck_assert(!o->ended || o->count >= rules->min_length);
    for (int i = 0; i < o->count; i++)
        ck_assert(o->ids[i] != TOKEN_BEGIN && o->ids[i] != TOKEN_END &&
                  (rules->unknown || o->ids[i] != TOKEN_UNK));
}

static int count_unknown(const search_output *o)
{
    int count = 0;

    for (int i = 0; i < o->count; i++)
        count += o->ids[i] == TOKEN_UNK;
    return count;
}

/* <unk> is likely here, so that it stands in outputs where it may. */
START_TEST(outputs_keep_to_the_rules_and_scores_are_those_of_scoring)
{
    search_options rules = options;
    int unknown = 0, ended = 0;

    toy_create_model(1, 8.0f);
    parameters *p = transformer_parameters(t.model);
    parameters_values(p, p->count - 1)[TOKEN_UNK] = 6.0f;
    rules.min_length = _i / SEARCHES % 2 == 0 ? 0 : 4;
    rules.unknown = _i / SEARCHES < 2;
    search_result out = toy_run(searches[_i % SEARCHES], &rules, 0, TOY_SEQUENCES);
    ck_assert_int_eq(out.each, _i % SEARCHES == 1 ? 3 : 1);
    for (int i = 0; i < TOY_SEQUENCES * out.each; i++) {
        expect_output(i / out.each, &out.list[i], &rules);
        unknown += count_unknown(&out.list[i]);
        ended += out.list[i].ended;
    }
    ck_assert(rules.unknown ? unknown > 0 : unknown == 0);
    ck_assert(ended > 0 && ended < TOY_SEQUENCES * out.each);
}
END_TEST

START_TEST(packing_in_place_changes_nothing)
{
    toy_create_model(_i, 8.0f);
    ck_assert_int_eq(transformer_pack(t.model, 1), STATUS_OK);
    search_result apart = toy_run("greedy", &options, 0, TOY_SEQUENCES);
    transformer_unpack(t.model);
    ck_assert_int_eq(transformer_pack_in_place(t.model, 2), STATUS_OK);
    search_result here = toy_run("greedy", &options, 0, TOY_SEQUENCES);
    for (int s = 0; s < TOY_SEQUENCES; s++)
        ck_assert(toy_same(&apart.list[s], &here.list[s]));
}
END_TEST

/* To the bit, in batches of any size. */
START_TEST(an_output_depends_on_its_source_alone)
{
    const int sizes[] = {1, 3, 25};
    const char *search = searches[_i % SEARCHES];

    toy_create_model(_i / SEARCHES, 8.0f);
    ck_assert_int_eq(transformer_pack(t.model, 1), STATUS_OK);
    search_result whole = toy_run(search, &options, 0, TOY_SEQUENCES);
    for (int size = 0; size < 3; size++)
        for (int first = 0; first < TOY_SEQUENCES; first += sizes[size]) {
            int last = first + sizes[size];
            last = last < TOY_SEQUENCES ? last : TOY_SEQUENCES;
            search_result out = toy_run(search, &options, first, last);
            for (int i = 0; i < (last - first) * out.each; i++)
                ck_assert(toy_same(&out.list[i], &whole.list[first * out.each + i]));
        }
}
END_TEST

/* After so many steps an output has so many tokens, unless it has ended. */
START_TEST(a_stopped_search_has_what_it_found)
{
    int open = 0;

    toy_create_model(0, 8.0f);
    search_result out =
        toy_run_until(searches[_i % SEARCHES], &options, 0, TOY_SEQUENCES, _i / SEARCHES);
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        const search_output *o = &out.list[s * out.each];
        ck_assert(o->ended ? o->count < _i / SEARCHES : o->count == _i / SEARCHES);
        open += !o->ended;
    }
    ck_assert_int_gt(open, 0);
}
END_TEST

START_TEST(only_names_of_searches_are_found)
{
    for (int i = 0; i < SEARCHES; i++)
        ck_assert_str_eq(search_find(searches[i])->name, searches[i]);
    ck_assert_ptr_null(search_find("greed"));
    ck_assert_ptr_null(search_find(""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/search");
    TCase *tests = tcase_create("search");

    tcase_add_checked_fixture(tests, setup, toy_close);
    tcase_add_loop_test(tests, greedy_outputs_are_those_of_each_sentence_alone, 0,
                        2 * TOY_KINDS);
    tcase_add_loop_test(tests, outputs_keep_to_the_rules_and_scores_are_those_of_scoring, 0,
                        4 * SEARCHES);
    tcase_add_loop_test(tests, an_output_depends_on_its_source_alone, 0, TOY_KINDS * SEARCHES);
    tcase_add_loop_test(tests, packing_in_place_changes_nothing, 0, TOY_KINDS + 1);
    tcase_add_loop_test(tests, a_stopped_search_has_what_it_found, 0, 5 * SEARCHES);
    tcase_add_test(tests, only_names_of_searches_are_found);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
