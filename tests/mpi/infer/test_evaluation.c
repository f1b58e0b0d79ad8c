/* test_evaluation.c - metrics of a model's own outputs, shared by the ranks. */
#include "lockstep/infer/evaluation.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/decode/search.h"
#include "lockstep/infer/environment.h"
#include "lockstep/infer/scoring.h"
#include "lockstep/text/join.h"
#include "mpi_check.h"

enum { SYMBOLS = 9, PAIRS = 60, SOURCES = 45, LONGEST = 12, MOST = 14, METRICS = 6 };

static const char yaml[] = "run: {folder: none}\n"
                           "data:\n"
                           "  source: {vocabulary: words}\n"
                           "  target: {vocabulary: words, continuation: \"@@\"}\n"
                           "  train: {pairs: none}\n"
                           "  max_length: 14\n"
                           "model: {width: 16, heads: 2, feed_forward: 24, encoder_layers: 1,\n"
                           "        decoder_layers: 1, tie: none}\n"
                           "batch: {tokens: 64, grains: 4}\n"
                           "validation: {every: 0}\n"
                           "decode: {max_length: 14, max_ratio: 0.3}\n";
static const char *const symbols[SYMBOLS] = {"<unk>", "<begin>", "<end>", "a", "b@@",
                                             "c",     "d",       "e@@",   "f"};

static config settings;
static vocabulary *words;
static sides both; /* of it */
static transformer *model;
static arena scratch;
static const metric *metrics[METRICS];

/* So that a fifth of the outputs are cut off at the limit and the others end before. */
static void lean_from_end(float bias)
{
    parameters *p = transformer_parameters(model);

    p->values[p->list[parameters_find(p, "generator.bias")].first + TOKEN_END] = bias;
}

static void setup(void)
{
    environment e;

    ck_assert_all(config_load_text(&settings, "test", yaml, NULL, 0) == STATUS_OK);
    ck_assert_all(environment_open(test_world, &settings, &e) == STATUS_OK);
    ck_assert_all(vocabulary_load(&words, VOCABULARY_WORDS, symbols, SYMBOLS, NULL, 0, false) ==
                  STATUS_OK);
    both = (sides){.vocabularies = {words, words}};
    ck_assert_all(transformer_create(&model, &settings, SYMBOLS, SYMBOLS, 0) == STATUS_OK);
    parameters_initialize(transformer_parameters(model), 5);
    lean_from_end(-0.4f);
    ck_assert_all(arena_init_machine(&scratch) == STATUS_OK);
    for (int m = 0; m < METRICS; m++)
        metrics[m] = metric_at(m);
}

static void teardown(void)
{
    stop_set(0);
    arena_free(&scratch);
    transformer_destroy(model);
    vocabulary_destroy(words);
    config_free(&settings);
}

/* Pairs 45 to 59 have the sources of 0 to 14. */
static int length_of(int pair)
{
    return 1 + pair % SOURCES * 7 % LONGEST;
}

static int make_source(int pair, int32_t *ids)
{
    int number = pair % SOURCES, length = length_of(pair);

    for (int i = 0; i < length; i++)
        ids[i] = 3 + (number * 5 + i * i + i) % (SYMBOLS - 3);
    ids[0] = 3 + number % (SYMBOLS - 3);
    return length;
}

static corpus_line make_line(char *room, size_t size, int number)
{
    int used = snprintf(room, size, "s%d c d b@@ %s f", number, symbols[3 + number % 6]);

    return (corpus_line){room, (size_t)used};
}

static void add_pair(pair_set *to, const int32_t *source, int source_count,
                     const int32_t *target, int target_count)
{
    ck_assert_int_eq(pair_set_put(to, SIDE_SOURCE, source, (size_t)source_count), STATUS_OK);
    ck_assert_int_eq(pair_set_put(to, SIDE_TARGET, target, (size_t)target_count), STATUS_OK);
    ck_assert_int_eq(pair_set_add(to), STATUS_OK);
}

