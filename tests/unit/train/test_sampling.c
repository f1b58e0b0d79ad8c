/* test_sampling.c - what the decoder is fed under scheduled sampling, against predictions
 * made one row at a time. */
#include "sampling.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "lockstep/text/vocabulary.h"
#include "packed_run.h"
#include "unit_check.h"

/* Symbols from FOREIGN on are in sentences only: the model never predicts them. */
enum { GRAINS = 5, SEQUENCES = 800, SYMBOLS = 40, FOREIGN = 20, MOST_ROWS = SEQUENCES * 16 };

static config options;
static arena memory;
static transformer *model;
static int32_t source_ids[MOST_ROWS], target_ids[MOST_ROWS];
static int32_t source_offsets[SEQUENCES + 1], target_offsets[SEQUENCES + 1];
/* A grain of many tiles, an empty one. */
static const int32_t grain_sequences[GRAINS + 1] = {0, 600, 600, 610, 790, SEQUENCES};
static int32_t mixed[MOST_ROWS], expected[MOST_ROWS]; /* of the whole batch */
static int rows, places;                              /* places: rows but <begin> */

static void make_batch(void)
{
    places = 0;
    for (int s = 0; s < SEQUENCES; s++) {
        source_offsets[s + 1] = source_offsets[s] + 1 + s * 5 % 9;
        target_offsets[s + 1] = target_offsets[s] + 1 + s * 7 % 13;
        places += s * 7 % 13;
    }
    rows = target_offsets[SEQUENCES];
    for (int r = 0; r < MOST_ROWS; r++) {
        source_ids[r] = TOKEN_SPECIALS + r * 7 % (SYMBOLS - TOKEN_SPECIALS);
        target_ids[r] = FOREIGN + r * 11 % (SYMBOLS - FOREIGN);
    }
    for (int s = 0; s < SEQUENCES; s++)
        target_ids[target_offsets[s]] = TOKEN_BEGIN;
}

/* Biases: <begin> is the likeliest of all, foreign symbols the least likely. */
static void make_model(void)
{
    ck_assert_int_eq(transformer_create(&model, &options, SYMBOLS, SYMBOLS, 0), STATUS_OK);
    parameters *p = transformer_parameters(model);
    parameters_initialize(p, 9);
    int last = p->count - 1;
    ck_assert_str_eq(p->list[last].name, "generator.bias");
    parameters_values(p, last)[TOKEN_BEGIN] = 50.0f;
    for (int v = FOREIGN; v < SYMBOLS; v++)
        parameters_values(p, last)[v] = -1000.0f;
}

static void setup(void)
{
    memset(&options, 0, sizeof(options));
    options.model.width = 24;
    options.model.heads = 4;
    options.model.feed_forward = 40;
    options.model.encoder_layers = options.model.decoder_layers = 1;
    options.model.dropout = 0.2;
    options.model.tie = TIE_NONE;
    options.data.max_length = 16;
    options.decode.max_length = 16;
    make_batch();
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)512 << 20), STATUS_OK);
    make_model();
}

static void teardown(void)
{
    transformer_destroy(model);
    arena_free(&memory);
}

/* The grains [first, last) as a rank has them, up to where predictions begin. */
typedef struct piece {
    packed_run source, target;
    pass pass;
    body_memory encoded;
} piece;

static piece piece_create(int first, int last, int threads)
{
    piece p = {
        .source = packed_run_create(source_ids, source_offsets, grain_sequences, first, last),
        .target = packed_run_create(target_ids, target_offsets, grain_sequences, first, last),
        .pass = {.arena = &memory, .threads = threads, .dropout = true, .seed = 3, .draw = 12}};

    p.encoded = transformer_encode(model, &p.pass, &p.source.packed);
    return p;
}

static void piece_free(piece *p)
{
    packed_run_free(&p->source);
    packed_run_free(&p->target);
    arena_release(&memory, 0);
}

/* Mix the piece's sentences into `mixed`. */
static void mix_piece(const sampling *s, piece *p)
{
    int32_t *ids = mixed + p->target.first_row;
    packed fed = p->target.packed;
    size_t used = memory.used, allocations = memory_allocations();

    memcpy(ids, fed.ids, (size_t)fed.rows * sizeof(*ids));
    fed.ids = ids;
    sampling_mix(s, model, &p->pass, &p->encoded, &fed, ids);
    ck_assert_uint_eq(memory.used, used);
    ck_assert_uint_eq(memory_allocations(), allocations);
}

static void mix(const sampling *s, uint32_t draw)
{
    piece all = piece_create(0, GRAINS, 1);

    all.pass.draw = draw;
    mix_piece(s, &all);
    piece_free(&all);
}

static int32_t likeliest(const float *logits)
{
    int32_t best = TOKEN_UNK;

    for (int32_t v = 0; v < SYMBOLS; v++)
        if (v != TOKEN_BEGIN && logits[v] > logits[best])
            best = v;
    return best;
}

