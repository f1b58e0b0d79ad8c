/* test_packed.c - sentences that are one grain. */
#include "lockstep/tensor/packed.h"
#include "unit_check.h"

START_TEST(all_sentences_are_in_the_grain)
{
    static const int32_t ids[] = {5, 6, 7}, offsets[] = {0, 2, 2, 3};
    arena memory;

    ck_assert_int_eq(arena_init(&memory, 4096), STATUS_OK);
    packed p = packed_one_grain(&memory, ids, offsets, 3);
    ck_assert(p.rows == 3 && p.sequences == 3 && p.grains == 1 && p.first_grain == 0);
    ck_assert(p.ids == ids && p.offsets == offsets && p.frames == NULL);
    ck_assert(p.grain_rows[0] == 0 && p.grain_rows[1] == 3);
    ck_assert(p.grain_sequences[0] == 0 && p.grain_sequences[1] == 3);
    arena_free(&memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/packed");
    TCase *tests = tcase_create("packed");

    tcase_add_test(tests, all_sentences_are_in_the_grain);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