/* Sets the gold symbols of a pair, MOST of them at most, and gives their number. */
typedef int (*gold_maker)(int pair, int32_t *ids);

static evaluation *made_with(gold_maker make)
{
    evaluation *e;
    pair_set pairs = {0};

    ck_assert_all(evaluation_create_empty(&e, test_world, &both, &settings) == STATUS_OK);
    for (int p = 0; p < PAIRS; p++) {
        char source[64], target[64];
        int32_t ids[LONGEST], gold[MOST];
        const corpus_line lines[SIDES] = {make_line(source, sizeof(source), p % SOURCES),
                                          make_line(target, sizeof(target), p)};

        add_pair(&pairs, ids, make_source(p, ids), gold, make(p, gold));
        ck_assert_int_eq(evaluation_add(e, lines, &pairs, p), STATUS_OK);
    }
    pair_set_free(&pairs);
    ck_assert_int_eq(evaluation_sources(e), SOURCES);
    return e;
}

/* What decode.max_ratio leaves a source of so many tokens; below MOST. */
static int most_of(int length)
{
    return (int)(0.3 * length + 10.0);
}

/* The symbols of one source's output, decoded alone and by this rank alone. */
static int decode_alone(const int32_t *source, int length, int32_t output[MOST])
{
    int32_t ids[LONGEST + 1], rows[] = {0, length + 1}, one[] = {0, 1};
    const packed alone = {.rows = length + 1,
                          .sequences = 1,
                          .grains = 1,
                          .ids = ids,
                          .offsets = rows,
                          .grain_rows = rows,
                          .grain_sequences = one};
    const search_options limits = {.max_length = most_of(length), .max_ratio = 4.0};
    pass p = {.arena = &scratch, .threads = 1};
    search_result found;

    memcpy(ids, source, (size_t)length * sizeof(*ids));
    ids[length] = TOKEN_END;
    size_t mark = arena_mark(&scratch);
    search_find("greedy")->run(model, &p, &alone, NULL, &limits, stop_signal, &found);
    int count = found.list[0].count;
    ck_assert_int_eq(found.list[0].ended, count < limits.max_length);
    memcpy(output, found.list[0].ids, (size_t)count * sizeof(*output));
    arena_release(&scratch, mark);
    return count;
}

static int make_output(int pair, int32_t output[MOST])
{
    int32_t source[LONGEST];
    int length = make_source(pair, source);

    return decode_alone(source, length, output);
}

/* What the model says, of some pairs without its first symbol, of others with another. */
static int make_gold(int pair, int32_t *ids)
{
    int count = make_output(pair, ids);

    if (count > 0 && pair % 3 == 1)
        memmove(ids, ids + 1, (size_t)--count * sizeof(*ids));
    if (count > 0 && pair % 4 == 2)
        ids[count / 2] = 3 + (ids[count / 2] + 1) % (SYMBOLS - 3);
    return count;
}

/* Each source decoded alone, and compared with its references at once or one by one. */
static void expect(double counts[METRICS][METRIC_COUNTS_MAX], bool at_once)
{
    for (int item = 0; item < SOURCES; item++) {
        char room[2][64];
        const char *texts[2] = {room[0], room[1]};
        buffer output = {0};
        int32_t ids[MOST];
        int references = item < PAIRS - SOURCES ? 2 : 1;

        ck_assert_int_eq(
            vocabulary_decode(words, ids, (size_t)make_output(item, ids), "@@", &output),
            STATUS_OK);
        ck_assert_int_eq(buffer_add(&output, "", 0), STATUS_OK);
        for (int r = 0; r < references; r++) {
            buffer joined = {0};
            corpus_line line = make_line(room[r], sizeof(room[r]), item + r * SOURCES);

            ck_assert_int_eq(text_join(line.text, line.size, "@@", &joined), STATUS_OK);
            snprintf(room[r], sizeof(room[r]), "%s", joined.data);
            buffer_free(&joined);
        }
        for (int r = 0; r < references; r += at_once ? references : 1)
            for (int m = 0; m < METRICS; m++)
                ck_assert_int_eq(metrics[m]->add(counts[m], output.data, &texts[r],
                                                 at_once ? references : 1),
                                 STATUS_OK);
        buffer_free(&output);
    }
}

