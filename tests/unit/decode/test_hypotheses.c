/* test_hypotheses.c - beam search over a made-up model, whose log p are a random function of
 * the whole prefix, against all outputs there are, sorted. */
#include "hypotheses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/random.h"
#include "lockstep/base/token.h"
#include "unit_check.h"

enum {
    A = TOKEN_SPECIALS,
    B,
    SYMBOLS,
    LONGEST = 4,
    SENTENCES = 5,
    WIDE = 128,   /* above 27 prefixes with 4 symbols each */
    OUTPUTS = 256 /* above 40 that end and 81 that are cut off */
};

static const int32_t limits[SENTENCES] = {4, 0, 3, 1, 4};

static arena memory;
static int least;   /* tokens before <end> */
static bool coarse; /* log p with many ties */

static void setup(void)
{
    ck_assert_int_eq(arena_init(&memory, (size_t)16 << 20), STATUS_OK);
    least = 0;
    coarse = false;
}

static void teardown(void)
{
    arena_free(&memory);
}

/* ---- the made-up model ---- */

static float log_p_of(int sentence, const int32_t *prefix, int count, int32_t symbol)
{
    uint32_t hash = (uint32_t)sentence + 1;

    for (int i = 0; i < count; i++)
        hash = hash * 31 + (uint32_t)prefix[i] + 1;
    uint64_t bits = random_bits(9, RANDOM_TEST, hash, (uint32_t)symbol, 0);
    if (coarse)
        return -1.0f - (float)(bits % 3);
    return -0.1f - 4.0f * random_uniform((uint32_t)bits);
}

static bool allowed(int32_t symbol, int count)
{
    return symbol != TOKEN_BEGIN && (symbol != TOKEN_END || count >= least);
}

/* <end>, or the lower number, of equal ones. */
static bool comes_before(const float *log_p, int32_t a, int32_t b)
{
    if (log_p[a] != log_p[b])
        return log_p[a] > log_p[b];
    return a == TOKEN_END || (b != TOKEN_END && a < b);
}

static void say(int sentence, const int32_t *prefix, int count, int each, int32_t *symbols,
                float *sorted)
{
    float log_p[SYMBOLS];
    int said = 0;

    for (int32_t v = 0; v < SYMBOLS; v++) {
        int at = said;
        log_p[v] = log_p_of(sentence, prefix, count, v);
        if (!allowed(v, count))
            continue;
        for (said++; at > 0 && comes_before(log_p, v, symbols[at - 1]); at--)
            symbols[at] = symbols[at - 1];
        symbols[at] = v;
    }
    for (int i = 0; i < each; i++) {
        symbols[i] = i < said ? symbols[i] : -1;
        sorted[i] = i < said ? log_p[symbols[i]] : -INFINITY;
    }
}

/* ---- the search: what a slot was fed is its prefix ---- */

static int32_t fed[SENTENCES * WIDE][LONGEST + 1];

static void step(hypotheses *h, int first, int count, const int32_t *slots, const int32_t *ids)
{
    static int32_t symbols[SENTENCES * WIDE * SYMBOLS];
    static float log_p[SENTENCES * WIDE * SYMBOLS];
    static hypothesis_copy copies[SENTENCES * WIDE];

    for (int i = 0; i < count; i++) {
        fed[slots[i]][h->tokens] = ids[i];
        say(first + slots[i] / h->beam, fed[slots[i]] + 1, h->tokens, SYMBOLS,
            symbols + i * SYMBOLS, log_p + i * SYMBOLS);
    }
    int copied = hypotheses_grow(h, SYMBOLS, symbols, log_p, copies);
    for (int i = 0; i < copied; i++)
        memcpy(fed[copies[i].to], fed[copies[i].from], sizeof(fed[0]));
}

/* Sentences [first, first + count), with at most so many steps. */
static search_result run(int first, int count, const search_options *o, int steps)
{
    static int32_t slots[SENTENCES * WIDE], ids[SENTENCES * WIDE];
    hypotheses h = hypotheses_push(&memory, limits + first, count, o);

    for (int n = hypotheses_feed(&h, slots, ids); n > 0 && steps-- > 0;
         n = hypotheses_feed(&h, slots, ids))
        step(&h, first, n, slots, ids);
    hypotheses_cut(&h);
    return hypotheses_collect(&h, &memory);
}

/* ---- all outputs ---- */

typedef struct whole {
    int32_t ids[LONGEST];
    int count;
    bool ended;
    double log_p, score;
} whole;

static whole all[OUTPUTS];
static int alls;

