/* test_parallel.c - outputs of a parallel decoder against a plain loop over each sentence
 * alone, which forms all logits. */
#include <math.h>

#include "toy.h"

enum { SYMBOLS = 30, MOST = 40, FIXED = 12 };

typedef struct kind {
    int input, length; /* decoder_input, length */
} kind;

static const kind kinds[] = {{DECODER_INPUT_BEGIN, LENGTH_CLASSIFIER},
                             {DECODER_INPUT_MASK, LENGTH_CLASSIFIER},
                             {DECODER_INPUT_BEGIN, LENGTH_FIXED},
                             {DECODER_INPUT_MASK, LENGTH_FIXED}};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static kind now;
static const search_options plain = {
    .max_length = 100, .max_ratio = 10.0, .unknown = true, .iterations = 1, .lengths = 1};

static void create(const kind *of)
{
    config c;

    memset(&c, 0, sizeof(c));
    now = *of;
    c.model.decoder = DECODER_PARALLEL;
    c.model.decoder_input = of->input;
    c.model.length.kind = of->length;
    c.model.length.tokens = FIXED;
    c.model.width = 24;
    c.model.heads = 4;
    c.model.feed_forward = 40;
    c.model.encoder_layers = c.model.decoder_layers = 1;
    c.model.tie = TIE_NONE;
    c.data.max_length = TOY_PLACES;
    ck_assert_int_eq(transformer_create(&t.model, &c, t.symbols, t.symbols, 0), STATUS_OK);
    parameters *p = transformer_parameters(t.model);
    parameters_initialize(p, 11);
    for (size_t k = 0; k < p->floats; k++)
        p->values[k] *= 2.5f;
    ck_assert_int_eq(transformer_pack(t.model, 1), STATUS_OK);
}

static void setup(void)
{
    toy_open(SYMBOLS);
}

static int32_t filler(void)
{
    return now.input == DECODER_INPUT_MASK ? TOKEN_MASK : TOKEN_BEGIN;
}

static bool may_be(int32_t symbol)
{
    return symbol != TOKEN_BEGIN && symbol != filler() &&
           (symbol != TOKEN_END || now.length == LENGTH_FIXED);
}

/* The likeliest symbol of a row of log p. <end> wins ties, which do not occur. */
static int32_t likeliest(const float *log_p)
{
    int32_t best = TOKEN_UNK;

    for (int32_t v = 0; v < SYMBOLS; v++)
        if (may_be(v) && log_p[v] > log_p[best])
            best = v;
    return best;
}

typedef struct expected {
    int32_t ids[MOST];
    float log_p[MOST];
    int count;
    bool ended;
    double score, merit;
} expected;

/* A draft of so many places, whose unknown ones are filled in. */
static void fill_in(const body_memory *memory, pass *pass, int places, const bool *unknown,
                    expected *e)
{
    int32_t fed[MOST];
    const int32_t rows[] = {0, places};
    packed target = toy_alone(fed, rows);

    for (int i = 0; i < places; i++)
        fed[i] = unknown[i] ? filler() : e->ids[i];
    matrix states = transformer_decode(t.model, pass, memory, &target);
    matrix log_p = pass_matrix(pass, places, SYMBOLS);
    transformer_log_p(t.model, pass, states, NULL, log_p);
    for (int i = 0; i < places; i++)
        if (unknown[i]) {
            e->ids[i] = likeliest(matrix_row(log_p, i));
            e->log_p[i] = matrix_row(log_p, i)[e->ids[i]];
        }
}

/* The place is among the `count` least certain. */
static bool is_least(const expected *e, int places, int place, int count)
{
    int before = 0;

    for (int i = 0; i < places; i++)
        before +=
            e->log_p[i] < e->log_p[place] || (e->log_p[i] == e->log_p[place] && i < place);
    return before < count;
}

/* Of fixed places one is <end>'s: without it the last symbol is left out. */
static void end_output(expected *e, int places)
{
    int scored = now.length == LENGTH_FIXED ? --places : places;

    e->count = places;
    e->ended = now.length == LENGTH_CLASSIFIER;
    for (int i = places - (now.length == LENGTH_CLASSIFIER); i >= 0; i--)
        if (e->ids[i] == TOKEN_END) {
            e->count = i;
            e->ended = true;
            scored = i + 1;
        }
    e->score = 0.0;
    for (int i = 0; i < scored; i++)
        e->score += (double)e->log_p[i];
    e->merit = e->score / scored;
}

static expected decode(const body_memory *memory, pass *pass, int places, int iterations)
{
    expected e;
    bool unknown[MOST];

    memset(unknown, true, sizeof(unknown));
    fill_in(memory, pass, places, unknown, &e);
    for (int n = 1; n < iterations; n++) {
        int count = places * (iterations - n) / iterations;
        expected before = e;
        for (int i = 0; i < places; i++)
            unknown[i] = is_least(&before, places, i, count);
        fill_in(memory, pass, places, unknown, &e);
    }
    end_output(&e, places);
    return e;
}

