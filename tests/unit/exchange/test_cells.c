/* test_cells.c - nodes that are mostly zeros, there and back. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "lockstep/slab/node.h"
#include "lockstep/slab/parameters.h"
#include "unit_check.h"

enum { COUNT = 2 * PARAMETER_BLOCK, CELLS = COUNT / CELL };

static float node[COUNT], got[COUNT];
static uint16_t halves[COUNT], got_halves[COUNT];
static uint8_t bits[CELLS / 8];

/* Every `apart`-th cell has one number in it, somewhere, once a NaN and once a -0. */
static int fill(int apart)
{
    int filled = 0;

    memset(node, 0, sizeof node);
    for (int cell = apart / 2; cell < CELLS; cell += apart, filled++)
        node[cell * CELL + cell * 37 % CELL] = filled == 1   ? NAN
                                               : filled == 2 ? -0.0f
                                                             : 0.5f + (float)cell;
    return filled;
}

START_TEST(floats_come_back)
{
    for (int apart = 3; apart <= CELLS; apart++) {
        size_t filled = (size_t)fill(apart);
        size_t bytes = cells_pack(got, (node_at){.floats = node}, COUNT, false, bits);

        ck_assert_uint_eq(bytes, filled * CELL * sizeof(float) + CELLS / 8);
        ck_assert_uint_le(bytes, sizeof node / 2);
        cells_unpack((node_at){.floats = got}, COUNT, bytes, bits);
        ck_assert(memcmp(got, node, sizeof node) == 0);
    }
}
END_TEST

START_TEST(half_nodes_come_back)
{
    for (int apart = 3; apart <= CELLS; apart++)
        for (int packed = 0; packed < 2; packed++) {
            size_t filled = (size_t)fill(apart);
            node_round(node, COUNT);
            node_pack(halves, node, COUNT);
            filled -= filled > 2 && packed; /* -0 is +0 when rounded */
            node_at from = packed ? (node_at){.halves = halves} : (node_at){.floats = node};
            size_t bytes = cells_pack(got_halves, from, COUNT, true, bits);

            ck_assert_uint_le(bytes, filled * CELL * sizeof(uint16_t) + CELLS / 8);
            cells_unpack((node_at){.halves = got_halves}, COUNT, bytes, bits);
            ck_assert(memcmp(got_halves, halves, sizeof halves) == 0);
        }
}
END_TEST

START_TEST(zeros_alone_are_bits_alone)
{
    memset(node, 0, sizeof node);
    ck_assert_uint_eq(cells_pack(got, (node_at){.floats = node}, COUNT, false, bits),
                      CELLS / 8);
    cells_unpack((node_at){.floats = got}, COUNT, CELLS / 8, bits);
    ck_assert(memcmp(got, node, sizeof node) == 0);
}
END_TEST

START_TEST(what_is_half_full_goes_as_it_is)
{
    for (int apart = 1; apart <= 2; apart++) {
        fill(apart);
        ck_assert_uint_eq(cells_pack(got, (node_at){.floats = node}, COUNT, false, bits), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cells");
    TCase *tests = tcase_create("core");

    tcase_add_test(tests, floats_come_back);
    tcase_add_test(tests, half_nodes_come_back);
    tcase_add_test(tests, zeros_alone_are_bits_alone);
    tcase_add_test(tests, what_is_half_full_goes_as_it_is);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