static void enumerate(int sentence, whole so_far, double alpha)
{
    whole ended = so_far;

    if (so_far.count == limits[sentence]) {
        so_far.score = so_far.log_p / pow((5.0 + so_far.count) / 6.0, alpha);
        all[alls++] = so_far;
        return;
    }
    ended.ended = true;
    ended.log_p += (double)log_p_of(sentence, so_far.ids, so_far.count, TOKEN_END);
    ended.score = ended.log_p / pow((6.0 + so_far.count) / 6.0, alpha);
    if (allowed(TOKEN_END, so_far.count))
        all[alls++] = ended;
    for (int32_t v = 0; v < SYMBOLS; v++) {
        whole longer = so_far;
        if (v == TOKEN_BEGIN || v == TOKEN_END)
            continue;
        longer.ids[longer.count++] = v;
        longer.log_p += (double)log_p_of(sentence, so_far.ids, so_far.count, v);
        enumerate(sentence, longer, alpha);
    }
}

static int compare(const void *a, const void *b)
{
    const whole *x = a, *y = b;

    if (x->ended != y->ended)
        return x->ended ? -1 : 1;
    return (x->score < y->score) - (x->score > y->score);
}

static bool same_ids(const search_output *out, const int32_t *ids, int count)
{
    bool same = out->count == count;

    for (int i = 0; i < count && same; i++)
        same = out->ids[i] == ids[i];
    return same;
}

static void expect(const search_output *out, const whole *expected)
{
    ck_assert(same_ids(out, expected->ids, expected->count));
    ck_assert(out->ended == expected->ended);
    ck_assert_double_eq(out->score, expected->log_p);
}

static const double alphas[] = {0.0, 0.6, 1.0, 4.0};

START_TEST(a_beam_of_all_prefixes_finds_the_best_of_all_outputs)
{
    for (least = 0; least < 4; least++)
        for (int n_best = 1; n_best <= 81; n_best += 8) {
            const search_options o = {
                .beam = WIDE, .n_best = n_best, .length_penalty = alphas[_i]};
            search_result out = run(0, SENTENCES, &o, LONGEST);
            for (int s = 0; s < SENTENCES; s++) {
                alls = 0;
                enumerate(s, (whole){.count = 0}, alphas[_i]);
                qsort(all, (size_t)alls, sizeof(all[0]), compare);
                for (int i = 0; i < n_best; i++)
                    if (i < alls)
                        expect(&out.list[s * n_best + i], &all[i]);
                    else
                        ck_assert_double_eq(out.list[s * n_best + i].score, -INFINITY);
            }
        }
}
END_TEST

static whole greedily(int sentence)
{
    whole w = {.count = 0};
    int32_t symbols[SYMBOLS];
    float log_p[SYMBOLS];

    while (w.count < limits[sentence] && !w.ended) {
        say(sentence, w.ids, w.count, SYMBOLS, symbols, log_p);
        w.log_p += (double)log_p[0];
        w.ended = symbols[0] == TOKEN_END;
        if (!w.ended)
            w.ids[w.count++] = symbols[0];
    }
    return w;
}

START_TEST(a_beam_of_one_is_greedy)
{
    const search_options o = {.beam = 1, .n_best = 1, .length_penalty = alphas[_i]};

    for (int i = 0; i < 8; i++) {
        coarse = i % 2 == 1;
        least = i / 2;
        search_result out = run(0, SENTENCES, &o, LONGEST);
        for (int s = 0; s < SENTENCES; s++) {
            whole expected = greedily(s);
            expect(&out.list[s], &expected);
        }
    }
}
END_TEST

START_TEST(a_sentence_does_not_see_its_neighbours)
{
    coarse = _i % 2 == 1;
    const search_options o = {.beam = 1 + _i, .n_best = 1 + _i / 2, .length_penalty = 0.6};
    search_result together = run(0, SENTENCES, &o, LONGEST);

    for (int s = 0; s < SENTENCES; s++) {
        search_result alone = run(s, 1, &o, LONGEST);
        for (int i = 0; i < o.n_best; i++) {
            const search_output *a = &alone.list[i], *b = &together.list[s * o.n_best + i];
            ck_assert(same_ids(a, b->ids, b->count) && a->ended == b->ended);
            ck_assert_double_eq(a->score, b->score);
        }
    }
}
END_TEST

/* ---- by hand: one sentence that may have three tokens ---- */

typedef struct hand {
    int32_t symbols[4];
    float log_p[4];
} hand;

static void grow(hypotheses *h, const hand *said, int count, int copied)
{
    int32_t symbols[4 * 4];
    float log_p[4 * 4];
    hypothesis_copy copies[4];

    for (int i = 0; i < count; i++) {
        memcpy(symbols + i * 4, said[i].symbols, sizeof(said[i].symbols));
        memcpy(log_p + i * 4, said[i].log_p, sizeof(said[i].log_p));
    }
    ck_assert_int_eq(hypotheses_grow(h, 4, symbols, log_p, copies), copied);
    for (int i = 0; i < copied; i++)
        ck_assert_int_ne(copies[i].from, copies[i].to);
}