static expected best_of(int sentence, const search_options *o)
{
    pass pass = {.arena = &t.memory, .threads = 1};
    const int32_t rows[] = {0, t.offsets[sentence + 1] - t.offsets[sentence]};
    packed source = toy_alone(t.ids + t.offsets[sentence], rows);
    size_t mark = arena_mark(&t.memory);
    body_memory memory = transformer_encode(t.model, &pass, &source);
    int32_t lengths[4];
    float log_p[4];
    expected best = {.merit = -INFINITY};

    transformer_lengths(t.model, &pass, &memory, o->lengths, lengths, log_p);
    for (int i = 0; i < o->lengths; i++) {
        if (lengths[i] < 0)
            continue;
        expected e = decode(&memory, &pass, lengths[i], o->iterations);
        if (e.merit > best.merit)
            best = e;
    }
    arena_release(&t.memory, mark);
    return best;
}

static void compare(const search_options *o)
{
    search_result out = toy_run("parallel", o, 0, TOY_SEQUENCES);

    ck_assert_int_eq(out.each, 1);
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        expected e = best_of(s, o);
        const search_output *found = &out.list[s];
        ck_assert_int_eq(found->count, e.count);
        ck_assert_int_eq(found->ended, e.ended);
        ck_assert_mem_eq(found->ids, e.ids, (size_t)e.count * sizeof(*e.ids));
        ck_assert_double_eq_tol(found->score, e.score, 1e-5 * (1.0 - e.score));
    }
}

START_TEST(all_places_at_once)
{
    create(&kinds[_i]);
    compare(&plain);
}
END_TEST

START_TEST(the_least_certain_places_again)
{
    search_options o = plain;

    create(&kinds[_i]);
    for (o.iterations = 2; o.iterations <= 5; o.iterations += 3)
        compare(&o);
}
END_TEST

START_TEST(the_best_of_several_lengths)
{
    search_options o = plain;

    create(&kinds[1]);
    o.lengths = 4;
    o.iterations = 3;
    compare(&o);
}
END_TEST

/* To the bit, alone and among others. */
START_TEST(an_output_depends_on_its_source_alone)
{
    search_options o = plain;

    create(&kinds[_i]);
    o.iterations = 3;
    search_result whole = toy_run("parallel", &o, 0, TOY_SEQUENCES);
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        search_result alone = toy_run("parallel", &o, s, s + 1);
        ck_assert(toy_same(&alone.list[0], &whole.list[s]));
    }
}
END_TEST

START_TEST(limits_hold)
{
    search_options o = plain;

    create(&kinds[_i]);
    o.max_length = 3;
    search_result out = toy_run("parallel", &o, 0, TOY_SEQUENCES);
    for (int s = 0; s < TOY_SEQUENCES; s++)
        ck_assert_int_le(out.list[s].count, 3);
    if (kinds[_i].length == LENGTH_FIXED)
        return;
    o = plain;
    o.min_length = 9;
    out = toy_run("parallel", &o, 0, TOY_SEQUENCES);
    for (int s = 0; s < TOY_SEQUENCES; s++)
        ck_assert(out.list[s].count >= 9 && out.list[s].ended);
}
END_TEST

START_TEST(unknown_symbols_may_be_forbidden)
{
    search_options o = plain;
    int found = 0;

    create(&kinds[0]);
    parameters_values(
        transformer_parameters(t.model),
        parameters_find(transformer_parameters(t.model), "generator.bias"))[TOKEN_UNK] = 6.0f;
    for (int unknown = 0; unknown < 2; unknown++) {
        o.unknown = unknown;
        search_result out = toy_run("parallel", &o, 0, TOY_SEQUENCES);
        found = 0;
        for (int s = 0; s < TOY_SEQUENCES; s++)
            for (int i = 0; i < out.list[s].count; i++)
                found += out.list[s].ids[i] == TOKEN_UNK;
        ck_assert_int_eq(found > 0, unknown);
    }
}
END_TEST

/* A search that is stopped has what the first pass gave. */
START_TEST(a_stopped_search_has_what_it_found)
{
    search_options o = plain;

    create(&kinds[1]);
    search_result once = toy_run("parallel", &o, 0, TOY_SEQUENCES);
    o.iterations = 6;
    o.lengths = 2;
    search_result stopped = toy_run_until("parallel", &o, 0, TOY_SEQUENCES, 0);
    for (int s = 0; s < TOY_SEQUENCES; s++)
        ck_assert(toy_same(&once.list[s], &stopped.list[s]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/parallel");
    TCase *tests = tcase_create("parallel");

    tcase_add_checked_fixture(tests, setup, toy_close);
    tcase_add_loop_test(tests, all_places_at_once, 0, KINDS);
    tcase_add_loop_test(tests, the_least_certain_places_again, 1, 2);
    tcase_add_test(tests, the_best_of_several_lengths);
    tcase_add_loop_test(tests, an_output_depends_on_its_source_alone, 0, KINDS);
    tcase_add_loop_test(tests, limits_hold, 0, KINDS);
    tcase_add_test(tests, unknown_symbols_may_be_forbidden);
    tcase_add_test(tests, a_stopped_search_has_what_it_found);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
