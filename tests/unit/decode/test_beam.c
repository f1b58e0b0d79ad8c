/* test_beam.c - beam search on a small transformer: against all outputs there are, scored by
 * forward passes; against greedy; and what n-best lists are. */
#include <math.h>
#include <stdlib.h>

#include "toy.h"

enum {
    SYMBOLS = TOKEN_SPECIALS + 2,
    LONGEST = 4, /* tokens */
    WIDE = 128,  /* above 27 prefixes with 4 symbols each */
    SENTENCES = 3,
    OUTPUTS = 256, /* above 40 that end and 81 that are cut off */
    BEST = 4
};

typedef struct whole {
    int32_t ids[LONGEST];
    int count;
    bool ended;
    double log_p, score;
} whole;

static whole all[OUTPUTS];
static int alls;

static void setup(void)
{
    toy_open(SYMBOLS);
}

static void add(int sentence, const whole *prefix, bool ended, double alpha)
{
    whole *w = &all[alls++];

    *w = *prefix;
    w->ended = ended;
    w->log_p = toy_score(sentence, w->ids, w->count, ended);
    w->score = w->log_p / pow((5.0 + w->count + ended) / 6.0, alpha);
}

static void enumerate(int sentence, whole prefix, const search_options *o)
{
    if (prefix.count == o->max_length) {
        add(sentence, &prefix, false, o->length_penalty);
        return;
    }
    if (prefix.count >= o->min_length)
        add(sentence, &prefix, true, o->length_penalty);
    for (int32_t v = 0; v < SYMBOLS; v++) {
        whole longer = prefix;
        if (v == TOKEN_BEGIN || v == TOKEN_END || (v == TOKEN_UNK && !o->unknown))
            continue;
        longer.ids[longer.count++] = v;
        enumerate(sentence, longer, o);
    }
}

static int compare(const void *a, const void *b)
{
    const whole *x = a, *y = b;

    if (x->ended != y->ended)
        return x->ended ? -1 : 1;
    return (x->score < y->score) - (x->score > y->score);
}

static void expect(const search_output *out, const whole *expected)
{
    ck_assert_int_eq(out->count, expected->count);
    ck_assert(out->ended == expected->ended);
    for (int i = 0; i < out->count; i++)
        ck_assert_int_eq(out->ids[i], expected->ids[i]);
    ck_assert_double_eq_tol(out->score, expected->log_p, 1e-5 * -expected->log_p);
}

static const struct {
    double alpha;
    int min_length;
    bool unknown;
} cases[] = {{0.0, 0, true}, {0.6, 0, false}, {1.0, 2, true},
             {1.0, 3, true}, {3.0, 1, false}, {1.0, LONGEST, true}}; /* none ends */

START_TEST(a_beam_of_all_prefixes_finds_the_best_of_all_outputs)
{
    const search_options o = {.beam = WIDE,
                              .n_best = BEST,
                              .length_penalty = cases[_i].alpha,
                              .min_length = cases[_i].min_length,
                              .unknown = cases[_i].unknown,
                              .max_length = LONGEST,
                              .max_ratio = 1.0};

    toy_create_model(0, 1.0f);
    search_result out = toy_run("beam", &o, 5, 5 + SENTENCES);
    ck_assert_int_eq(out.each, BEST);
    for (int s = 0; s < SENTENCES; s++) {
        alls = 0;
        enumerate(5 + s, (whole){.count = 0}, &o);
        qsort(all, (size_t)alls, sizeof(all[0]), compare);
        for (int i = 0; i < BEST; i++)
            expect(&out.list[s * BEST + i], &all[i]);
    }
}
END_TEST

/* To the bit, whatever the penalty. */
START_TEST(a_beam_of_one_is_greedy)
{
    const search_options o = {.beam = 1,
                              .n_best = 1,
                              .length_penalty = _i % 2 == 0 ? 0.0 : 2.0,
                              .min_length = _i % 4,
                              .unknown = _i % 3 == 0,
                              .max_length = TOY_PLACES,
                              .max_ratio = 0.5};
    int ended = 0;

    toy_create_model(_i % TOY_KINDS, 2.0f);
    search_result out = toy_run("beam", &o, 0, TOY_SEQUENCES),
                  greedy = toy_run("greedy", &o, 0, TOY_SEQUENCES);
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        ck_assert(toy_same(&out.list[s], &greedy.list[s]));
        ended += out.list[s].ended;
    }
    ck_assert_int_gt(ended, 0);
}
END_TEST

static double ranked(const search_output *o, double alpha)
{
    return o->score / pow((5.0 + o->count + o->ended) / 6.0, alpha);
}

/* Ended ones first, by their scores, and no two alike. */
START_TEST(lists_are_sorted_and_distinct)
{
    const search_options o = {.beam = 6,
                              .n_best = 6,
                              .length_penalty = 1.0,
                              .max_length = TOY_PLACES,
                              .max_ratio = 0.5,
                              .unknown = true};

    toy_create_model(_i, 2.0f);
    search_result out = toy_run("beam", &o, 0, TOY_SEQUENCES);
    for (int i = 0; i < TOY_SEQUENCES * 6; i++) {
        const search_output *best = &out.list[i];
        for (int k = i + 1; k % 6 != 0; k++) {
            const search_output *other = &out.list[k];
            ck_assert(best->ended != other->ended ? best->ended
                                                  : ranked(best, 1.0) >= ranked(other, 1.0));
            ck_assert(best->count != other->count || best->ended != other->ended ||
                      memcmp(best->ids, other->ids, (size_t)best->count * sizeof(int32_t)));
        }
    }
}
END_TEST

/* A vocabulary of specials alone, none of which may come. */
START_TEST(where_there_is_no_symbol_outputs_are_empty)
{
    const search_options o = {.beam = 3, .n_best = 2, .min_length = 2, .max_length = 4};

    t.symbols = TOKEN_SPECIALS;
    memset(t.ids, 0, sizeof(t.ids));
    toy_create_model(0, 1.0f);
    for (int i = 0; i < 2; i++) {
        search_result out = toy_run(i == 0 ? "beam" : "greedy", &o, 0, 4);
        for (int s = 0; s < 4; s++)
            ck_assert(out.list[s * out.each].count == 0 && !out.list[s * out.each].ended &&
                      out.list[s * out.each].score == 0.0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/beam");
    TCase *tests = tcase_create("beam");

    tcase_add_checked_fixture(tests, setup, toy_close);
    tcase_add_loop_test(tests, a_beam_of_all_prefixes_finds_the_best_of_all_outputs, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_loop_test(tests, a_beam_of_one_is_greedy, 0, 6);
    tcase_add_loop_test(tests, lists_are_sorted_and_distinct, 0, TOY_KINDS);
    tcase_add_test(tests, where_there_is_no_symbol_outputs_are_empty);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