static void feeds(const hypotheses *h, int count, int32_t first, int32_t second)
{
    int32_t slots[4], ids[4];

    ck_assert_int_eq(hypotheses_feed(h, slots, ids), count);
    if (count > 0)
        ck_assert(ids[0] == first && slots[0] != (count == 2 ? slots[1] : -1));
    if (count == 2)
        ck_assert_int_eq(ids[1], second);
}

static const int32_t three[] = {3};
static const hand start = {{A, B, TOKEN_END, 0}, {-1, -2, -3, -4}};

/* Then <end> is the third candidate, after A and B, and not taken; now the first and, of the
 * other parent, the third. */
START_TEST(end_must_be_among_as_many_as_the_beam_holds)
{
    const search_options o = {.beam = 2, .n_best = 2};
    const hand second[] = {{{TOKEN_END, B, -1, -1}, {-2, -4, 0, 0}},
                           {{A, TOKEN_END, B, -1}, {-1.5f, -2.5f, -9, 0}}};
    hypotheses h = hypotheses_push(&memory, three, 1, &o);

    feeds(&h, 1, TOKEN_BEGIN, 0);
    grow(&h, &start, 1, 1);
    ck_assert_int_eq(h.ended[0], 0);
    feeds(&h, 2, A, B);
    grow(&h, second, 2, 0); /* A ends at -3, B A at -3.5, B ends at -4.5, A B at -5 */
    ck_assert_int_eq(h.ended[0], 1);
    feeds(&h, 2, A, B);
    hypotheses_cut(&h);
    search_result out = hypotheses_collect(&h, &memory);
    ck_assert(out.list[0].ended && out.list[0].count == 1 && out.list[0].ids[0] == A);
    ck_assert_double_eq(out.list[0].score, -3.0);
    ck_assert(!out.list[1].ended && out.list[1].ids[0] == B && out.list[1].ids[1] == A);
}
END_TEST

/* Without a penalty the ended one at -3 is out of reach of -3 and below, with one it is not:
 * at the longest, -3 / (8 / 6) is better than -3 / (7 / 6). */
START_TEST(a_sentence_ends_when_nothing_open_can_be_better)
{
    const search_options o = {.beam = 2, .n_best = 1, .length_penalty = _i};
    const hand second[] = {{{TOKEN_END, B, A, -1}, {-2, -2, -9, 0}},
                           {{A, TOKEN_END, B, -1}, {-1.5f, -9, -9, 0}}};
    hypotheses h = hypotheses_push(&memory, three, 1, &o);

    grow(&h, &start, 1, 1);
    grow(&h, second, 2, 0);
    feeds(&h, _i == 0 ? 0 : 2, B, A);
    hypotheses_cut(&h);
    search_result out = hypotheses_collect(&h, &memory);
    ck_assert(out.list[0].ended && out.list[0].ids[0] == A);
}
END_TEST

START_TEST(equal_candidates_come_in_the_order_of_their_parents)
{
    const search_options o = {.beam = 2, .n_best = 1};
    const hand second[] = {{{B, A, TOKEN_END, -1}, {-3, -3, -9, 0}},
                           {{0, A, TOKEN_END, -1}, {-2, -2, -9, 0}}};
    hypotheses h = hypotheses_push(&memory, three, 1, &o);

    grow(&h, &start, 1, 1);
    grow(&h, second, 2, 1); /* all four at -4: both of the first, into the slot of the second */
    feeds(&h, 2, B, A);
}
END_TEST

START_TEST(where_no_symbol_is_allowed_an_output_is_cut_off)
{
    const search_options o = {.beam = 2, .n_best = 2};
    const hand none = {{-1, -1, -1, -1}, {0}};
    hypotheses h = hypotheses_push(&memory, three, 1, &o);

    grow(&h, &none, 1, 0);
    feeds(&h, 0, 0, 0);
    search_result out = hypotheses_collect(&h, &memory);
    ck_assert(!out.list[0].ended && out.list[0].count == 0);
    ck_assert_double_eq(out.list[0].score, 0.0);
    ck_assert_double_eq(out.list[1].score, -INFINITY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/hypotheses");
    TCase *tests = tcase_create("hypotheses");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_beam_of_all_prefixes_finds_the_best_of_all_outputs, 0, 4);
    tcase_add_loop_test(tests, a_beam_of_one_is_greedy, 0, 4);
    tcase_add_loop_test(tests, a_sentence_does_not_see_its_neighbours, 0, 6);
    tcase_add_test(tests, end_must_be_among_as_many_as_the_beam_holds);
    tcase_add_loop_test(tests, a_sentence_ends_when_nothing_open_can_be_better, 0, 2);
    tcase_add_test(tests, equal_candidates_come_in_the_order_of_their_parents);
    tcase_add_test(tests, where_no_symbol_is_allowed_an_output_is_cut_off);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
