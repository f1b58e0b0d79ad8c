/* test_decoder_cache.c - outputs fed place by place, against the decoder's pass over all of
 * their places. */
#include "lockstep/model/decoder_cache.h"

#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "packed_run.h"
#include "unit_check.h"

enum { WIDTH = 24, SYMBOLS = 40, SENTENCES = 4, SLOTS = 9, LONGEST = 24, ROOM = 27 };

/* Every kind of norm, position of it, activation, positions and tie with some others. */
static const struct {
    int norm_position, encoder_norm, decoder_norm, activation, positions, tie;
} cases[] = {
    {NORM_POST, NORM_LAYER, NORM_LAYER, ACTIVATION_RELU, POSITIONS_SINUSOIDAL, TIE_TARGET},
    {NORM_PRE, NORM_LAYER, NORM_LAYER, ACTIVATION_GELU, POSITIONS_LEARNED, TIE_NONE},
    {NORM_POST, NORM_BATCH, NORM_BATCH, ACTIVATION_GELU, POSITIONS_LEARNED, TIE_ALL},
    {NORM_PRE, NORM_LAYER, NORM_BATCH, ACTIVATION_RELU, POSITIONS_SINUSOIDAL, TIE_ALL},
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static const int32_t grain[] = {0, SENTENCES}, slot_grain[] = {0, SLOTS};
static const int source_lengths[SENTENCES] = {1, 17, 5, 30};
static const int32_t sentence_of[SLOTS] = {2, 0, 1, 1, 3, 1, 0, 3, 2};
static const int lengths[SLOTS] = {3, 24, 20, 17, 1, 24, 16, 15, 9};

static arena memory;
static transformer *model;
static int32_t source_ids[SENTENCES][64], source_offsets[SENTENCES + 1];
static int32_t fed[SLOTS][LONGEST]; /* what every slot is fed */
static float expected[SLOTS][LONGEST][WIDTH], found[SLOTS][LONGEST][WIDTH];

static void fill_buffers(parameters *p)
{
    for (int i = 0; p != NULL && i < p->count; i++) {
        bool variance = strstr(p->list[i].name, "running_var") != NULL;
        made_floats(parameters_values(p, i), p->list[i].count, (uint32_t)i, 0.5f);
        for (size_t k = 0; k < p->list[i].count; k++)
            parameters_values(p, i)[k] += variance ? 1.0f : 0.0f;
    }
}

static void create(int number)
{
    config options = {.model = {.width = WIDTH,
                                .heads = 4,
                                .feed_forward = 40,
                                .encoder_layers = 2,
                                .decoder_layers = 2,
                                .norm_position = cases[number].norm_position,
                                .encoder_norm = cases[number].encoder_norm,
                                .decoder_norm = cases[number].decoder_norm,
                                .activation = cases[number].activation,
                                .positions = cases[number].positions,
                                .tie = cases[number].tie},
                      .data = {.max_length = 40}};

    ck_assert_int_eq(transformer_create(&model, &options, SYMBOLS, SYMBOLS, 0), STATUS_OK);
    layer_check_fill(transformer_parameters(model));
    fill_buffers(transformer_parameters(model)->buffers);
}

static void setup(void)
{
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)256 << 20), STATUS_OK);
    for (int s = 0; s < SENTENCES; s++) {
        source_offsets[s + 1] = source_offsets[s] + source_lengths[s];
        for (int i = 0; i < source_lengths[s]; i++)
            source_ids[s][i] = (int32_t)((i * 7 + s * 13) % SYMBOLS);
    }
    for (int s = 0; s < SLOTS; s++)
        for (int i = 0; i < LONGEST; i++)
            fed[s][i] = (int32_t)((i * i + s * 11 + 1) % SYMBOLS);
}

static void teardown(void)
{
    transformer_destroy(model);
    arena_free(&memory);
}

static void pack(void)
{
    ck_assert_int_eq(transformer_pack(model, 2), STATUS_OK);
}

/* ---- all places at once ---- */

/* Rows of sequences one after another, `count` of lengths[]. */
static int32_t *lay_out(const int32_t *const *rows, const int *row_lengths, int count,
                        int32_t *offsets)
{
    int32_t *ids = arena_push(&memory, 4096, sizeof(*ids)), at = 0;

    for (int s = 0; s < count; s++) {
        offsets[s] = at;
        memcpy(ids + at, rows[s], (size_t)row_lengths[s] * sizeof(*ids));
        at += row_lengths[s];
    }
    offsets[count] = at;
    return ids;
}

