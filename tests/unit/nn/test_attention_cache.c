/* test_attention_cache.c - attention over what is kept, against nn/attention's of whole
 * sentences. */
#include "lockstep/nn/attention_cache.h"

#include <math.h>
#include <signal.h>
#include <string.h>

#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "packed_run.h"
#include "unit_check.h"

enum { HEADS = 3, HEAD_WIDTH = 7, WIDTH = HEADS * HEAD_WIDTH, SENTENCES = 7, LONGEST = 40 };

/* Around the blocks of keys. */
static const int32_t offsets[SENTENCES + 1] = {0, 1, 6, 22, 39, 79, 94, 127};
static const int32_t grain_sequences[] = {0, SENTENCES};
static const attention layer = {.heads = HEADS, .head_width = HEAD_WIDTH};

static arena memory;
static matrix q, k, v, whole, context;

static void setup(void)
{
    int rows = offsets[SENTENCES];

    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)16 << 20), STATUS_OK);
    q = made_matrix_create(rows, WIDTH, 5, 1);
    k = made_matrix_create(rows, WIDTH, 5, 2);
    v = made_matrix_create(rows, WIDTH, 5, 3);
    whole = made_matrix_create(rows, WIDTH, 5, 4);
    context = made_matrix_create(SENTENCES, WIDTH, 5, 5);
}

static void teardown(void)
{
    matrix all[] = {q, k, v, whole, context};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
    arena_free(&memory);
}

/* `whole` is what all queries of all sentences see. */
static void attend_whole(bool causal)
{
    packed_run run = packed_run_create(NULL, offsets, grain_sequences, 0, 1);
    attention a = layer;
    pass pass = {.arena = &memory, .threads = 1};
    stream stream = stream_push(&pass, &run.packed);
    attention_saved saved;

    a.causal = causal;
    attention_push(&a, &pass, &stream, &stream, &saved);
    attention_forward(&a, &pass, &stream, &stream, (band){0, 1}, factor_of(q), factor_of(k),
                      factor_of(v), factor_of(whole), &saved);
    packed_run_free(&run);
}

static void expect_row(const float *got, int row)
{
    for (int c = 0; c < WIDTH; c++)
        if (!(fabsf(got[c] - matrix_row(whole, row)[c]) <= 1e-5f))
            ck_abort_msg("row %d, column %d: %g, not %g", row, c, got[c],
                         matrix_row(whole, row)[c]);
}

static void add_row(attention_cache *c, int sequence, int row)
{
    attention_cache_add(c, sequence, matrix_row(k, row), matrix_row(v, row));
}

static void add_rows(attention_cache *c, int sequence, int first, int count)
{
    for (int i = 0; i < count; i++)
        add_row(c, sequence, first + i);
}

/* Room is what is needed, or more. */
static attention_cache push(int spare)
{
    return attention_cache_push(&memory, WIDTH, SENTENCES, LONGEST + spare);
}

static void attend_rows(const attention_cache *c, const int32_t *sequences, matrix rows)
{
    size_t used = memory.used;

    attention_cache_attend(&layer, c, &memory, sequences, rows,
                           matrix_rows(context, 0, rows.rows));
    made_matrix_check(context, 5);
    ck_assert_uint_eq(memory.used, used);
}

/* ---- against whole sentences ---- */

/* Of every sentence that has it, place `place`, in an order of its own. */
static void step(attention_cache *c, matrix queries, int place)
{
    int32_t sequences[SENTENCES];
    int count = 0;

    for (int s = SENTENCES - 1; s >= 0; s--) {
        if (offsets[s] + place >= offsets[s + 1])
            continue;
        add_row(c, s, offsets[s] + place);
        memcpy(matrix_row(queries, count), matrix_row(q, offsets[s] + place),
               WIDTH * sizeof(float));
        sequences[count++] = s;
    }
    attend_rows(c, sequences, matrix_rows(queries, 0, count));
    for (int i = 0; i < count; i++)
        expect_row(matrix_row(context, i), offsets[sequences[i]] + place);
}

START_TEST(place_by_place_is_causal_attention)
{
    attention_cache c = push(_i * 3);
    matrix queries = made_matrix_create(SENTENCES, WIDTH, 2, 6);

    attend_whole(true);
    for (int place = 0; place < LONGEST; place++)
        step(&c, queries, place);
    for (int s = 0; s < SENTENCES; s++)
        ck_assert_int_eq(c.length[s], offsets[s + 1] - offsets[s]);
    made_matrix_free(queries);
}
END_TEST

