/* test_pass.c - places of tokens, and the dropout of a tile. */
#include "lockstep/nn/pass.h"
#include "packed_run.h"
#include "unit_check.h"

static const int32_t offsets[] = {0, 3, 4, 4 + TILE_ROWS + 44},
                     grain_sequences[] = {0, 1, 1, 3};

static arena memory;
static packed_run run;
static pass of;

static void setup(void)
{
    ck_assert_int_eq(arena_init(&memory, 1 << 20), STATUS_OK);
    run = packed_run_create(NULL, offsets, grain_sequences, 1, 3);
    of = (pass){.arena = &memory, .dropout = true, .seed = 11, .draw = 12};
}

static void teardown(void)
{
    packed_run_free(&run);
    arena_free(&memory);
}

START_TEST(places_count_from_the_start_of_a_sentence)
{
    stream s = stream_push(&of, &run.packed);

    ck_assert_int_eq(s.packed.rows, TILE_ROWS + 45);
    ck_assert_int_eq(s.tiles.count, 2);
    ck_assert_int_eq(s.places[0], 0);
    for (int r = 0; r < TILE_ROWS + 44; r++)
        ck_assert_int_eq(s.places[1 + r], r);
}
END_TEST

/* The second tile of the global batch's grain 2, which is the rank's grain 1. */
START_TEST(dropout_is_of_a_place_in_the_global_batch)
{
    stream s = stream_push(&of, &run.packed);
    dropout d;

    ck_assert_ptr_eq(pass_dropout(&of, 0.25, 9, &s, &s.tiles.list[1], &d), &d);
    ck_assert_uint_eq(d.threshold, 16384);
    ck_assert_float_eq_tol(d.scale, 4.0f / 3.0f, 1e-6f);
    ck_assert_uint_eq(d.seed, 11);
    ck_assert_uint_eq(d.draw, 12);
    ck_assert_uint_eq(d.site, 9);
    ck_assert_uint_eq(d.grain, 2);
    ck_assert_uint_eq(d.row, (TILE_ROWS + 44) / 2);
}
END_TEST

START_TEST(nothing_is_dropped_without_a_rate_or_in_validation)
{
    stream s = stream_push(&of, &run.packed);
    dropout d;

    ck_assert_ptr_null(pass_dropout(&of, 0.0, 9, &s, &s.tiles.list[0], &d));
    of.dropout = false;
    ck_assert_ptr_null(pass_dropout(&of, 0.5, 9, &s, &s.tiles.list[0], &d));
}
END_TEST

static Suite *pass_suite(void)
{
    Suite *suite = suite_create("nn/pass");
    TCase *tests = tcase_create("pass");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, places_count_from_the_start_of_a_sentence);
    tcase_add_test(tests, dropout_is_of_a_place_in_the_global_batch);
    tcase_add_test(tests, nothing_is_dropped_without_a_rate_or_in_validation);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(pass_suite());
}
