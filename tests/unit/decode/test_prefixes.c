/* test_prefixes.c - outputs in the making, laid out by hand. */
#include "prefixes.h"

#include <signal.h>
#include <string.h>

#include "lockstep/base/token.h"
#include "unit_check.h"

enum { A = TOKEN_SPECIALS, B, C, SEQUENCES = 4, GRAINS = 3, PLACES = 50 };

static arena memory;

/* Sources of 2, 1, 3 and 1 tokens; the second grain has none. */
static const int32_t offsets[] = {0, 2, 3, 6, 7}, grain_rows[] = {0, 3, 3, 7},
                     grain_sequences[] = {0, 2, 2, 4};
static const packed source = {.rows = 7,
                              .sequences = SEQUENCES,
                              .grains = GRAINS,
                              .first_grain = 5,
                              .offsets = offsets,
                              .grain_rows = grain_rows,
                              .grain_sequences = grain_sequences};
static const packed nothing = {.grains = 2,
                               .offsets = (const int32_t[]){0},
                               .grain_rows = (const int32_t[]){0, 0, 0},
                               .grain_sequences = (const int32_t[]){0, 0, 0}};

static void setup(void)
{
    ck_assert_int_eq(arena_init(&memory, 1 << 20), STATUS_OK);
}

static void teardown(void)
{
    arena_free(&memory);
}

static prefixes push(int max_length)
{
    const search_limits limits = {.max_length = max_length, .max_ratio = 1.0};

    return prefixes_push(&memory, &source, &limits, PLACES);
}

static void add(prefixes *p, int prefix, const int32_t *symbols, int count)
{
    for (int i = 0; i < count; i++)
        prefixes_add(p, prefix, symbols[i]);
}

static const struct {
    int max_length;
    double max_ratio;
    int places, symbols; /* of the third sentence, which has three rows */
    bool source_end;
} limits[] = {
    {7, 9.0, PLACES, 7, false},    /* the length */
    {40, 2.0, PLACES, 16, false},  /* the ratio, and 10 */
    {40, 1.25, PLACES, 13, false}, /* 13.75 */
    {40, 0.0, PLACES, 10, false},  {16, 2.0, PLACES, 16, false},
    {40, 9.0, 6, 5, false}, /* <begin> has one of the places */
    {0, 2.0, PLACES, 0, false},    {40, 2.0, 1, 0, false},
    {40, 2.0, PLACES, 14, true}, /* two tokens, and <end> */
};

START_TEST(a_prefix_is_open_up_to_its_limit)
{
    const search_limits of = {.max_length = limits[_i].max_length,
                              .max_ratio = limits[_i].max_ratio,
                              .source_end = limits[_i].source_end};
    prefixes p = prefixes_push(&memory, &source, &of, limits[_i].places);
    int count = 0;

    for (; p.open[2]; count++)
        prefixes_add(&p, 2, A);
    ck_assert_int_eq(count, limits[_i].symbols);
    search_result out = prefixes_collect(&p, &memory);
    ck_assert_int_eq(out.offsets[3] - out.offsets[2], limits[_i].symbols);
    ck_assert(!out.ended[2]);
}
END_TEST

START_TEST(end_closes_a_prefix_and_is_not_in_it)
{
    prefixes p = push(3);

    add(&p, 0, (int32_t[]){TOKEN_END}, 1);
    add(&p, 1, (int32_t[]){A, B, TOKEN_END}, 3); /* at the last place it may have */
    add(&p, 2, (int32_t[]){C, TOKEN_UNK, A}, 3);
    add(&p, 3, (int32_t[]){B}, 1);
    ck_assert(!p.open[0] && !p.open[1] && !p.open[2] && p.open[3]);
    search_result out = prefixes_collect(&p, &memory);
    ck_assert_mem_eq(out.offsets, ((int32_t[]){0, 0, 2, 5, 6}), 5 * sizeof(int32_t));
    ck_assert_mem_eq(out.ids, ((int32_t[]){A, B, C, TOKEN_UNK, A, B}), 6 * sizeof(int32_t));
    ck_assert(out.ended[0] && out.ended[1] && !out.ended[2] && !out.ended[3]);
}
END_TEST

START_TEST(open_prefixes_are_packed_in_their_grains)
{
    prefixes p = push(9);

    add(&p, 0, (int32_t[]){A, B}, 2);
    add(&p, 1, (int32_t[]){A, TOKEN_END}, 2);
    add(&p, 3, (int32_t[]){C}, 1);
    packed target = prefixes_pack(&p, &memory);
    ck_assert_int_eq(target.rows, 6);
    ck_assert(target.sequences == SEQUENCES && target.grains == GRAINS);
    ck_assert_int_eq(target.first_grain, 5);
    ck_assert_mem_eq(target.ids, ((int32_t[]){TOKEN_BEGIN, A, B, TOKEN_BEGIN, TOKEN_BEGIN, C}),
                     6 * sizeof(int32_t));
    ck_assert_mem_eq(target.offsets, ((int32_t[]){0, 3, 3, 4, 6}), 5 * sizeof(int32_t));
    ck_assert_mem_eq(target.grain_rows, ((int32_t[]){0, 3, 3, 6}), 4 * sizeof(int32_t));
    ck_assert_mem_eq(target.grain_sequences, grain_sequences, sizeof(grain_sequences));

    prefix_ends ends = prefixes_ends(&p, &memory, &target);
    ck_assert_int_eq(ends.count, 3);
    ck_assert_mem_eq(ends.prefixes, ((int32_t[]){0, 2, 3}), 3 * sizeof(int32_t));
    ck_assert_mem_eq(ends.rows, ((int32_t[]){2, 3, 5}), 3 * sizeof(int32_t));
    ck_assert_mem_eq(ends.grain_first, ((int32_t[]){0, 1, 1, 3}), 4 * sizeof(int32_t));
}
END_TEST

START_TEST(there_may_be_none)
{
    const search_limits of = {.max_length = 9, .max_ratio = 1.0};
    prefixes p = prefixes_push(&memory, &nothing, &of, PLACES);
    packed target = prefixes_pack(&p, &memory);
    prefix_ends ends = prefixes_ends(&p, &memory, &target);
    search_result out = prefixes_collect(&p, &memory);

    ck_assert_int_eq(target.rows, 0);
    ck_assert_mem_eq(target.grain_rows, nothing.grain_rows, 3 * sizeof(int32_t));
    ck_assert_int_eq(ends.count, 0);
    ck_assert_mem_eq(ends.grain_first, ((int32_t[]){0, 0, 0}), 3 * sizeof(int32_t));
    ck_assert_int_eq(out.offsets[0], 0);
}
END_TEST

START_TEST(nothing_is_added_to_a_closed_prefix)
{
    prefixes p = push(9);

    add(&p, 1, (int32_t[]){TOKEN_END, A}, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/prefixes");
    TCase *tests = tcase_create("prefixes");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_prefix_is_open_up_to_its_limit, 0,
                        (int)(sizeof(limits) / sizeof(limits[0])));
    tcase_add_test(tests, end_closes_a_prefix_and_is_not_in_it);
    tcase_add_test(tests, open_prefixes_are_packed_in_their_grains);
    tcase_add_test(tests, there_may_be_none);
    tcase_add_test_raise_signal(tests, nothing_is_added_to_a_closed_prefix, SIGABRT);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
