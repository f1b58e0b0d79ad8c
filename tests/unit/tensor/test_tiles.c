/* test_tiles.c - every grain is cut into tiles of its own. */
#include <stdlib.h>

#include "lockstep/tensor/tiles.h"
#include "packed_run.h"
#include "unit_check.h"

enum { GRAINS = 6 };

/* Rows of one sentence in each grain: none, one, less than a tile, one, one more, many. */
static const int32_t offsets[GRAINS + 1] = {
    0, 0, 1, TILE_ROWS, 2 * TILE_ROWS, 3 * TILE_ROWS + 1, 6 * TILE_ROWS + 10};
static const int32_t grain_sequences[GRAINS + 1] = {0, 1, 2, 3, 4, 5, 6};

static arena memory;

static void setup(void)
{
    ck_assert_int_eq(arena_init(&memory, 1 << 20), STATUS_OK);
}

static void teardown(void)
{
    arena_free(&memory);
}

START_TEST(tiles_cover_every_grain)
{
    static const int count[GRAINS] = {0, 1, 1, 1, 2, 4};
    packed_run run = packed_run_create(NULL, offsets, grain_sequences, 0, GRAINS);
    tiles t = tiles_push(&memory, &run.packed);

    ck_assert_int_eq(t.count, 9);
    ck_assert_int_eq(t.grain_first[0], 0);
    for (int g = 0; g < GRAINS; g++) {
        int row = run.grain_rows[g];
        ck_assert_int_eq(t.grain_first[g + 1] - t.grain_first[g], count[g]);
        for (int i = t.grain_first[g]; i < t.grain_first[g + 1]; i++) {
            ck_assert_int_eq(t.list[i].grain, g);
            ck_assert_int_eq(t.list[i].first, row);
            ck_assert_int_eq(t.list[i].offset, row - run.grain_rows[g]);
            ck_assert_int_gt(t.list[i].rows, 0);
            ck_assert_int_le(t.list[i].rows, TILE_ROWS);
            row += t.list[i].rows;
            ck_assert_int_le(abs(t.list[i].rows - t.list[t.grain_first[g]].rows), 1);
        }
        ck_assert_int_eq(row, run.grain_rows[g + 1]);
    }
    packed_run_free(&run);
}
END_TEST

START_TEST(tiles_of_a_grain_do_not_depend_on_the_rank)
{
    packed_run all = packed_run_create(NULL, offsets, grain_sequences, 0, GRAINS);
    packed_run some = packed_run_create(NULL, offsets, grain_sequences, 4, GRAINS);
    tiles a = tiles_push(&memory, &all.packed), b = tiles_push(&memory, &some.packed);
    const tile *same = a.list + a.grain_first[4];

    ck_assert_int_eq(b.count, 6);
    for (int i = 0; i < b.count; i++) {
        ck_assert_int_eq(b.list[i].rows, same[i].rows);
        ck_assert_int_eq(b.list[i].offset, same[i].offset);
        ck_assert_int_eq(b.list[i].grain + 4, same[i].grain);
        ck_assert_int_eq(b.list[i].first + some.first_row, same[i].first);
    }
    packed_run_free(&all);
    packed_run_free(&some);
}
END_TEST

START_TEST(no_grains_have_no_tiles)
{
    packed_run none = packed_run_create(NULL, offsets, grain_sequences, 3, 3);

    ck_assert_int_eq(tiles_push(&memory, &none.packed).count, 0);
    packed_run_free(&none);
}
END_TEST

static Suite *tiles_suite(void)
{
    Suite *suite = suite_create("tensor/tiles");
    TCase *tests = tcase_create("tiles");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, tiles_cover_every_grain);
    tcase_add_test(tests, tiles_of_a_grain_do_not_depend_on_the_rank);
    tcase_add_test(tests, no_grains_have_no_tiles);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(tiles_suite());
}