START_TEST(scores_are_those_of_every_item_alone)
{
    evaluation *e = made_with(make_gold);
    double scores[METRICS] = {0}, counts[METRICS][METRIC_COUNTS_MAX] = {{0}};

    settings.data.references = _i;
    expect(counts, _i == REFERENCES_SOURCES);
    for (int again = 0; again < 2; again++) {
        ck_assert_all(evaluation_run(e, model, &scratch, metrics, METRICS, scores, NULL) ==
                      STATUS_OK);
        for (int m = 0; m < METRICS; m++)
            ck_assert_all(scores[m] == metrics[m]->score(counts[m]));
        ck_assert_all(scores[1] > 0.0); /* chrF: something is in common */
    }
    evaluation_destroy(e);
}
END_TEST

/* Right places, edits and symbols of all pairs, every source decoded alone. */
static free_running expect_symbols(gold_maker make)
{
    double counts[FREE_RUNNING_COUNTS] = {0};

    for (int pair = 0; pair < PAIRS; pair++) {
        int32_t ids[MOST], gold_ids[MOST];
        int count = make_output(pair, ids), gold_count = make(pair, gold_ids);
        tokens output = {0}, gold = {0};

        for (int i = 0; i < count; i++)
            ck_assert_int_eq(tokens_add(&output, ids[i]), STATUS_OK);
        if (count < most_of(length_of(pair)))
            ck_assert_int_eq(tokens_add(&output, TOKEN_END), STATUS_OK);
        for (int i = 0; i < gold_count; i++)
            ck_assert_int_eq(tokens_add(&gold, gold_ids[i]), STATUS_OK);
        ck_assert_int_eq(tokens_add(&gold, TOKEN_END), STATUS_OK);
        ck_assert_int_eq(free_running_add(counts, &output, &gold), STATUS_OK);
        tokens_free(&output);
        tokens_free(&gold);
    }
    return free_running_score(counts);
}

START_TEST(symbols_are_compared_with_those_of_every_pair)
{
    evaluation *e = made_with(make_gold);
    free_running expected = expect_symbols(make_gold), alone, beside;
    double scores[METRICS], text_alone[METRICS];

    ck_assert_all(evaluation_run(e, model, &scratch, NULL, 0, NULL, &alone) == STATUS_OK);
    ck_assert_all(alone.accuracy == expected.accuracy && alone.accuracy > 0.0);
    ck_assert_all(alone.edit_accuracy == expected.edit_accuracy);
    ck_assert_all(alone.edit_accuracy > 0.0 && alone.edit_accuracy < 1.0);
    ck_assert_all(evaluation_run(e, model, &scratch, metrics, METRICS, scores, &beside) ==
                  STATUS_OK);
    ck_assert_all(beside.accuracy == alone.accuracy);
    ck_assert_all(beside.edit_accuracy == alone.edit_accuracy);
    ck_assert_all(evaluation_run(e, model, &scratch, metrics, METRICS, text_alone, NULL) ==
                  STATUS_OK);
    ck_assert_all(memcmp(scores, text_alone, sizeof(scores)) == 0);
    evaluation_destroy(e);
}
END_TEST

/* Nothing but the ends of outputs that were cut off is missing. */
START_TEST(a_models_own_outputs_are_right)
{
    evaluation *e = made_with(make_output);
    free_running found;
    double total = 0.0, cut_off = 0.0;

    for (int pair = 0; pair < PAIRS; pair++) {
        int32_t ids[MOST];
        int count = make_output(pair, ids);

        total += count + 1;
        cut_off += count == most_of(length_of(pair));
    }
    ck_assert_all(cut_off > 0.0 && cut_off < PAIRS);
    ck_assert_all(evaluation_run(e, model, &scratch, NULL, 0, NULL, &found) == STATUS_OK);
    ck_assert_all(found.accuracy == (total - cut_off) / total);
    ck_assert_all(found.edit_accuracy == 1.0 - cut_off / total);
    evaluation_destroy(e);
}
END_TEST