START_TEST(all_places_at_once_are_attention_without_a_mask)
{
    attention_cache c = push(0);

    attend_whole(false);
    for (int s = 0; s < SENTENCES; s++) {
        int32_t sequences[SENTENCES] = {s, s, s, s, s, s, s};
        int length = offsets[s + 1] - offsets[s];
        add_rows(&c, s, offsets[s], length);
        for (int first = 0; first < length; first += SENTENCES) {
            int left = length - first, count = left < SENTENCES ? left : SENTENCES;
            attend_rows(&c, sequences, matrix_rows(q, offsets[s] + first, count));
            for (int i = 0; i < count; i++)
                expect_row(matrix_row(context, i), offsets[s] + first + i);
        }
    }
}
END_TEST

START_TEST(a_view_from_a_sequence_on_is_of_the_same_places)
{
    attention_cache c = push(0), from = attention_cache_from(&c, 4);

    attend_whole(false);
    add_rows(&from, 0, offsets[4], offsets[5] - offsets[4]);
    add_rows(&c, 5, offsets[5], offsets[6] - offsets[5]);
    attend_rows(&c, &(int32_t){4}, matrix_rows(q, offsets[4], 1));
    expect_row(matrix_row(context, 0), offsets[4]);
    attend_rows(&from, &(int32_t){1}, matrix_rows(q, offsets[5], 1));
    expect_row(matrix_row(context, 0), offsets[5]);
}
END_TEST

START_TEST(more_than_there_is_room_for_aborts)
{
    attention_cache c = attention_cache_push(&memory, WIDTH, 2, 16);

    add_rows(&c, 0, 0, 17);
}
END_TEST

/* ---- copies ---- */

/* Sequences that were filled with the same rows have the same bits. */
static void expect_equal(const attention_cache *a, int one, const attention_cache *b, int other)
{
    float kept[WIDTH];

    ck_assert_int_eq(a->length[one], b->length[other]);
    attend_rows(a, &(int32_t){one}, matrix_rows(q, 9, 1));
    memcpy(kept, matrix_row(context, 0), sizeof(kept));
    attend_rows(b, &(int32_t){other}, matrix_rows(q, 9, 1));
    ck_assert_mem_eq(kept, matrix_row(context, 0), sizeof(kept));
}

/* Rows [0, count) and then `more` from row `then` on. */
static attention_cache push_alone(int count, int then, int more)
{
    attention_cache c = attention_cache_push(&memory, WIDTH, 1, LONGEST + 3);

    add_rows(&c, 0, 0, count);
    add_rows(&c, 0, then, more);
    return c;
}

/* Sequence 0, of `from` places, becomes sequence 2, which had `to`; both go on, each its
 * way. The others stay. */
static void copy_and_go_on(int from, int to)
{
    attention_cache c = attention_cache_push(&memory, WIDTH, 4, LONGEST + 3);
    attention_cache first = push_alone(from, 100, 3), second = push_alone(from, 80, 2),
                    bystander = push_alone(21, 0, 0);

    add_rows(&c, 0, 0, from);
    add_rows(&c, 1, 0, 21);
    add_rows(&c, 2, 60, to);
    add_rows(&c, 3, 0, 21);
    attention_cache_copy(&c, 0, 2);
    ck_assert_int_eq(c.length[2], from);
    add_rows(&c, 0, 100, 3);
    add_rows(&c, 2, 80, 2);
    expect_equal(&c, 0, &first, 0);
    expect_equal(&c, 2, &second, 0);
    expect_equal(&c, 1, &bystander, 0);
    expect_equal(&c, 3, &bystander, 0);
}

START_TEST(a_copy_goes_on_by_itself)
{
    static const int lengths[] = {0, 1, 15, 16, 17, 31, 32, LONGEST};
    enum { COUNT = sizeof(lengths) / sizeof(lengths[0]) };

    for (int i = 0; i < COUNT * COUNT; i++)
        copy_and_go_on(lengths[i / COUNT], lengths[i % COUNT]);
}
END_TEST

START_TEST(a_copy_of_itself_changes_nothing)
{
    attention_cache c = push_alone(19, 0, 0), same = push_alone(19, 0, 0);

    attention_cache_copy(&c, 0, 0);
    expect_equal(&c, 0, &same, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn/attention_cache");
    TCase *tests = tcase_create("attention_cache");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, place_by_place_is_causal_attention, 0, 2);
    tcase_add_test(tests, all_places_at_once_are_attention_without_a_mask);
    tcase_add_test(tests, a_view_from_a_sequence_on_is_of_the_same_places);
    tcase_add_test_raise_signal(tests, more_than_there_is_room_for_aborts, SIGABRT);
    tcase_add_test(tests, a_copy_goes_on_by_itself);
    tcase_add_test(tests, a_copy_of_itself_changes_nothing);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