/* `expected` of a pass in which every slot has a source of its own. */
static void decode_all(void)
{
    const int32_t *sources[SLOTS], *targets[SLOTS];
    int32_t source_ends[SLOTS + 1], target_ends[SLOTS + 1];
    int of_source[SLOTS];
    pass pass = {.arena = &memory, .threads = 1};

    for (int s = 0; s < SLOTS; s++) {
        sources[s] = source_ids[sentence_of[s]];
        of_source[s] = source_lengths[sentence_of[s]];
        targets[s] = fed[s];
    }
    int32_t *ids = lay_out(sources, of_source, SLOTS, source_ends);
    packed_run source = packed_run_create(ids, source_ends, slot_grain, 0, 1);
    ids = lay_out(targets, lengths, SLOTS, target_ends);
    packed_run target = packed_run_create(ids, target_ends, slot_grain, 0, 1);
    body_memory encoded = transformer_encode(model, &pass, &source.packed);
    matrix states = transformer_decode(model, &pass, &encoded, &target.packed);
    for (int s = 0; s < SLOTS; s++)
        memcpy(expected[s], matrix_row(states, target_ends[s]),
               (size_t)lengths[s] * sizeof(expected[s][0]));
    packed_run_free(&source);
    packed_run_free(&target);
}

/* ---- place by place ---- */

typedef struct walk {
    pass pass;
    decoder_cache *cache;
    int at[SLOTS]; /* places that each was fed */
} walk;

static walk begin(void)
{
    const int32_t *sources[SENTENCES];
    walk w = {.pass = {.arena = &memory, .threads = 1}};

    for (int s = 0; s < SENTENCES; s++)
        sources[s] = source_ids[s];
    int32_t *ids = lay_out(sources, source_lengths, SENTENCES, source_offsets);
    packed_run source = packed_run_create(ids, source_offsets, grain, 0, 1);
    w.cache = transformer_cache_push(model, &w.pass, &source.packed, sentence_of, SLOTS, ROOM);
    packed_run_free(&source);
    return w;
}

/* The next of what the slots are fed: the states go to `found`. */
static void step(walk *w, const int32_t *slots, int count)
{
    size_t mark = arena_mark(&memory), allocations = memory_allocations();
    int32_t ids[SLOTS];

    for (int i = 0; i < count; i++)
        ids[i] = fed[slots[i]][w->at[slots[i]]];
    matrix states = transformer_step(model, &w->pass, w->cache, slots, ids, count);
    ck_assert_int_eq(states.rows, count);
    ck_assert_uint_eq(memory_allocations(), allocations);
    for (int i = 0; i < count; i++)
        memcpy(found[slots[i]][w->at[slots[i]]++], matrix_row(states, i),
               WIDTH * sizeof(float));
    arena_release(&memory, mark);
}

/* Slots that are not at their ends, in turning order; every third is left out. False when all
 * are at their ends. */
static bool step_some(walk *w, int round)
{
    int32_t slots[SLOTS];
    int count = 0;
    bool any = false;

    for (int i = 0; i < SLOTS; i++) {
        int slot = (i * 2 + round) % SLOTS;
        bool open = w->at[slot] < lengths[slot];
        any = any || open;
        if (open && (slot + round) % 3 != 0)
            slots[count++] = slot;
    }
    if (count > 0)
        step(w, slots, count);
    return any;
}

static void walk_on(walk *w)
{
    for (int round = 0; step_some(w, round); round++)
        ;
}

static float largest_of(const float *row)
{
    float largest = 0.0f;

    for (int c = 0; c < WIDTH; c++)
        largest = fmaxf(largest, fabsf(row[c]));
    return largest;
}

static void compare(void)
{
    for (int s = 0; s < SLOTS; s++)
        for (int i = 0; i < lengths[s]; i++) {
            float tolerance = 1e-5f * (1.0f + largest_of(expected[s][i]));
            for (int c = 0; c < WIDTH; c++)
                if (!(fabsf(found[s][i][c] - expected[s][i][c]) <= tolerance))
                    ck_abort_msg("slot %d, place %d, column %d: %.9g, not %.9g", s, i, c,
                                 found[s][i][c], expected[s][i][c]);
        }
}

START_TEST(place_by_place_is_the_whole_pass)
{
    create(_i / 2);
    if (_i % 2 == 1)
        pack();
    decode_all();
    walk w = begin();
    walk_on(&w);
    compare();
}
END_TEST

/* ---- copies ---- */

/* Slots 2 and 3 continue one sentence: 3 becomes what 2 is and goes on by itself, and so does
 * 2; then 5, which is further than 3, becomes 3. */
START_TEST(a_copied_slot_goes_on_by_itself)
{
    create(_i / 2);
    if (_i % 2 == 1)
        pack();
    memcpy(fed[3], fed[2], 7 * sizeof(int32_t));
    memcpy(fed[5], fed[3], 10 * sizeof(int32_t));
    decode_all();
    walk w = begin();
    for (int i = 0; i < 7; i++)
        step(&w, (int32_t[]){5, 2, 1}, i < 4 ? 3 : 2);
    step(&w, (int32_t[]){3}, 1);
    decoder_cache_copy(w.cache, 2, 3);
    memcpy(found[3], found[2], sizeof(found[3]));
    w.at[3] = w.at[2];
    for (int i = 0; i < 3; i++)
        step(&w, (int32_t[]){3, 2, 5}, 3);
    for (int i = 0; i < 4; i++)
        step(&w, (int32_t[]){5}, 1);
    decoder_cache_copy(w.cache, 3, 5);
    decoder_cache_copy(w.cache, 2, 2);
    memcpy(found[5], found[3], sizeof(found[5]));
    w.at[5] = w.at[3];
    walk_on(&w);
    compare();
}
END_TEST