START_TEST(a_signal_on_one_rank_stops_all)
{
    evaluation *e = made_with(make_gold);
    double score;
    free_running found;

    if (world_rank(test_world) == world_size(test_world) - 1)
        stop_set(SIGTERM);
    ck_assert_all(evaluation_run(e, model, &scratch, metrics, 1, &score, &found) ==
                  STATUS_STOPPED);
    stop_set(0);
    ck_assert_all(evaluation_run(e, model, &scratch, metrics, 1, &score, &found) == STATUS_OK);
    evaluation_destroy(e);
}
END_TEST

START_TEST(a_failure_on_one_rank_is_everyones)
{
    evaluation *e = made_with(make_gold);
    free_running found;
    double score;

    for (size_t n = 1; n < 17; n += 5) {
        if (world_rank(test_world) == world_size(test_world) - 1)
            memory_fail_after(n);
        status result = evaluation_run(e, model, &scratch, metrics, 1, &score, &found);
        memory_fail_after(0);
        ck_assert_all(result == STATUS_NOMEM);
    }
    evaluation_destroy(e);
}
END_TEST

/* The same sum from a batch that this rank holds alone. */
static double score_alone(const int32_t *ids, int length)
{
    int32_t x[LONGEST + 1], y[LONGEST + 1], gold[LONGEST + 1], one[] = {0, 1};
    int32_t rows[] = {0, length + 1};
    packed source = {.rows = length + 1,
                     .sequences = 1,
                     .grains = 1,
                     .ids = x,
                     .offsets = rows,
                     .grain_rows = rows,
                     .grain_sequences = one};
    packed target = source;
    pass p = {.arena = &scratch, .threads = 1};
    head_result result;
    double sum = 0.0;

    target.ids = y;
    y[0] = TOKEN_BEGIN;
    for (int i = 0; i < length; i++)
        x[i] = gold[i] = y[i + 1] = ids[i];
    x[length] = gold[length] = TOKEN_END;
    size_t mark = arena_mark(&scratch);
    transformer_forward(model, &p, &source, &target, gold, &result);
    for (int i = 0; i <= length; i++)
        sum -= (double)result.rows.nll[i];
    arena_release(&scratch, mark);
    return sum;
}

START_TEST(targets_are_scored_in_their_order)
{
    pair_set set = {0};
    double scores[SOURCES];
    int32_t ids[LONGEST];

    for (int i = 0; i < SOURCES; i++) {
        int length = make_source(i, ids);
        add_pair(&set, ids, length, ids, length);
    }
    const pair_source pairs = pair_set_source(&set);
    ck_assert_all(scoring_run(test_world, &settings, model, &scratch, &pairs, scores) ==
                  STATUS_OK);
    for (int i = 0; i < SOURCES; i++) {
        double alone = score_alone(ids, make_source(i, ids));
        ck_assert_all(scores[i] < 0.0 && scores[i] - alone < 1e-5 && alone - scores[i] < 1e-5);
    }
    if (world_rank(test_world) == 0)
        stop_set(SIGUSR1);
    ck_assert_all(scoring_run(test_world, &settings, model, &scratch, &pairs, scores) ==
                  STATUS_STOPPED);
    pair_set_free(&set);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("evaluation");
    TCase *group = tcase_create("evaluation");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_loop_test(group, scores_are_those_of_every_item_alone, REFERENCES_LINES,
                        REFERENCES_SOURCES + 1);
    tcase_add_test(group, symbols_are_compared_with_those_of_every_pair);
    tcase_add_test(group, a_models_own_outputs_are_right);
    tcase_add_test(group, a_signal_on_one_rank_stops_all);
    tcase_add_test(group, a_failure_on_one_rank_is_everyones);
    tcase_add_test(group, targets_are_scored_in_their_order);
    suite_add_tcase(suite, group);
    return suite;
}