/* What should stand in each place when `fed` was fed, without dropout in the decoder. */
static void predict(const int32_t *fed)
{
    piece all = piece_create(0, GRAINS, 1);
    pass plain = {.arena = &memory, .threads = 1};
    packed target = all.target.packed;
    float values[SYMBOLS];

    target.ids = fed;
    matrix decoded = transformer_decode(model, &plain, &all.encoded, &target);
    memcpy(expected, fed, (size_t)rows * sizeof(*expected));
    for (int s = 0; s < SEQUENCES; s++)
        for (int r = target_offsets[s]; r + 1 < target_offsets[s + 1]; r++) {
            matrix logits = matrix_view(values, 1, SYMBOLS);
            transformer_log_p(model, &plain, matrix_rows(decoded, r, 1), NULL, logits);
            expected[r + 1] = likeliest(values);
        }
    piece_free(&all);
}

/* Places that hold predictions; all others hold the truth. Where `exact`, each prediction is
 * the expected one, but for near-ties, which one row alone may round otherwise. */
static int count_predictions(bool exact)
{
    int count = 0, other = 0;

    for (int s = 0; s < SEQUENCES; s++)
        for (int r = target_offsets[s]; r < target_offsets[s + 1]; r++) {
            if (mixed[r] == target_ids[r])
                continue;
            if (r == target_offsets[s] || mixed[r] == TOKEN_BEGIN || mixed[r] >= FOREIGN)
                ck_abort_msg("row %d: %d in place of %d", r, mixed[r], target_ids[r]);
            count++;
            other += mixed[r] != expected[r];
        }
    if (exact)
        ck_assert_int_le(other, rows / 1000);
    return count;
}

static int variety(void)
{
    int seen[SYMBOLS] = {0}, kinds = 0;

    for (int r = 0; r < rows; r++)
        kinds += mixed[r] < FOREIGN && seen[mixed[r]]++ == 0;
    return kinds;
}

START_TEST(without_truth_everything_is_a_prediction)
{
    sampling s = {.teacher_forcing = 0.0, .passes = 1};

    mix(&s, 12);
    predict(target_ids);
    ck_assert_int_eq(count_predictions(true), places);
    ck_assert_int_gt(variety(), 5); /* so that it shows which row a prediction is from */
}
END_TEST

START_TEST(the_rate_is_what_the_truth_leaves)
{
    static const double shares[] = {0.9, 0.5, 0.05};
    sampling s = {.teacher_forcing = shares[_i], .passes = 1};
    int count = 0, batches = 5;

    predict(target_ids);
    for (int b = 0; b < batches; b++) {
        mix(&s, 12); /* the dropout of the encoder is part of the predictions */
        count_predictions(true);
        mix(&s, 100 + (uint32_t)b);
        count += count_predictions(false);
    }
    double n = (double)places * batches, p = 1.0 - s.teacher_forcing;
    ck_assert_double_eq_tol(count, n * p, 4.0 * sqrt(n * p * (1.0 - p)));
}
END_TEST

START_TEST(further_passes_see_what_the_one_before_left)
{
    static int32_t first[MOST_ROWS];
    sampling s = {.teacher_forcing = _i ? 0.4 : 0.0, .passes = 1};

    mix(&s, 12);
    memcpy(first, mixed, sizeof(first));
    int count = count_predictions(false);
    s.passes = 2;
    mix(&s, 12);
    predict(first);
    ck_assert_int_eq(count_predictions(true), count);
    ck_assert_mem_ne(first, mixed, (size_t)rows * sizeof(*mixed));
    for (int r = 0; r < rows; r++)
        if ((mixed[r] == target_ids[r]) != (first[r] == target_ids[r]))
            ck_abort_msg("row %d is predicted in one pass alone", r);
}
END_TEST

START_TEST(draws_follow_the_temperature)
{
    static int32_t first[MOST_ROWS];
    sampling s = {.draws = true, .temperature = 1e-4, .passes = 1};

    predict(target_ids);
    mix(&s, 12);
    ck_assert_int_eq(count_predictions(true), places);
    s.temperature = 1.0;
    mix(&s, 12);
    ck_assert_int_eq(count_predictions(false), places);
    memcpy(first, mixed, sizeof(first));
    int likeliest_drawn = 0, same = 0;
    for (int r = 0; r < rows; r++)
        likeliest_drawn += mixed[r] == expected[r];
    ck_assert_int_lt(likeliest_drawn - SEQUENCES, places * 3 / 4);
    ck_assert_int_eq(variety(), FOREIGN); /* <begin> in its own places */
    mix(&s, 13);
    for (int r = 0; r < rows; r++)
        same += mixed[r] == first[r];
    ck_assert_int_lt(same - SEQUENCES, places * 3 / 4);
}
END_TEST

START_TEST(ranks_and_threads_do_not_matter)
{
    static const int splits[][2] = {{1, 3}, {2, 1}, {3, 2}, {5, 1}};
    static int32_t alone[MOST_ROWS];
    sampling s = {.teacher_forcing = 0.3, .draws = _i, .temperature = 1.0, .passes = 2};

    mix(&s, 12);
    memcpy(alone, mixed, sizeof(alone));
    for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
        memset(mixed, 0, sizeof(mixed));
        for (int rank = 0; rank < splits[i][0]; rank++) {
            int first, last;
            tree_split(GRAINS, rank, splits[i][0], &first, &last);
            piece own = piece_create(first, last, splits[i][1]);
            mix_piece(&s, &own);
            piece_free(&own);
        }
        ck_assert_mem_eq(alone, mixed, (size_t)rows * sizeof(*mixed));
    }
}
END_TEST