/* ---- bits ---- */

static void expect_same_bits(int slot, const char *what)
{
    if (memcmp(found[slot], expected[slot], (size_t)lengths[slot] * sizeof(found[slot][0])) !=
        0)
        ck_abort_msg("slot %d has other bits %s", slot, what);
}

/* A cache of this slot alone, and of its source. */
static void walk_alone(int slot)
{
    int sentence = sentence_of[slot], length = source_lengths[sentence];
    packed_run source = packed_run_create(source_ids[sentence], (int32_t[]){0, length},
                                          (int32_t[]){0, 1}, 0, 1);
    pass pass = {.arena = &memory, .threads = 1};
    decoder_cache *cache =
        transformer_cache_push(model, &pass, &source.packed, (int32_t[]){0}, 1, lengths[slot]);

    for (int i = 0; i < lengths[slot]; i++) {
        matrix state = transformer_step(model, &pass, cache, (int32_t[]){0}, &fed[slot][i], 1);
        memcpy(found[slot][i], state.data, sizeof(found[slot][i]));
    }
    packed_run_free(&source);
}

START_TEST(packed_bits_do_not_depend_on_other_slots)
{
    create(_i);
    pack();
    walk together = begin(), apart = begin();
    walk_on(&together);
    memcpy(expected, found, sizeof(expected));
    memset(found, 0, sizeof(found));
    for (int32_t s = 0; s < SLOTS; s++) {
        for (int i = 0; i < lengths[s]; i++)
            step(&apart, &s, 1);
        expect_same_bits(s, "when it steps by itself");
        walk_alone(s);
        expect_same_bits(s, "when its source is alone");
    }
}
END_TEST

/* More slots than a tile has rows; those that are fed the same have the same states. */
START_TEST(as_many_slots_as_one_likes)
{
    enum { MANY = 700, PERIOD = 7 };
    static int32_t sentences[MANY], slots[MANY], ids[MANY];
    pass pass = {.arena = &memory, .threads = 1};

    create(_i);
    pack();
    for (int i = 0; i < MANY; i++) {
        slots[i] = MANY - 1 - i;
        ids[i] = i % PERIOD;
    }
    packed_run source = packed_run_create(source_ids[3], (int32_t[]){0, source_lengths[3]},
                                          (int32_t[]){0, 1}, 0, 1);
    decoder_cache *cache =
        transformer_cache_push(model, &pass, &source.packed, sentences, MANY, 2);
    transformer_step(model, &pass, cache, slots, ids, MANY);
    matrix states = transformer_step(model, &pass, cache, slots, ids, MANY);
    for (int i = PERIOD; i < MANY; i++)
        ck_assert_mem_eq(matrix_row(states, i), matrix_row(states, i % PERIOD),
                         WIDTH * sizeof(float));
    ck_assert_mem_ne(matrix_row(states, 0), matrix_row(states, 1), WIDTH * sizeof(float));
    packed_run_free(&source);
}
END_TEST

/* ---- the packed form ---- */

START_TEST(packing_again_takes_the_values_as_they_are)
{
    create(_i);
    parameters *p = transformer_parameters(model);
    int index = parameters_find(p, "decoder.layers.1.linear1.weight");

    pack();
    made_floats(parameters_values(p, index), p->list[index].count, 77, 0.5f);
    transformer_unpack(model);
    decode_all();
    pack();
    walk w = begin();
    walk_on(&w);
    compare();
}
END_TEST

START_TEST(lack_of_memory_for_the_packed_form_is_reported)
{
    create(0);
    memory_fail_after(1);
    ck_assert_int_eq(transformer_pack(model, 1), STATUS_NOMEM);
    memory_fail_after(0);
    ck_assert_ptr_nonnull(strstr(error_message(), "packed"));
    decode_all();
    walk w = begin();
    walk_on(&w);
    compare();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model/decoder_cache");
    TCase *tests = tcase_create("decoder_cache");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, place_by_place_is_the_whole_pass, 0, 2 * CASES);
    tcase_add_loop_test(tests, a_copied_slot_goes_on_by_itself, 0, 2 * CASES);
    tcase_add_loop_test(tests, packed_bits_do_not_depend_on_other_slots, 0, CASES);
    tcase_add_loop_test(tests, as_many_slots_as_one_likes, 0, CASES);
    tcase_add_loop_test(tests, packing_again_takes_the_values_as_they_are, 0, CASES);
    tcase_add_test(tests, lack_of_memory_for_the_packed_form_is_reported);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