static void refuse_sum(void *user, double *values, int count, double *totals)
{
    (void)user, (void)values, (void)totals;
    ck_abort_msg("a pass that predicts sums %d numbers over the batch", count);
}

START_TEST(batch_norm_takes_running_values_and_moves_none)
{
    sampling s = {.teacher_forcing = 0.3, .passes = 2};
    batch_sums sums = {.sum = refuse_sum};

    transformer_destroy(model);
    options.model.encoder_norm = options.model.decoder_norm = NORM_BATCH;
    make_model();
    const parameters *running = transformer_parameters(model)->buffers;
    float *before = memory_create(running->floats, sizeof(*before));
    memcpy(before, running->values, running->floats * sizeof(*before));
    piece all = piece_create(0, GRAINS, 1);
    all.pass.batch = &sums; /* as in a pass that learns */
    mix_piece(&s, &all);
    piece_free(&all);
    ck_assert_int_gt(count_predictions(false), 0);
    ck_assert_mem_eq(before, running->values, running->floats * sizeof(*before));
    memory_destroy(before);
}
END_TEST

/* The values of what a pass has asked for; the others are not there yet. */
typedef struct elsewhere {
    const float *values;
    int needed;
} elsewhere;

static void deliver(void *user, int last)
{
    elsewhere *e = user;
    parameters *p = transformer_parameters(model);

    for (; e->needed < last; e->needed++)
        memcpy(p->values + p->list[e->needed + 1].first,
               e->values + p->list[e->needed + 1].first,
               p->list[e->needed + 1].count * sizeof(float));
}

START_TEST(values_may_come_late)
{
    static int32_t whole[MOST_ROWS];
    sampling s = {.teacher_forcing = 0.3, .passes = 2};
    parameters *p = transformer_parameters(model);
    float *values = memory_create(p->floats, sizeof(*values));

    mix(&s, 12);
    memcpy(whole, mixed, sizeof(whole));
    piece all = piece_create(0, GRAINS, 1);
    memcpy(values, p->values, p->floats * sizeof(*values));
    elsewhere e = {.values = values, .needed = -1};
    const parameter_hooks hooks = {.need = deliver, .user = &e};
    for (size_t i = 0; i < p->floats; i++)
        p->values[i] = NAN;
    all.pass.parameters = &hooks;
    mix_piece(&s, &all);
    piece_free(&all);
    ck_assert_int_eq(e.needed, p->count - 1);
    ck_assert_mem_eq(whole, mixed, (size_t)rows * sizeof(*mixed));
    memory_destroy(values);
}
END_TEST

START_TEST(the_configuration_says_how)
{
    config c = {0};

    c.training.scheduled_sampling.schedule = FORCING_NONE;
    sampling s = sampling_at(&c, 1000);
    ck_assert(!sampling_is_on(&s) && s.teacher_forcing == 1.0);
    c.training.scheduled_sampling.schedule = FORCING_LINEAR;
    c.training.scheduled_sampling.value = 1.0;
    c.training.scheduled_sampling.decay = 0.25;
    c.training.scheduled_sampling.floor = 0.1;
    c.training.scheduled_sampling.start = 3;
    c.training.scheduled_sampling.prediction = PREDICTION_SAMPLE;
    c.training.scheduled_sampling.temperature = 0.5;
    c.training.scheduled_sampling.passes = 4;
    for (int64_t done = 0; done < 4; done++) {
        s = sampling_at(&c, done);
        ck_assert(!sampling_is_on(&s));
    }
    s = sampling_at(&c, 4);
    ck_assert(sampling_is_on(&s) && s.teacher_forcing == 0.75);
    ck_assert(s.draws && s.temperature == 0.5 && s.passes == 4);
    ck_assert(sampling_at(&c, 100).teacher_forcing == 0.1);
    c.training.scheduled_sampling.schedule = FORCING_INVERSE_SIGMOID;
    c.training.scheduled_sampling.k = 2.0;
    ck_assert_double_eq_tol(sampling_at(&c, 5).teacher_forcing, 2.0 / (2.0 + exp(1.0)), 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sampling");
    TCase *tests = tcase_create("sampling");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, without_truth_everything_is_a_prediction);
    tcase_add_loop_test(tests, the_rate_is_what_the_truth_leaves, 0, 3);
    tcase_add_loop_test(tests, further_passes_see_what_the_one_before_left, 0, 2);
    tcase_add_test(tests, draws_follow_the_temperature);
    tcase_add_loop_test(tests, ranks_and_threads_do_not_matter, 0, 2);
    tcase_add_test(tests, batch_norm_takes_running_values_and_moves_none);
    tcase_add_test(tests, values_may_come_late);
    tcase_add_test(tests, the_configuration_says_how);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
