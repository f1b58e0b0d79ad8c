/* test_window.c - which pairs stand together, and in what order. */
#include "window.h"

#include <string.h>

#include "made_up_pairs.h"
#include "unit_check.h"

enum { PAIRS = 5000, BLOCKS = 5, WINDOW = 1500, MOST = 2 * WINDOW_BLOCK };

static pair_source set(void)
{
    static made_up_pairs pairs = {.fails_at = -1};

    return made_up_source(&pairs, PAIRS);
}

/* Numbers of the pairs of a window, in its order; how many. */
static int read_window(uint64_t seed, bool shuffle, int64_t epoch, int64_t number,
                       int64_t out[MOST])
{
    pair_source from = set();
    window w;

    ck_assert_int_eq(window_init(&w, &from, WINDOW, seed, shuffle), STATUS_OK);
    ck_assert_int_eq(window_count(&w), 3);
    ck_assert_int_eq(window_open(&w, epoch, number), STATUS_OK);
    ck_assert_int_le(w.pairs, MOST);
    for (int i = 0; i < w.pairs; i++)
        out[i] = w.names[w.order[i]];
    int pairs = w.pairs;
    window_free(&w);
    return pairs;
}

START_TEST(rounds_windows_up_to_blocks)
{
    int64_t order[MOST];
    int pairs = 0;

    for (int number = 0; number < 3; number++)
        pairs += read_window(1, true, 0, number, order);
    ck_assert_int_eq(pairs, PAIRS);
    ck_assert_int_eq(read_window(1, false, 0, 0, order), MOST);
    ck_assert_int_eq(read_window(1, false, 0, 2, order), PAIRS - 2 * MOST);
}
END_TEST

START_TEST(keeps_the_order_of_the_set)
{
    int64_t order[MOST];
    int pairs = read_window(1, false, 3, 1, order);

    for (int i = 0; i < pairs; i++)
        ck_assert(order[i] == MOST + i);
}
END_TEST

/* All pairs; some among others; those of few blocks; one, which is not read with all others. */
START_TEST(knows_what_is_wanted)
{
    static const int steps[] = {1, 3, 300, 5000};
    int step = steps[_i];
    pair_source from = set();
    const made_up_pairs *counted = from.context;
    int64_t before = counted->loaded;
    window w;

    ck_assert_int_eq(window_init(&w, &from, WINDOW, 1, true), STATUS_OK);
    ck_assert_int_eq(window_open(&w, 0, 1), STATUS_OK);
    for (int i = 0; i < w.pairs; i++)
        w.wanted[i] = i % step == 0;
    ck_assert_int_eq(window_read(&w), STATUS_OK);
    for (int i = 0; i < w.pairs; i += step) {
        int64_t pair = w.names[i];
        int source = made_up_source_length(pair), target = made_up_target_length(pair);
        const int32_t *x = window_elements(&w, SIDE_SOURCE, i);
        const int32_t *y = window_elements(&w, SIDE_TARGET, i);
        ck_assert(w.sides[SIDE_SOURCE].lengths[i] == source);
        ck_assert(w.sides[SIDE_TARGET].lengths[i] == target);
        if (source > 0)
            ck_assert(x[0] == made_up_source_id(pair, 0));
        if (target > 0)
            ck_assert(y[0] == made_up_target_id(pair, 0));
    }
    ck_assert_int_le(w.sides[SIDE_SOURCE].room, 20 * (w.pairs / step + 1));
    ck_assert_int_le(counted->loaded - before, _i < 3 ? w.pairs : 1);
    window_free(&w);
}
END_TEST

START_TEST(shuffles_pairs)
{
    int64_t order[MOST];
    int pairs = read_window(1, true, 0, 0, order), rising = 0;

    for (int i = 1; i < pairs; i++)
        rising += order[i] > order[i - 1];
    ck_assert_int_gt(rising, pairs * 45 / 100);
    ck_assert_int_lt(rising, pairs * 55 / 100);
}
END_TEST

/* Which blocks stand in the first window: a bit for each. */
static unsigned first_blocks(uint64_t seed, int64_t epoch)
{
    int64_t order[MOST];
    int pairs = read_window(seed, true, epoch, 0, order);
    unsigned blocks = 0;

    for (int i = 0; i < pairs; i++)
        blocks |= 1u << order[i] / WINDOW_BLOCK;
    return blocks;
}

START_TEST(visits_blocks_in_another_order_each_epoch)
{
    unsigned once = first_blocks(1, 0), seen = once;
    int epochs = 0, seeds = 0;

    for (int i = 1; i < 12; i++) {
        epochs += first_blocks(1, i) != once;
        seeds += first_blocks((uint64_t)i + 1, 0) != once;
        seen |= first_blocks(1, i);
    }
    ck_assert_int_gt(epochs, 5);
    ck_assert_int_gt(seeds, 5);
    ck_assert_uint_eq(seen, (1u << BLOCKS) - 1);
}
END_TEST

START_TEST(depends_on_seed_and_epoch)
{
    int64_t order[3][MOST];
    int pairs = read_window(1, true, 0, 0, order[0]);

    ck_assert_int_eq(read_window(1, true, 0, 0, order[1]), pairs);
    ck_assert_int_eq(memcmp(order[0], order[1], (size_t)pairs * sizeof(int64_t)), 0);
    (void)read_window(2, true, 0, 0, order[1]);
    (void)read_window(1, true, 1, 0, order[2]);
    ck_assert_int_ne(memcmp(order[0], order[1], (size_t)pairs * sizeof(int64_t)), 0);
    ck_assert_int_ne(memcmp(order[0], order[2], (size_t)pairs * sizeof(int64_t)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/window");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, rounds_windows_up_to_blocks);
    tcase_add_test(tests, keeps_the_order_of_the_set);
    tcase_add_loop_test(tests, knows_what_is_wanted, 0, 4);
    tcase_add_test(tests, shuffles_pairs);
    tcase_add_test(tests, visits_blocks_in_another_order_each_epoch);
    tcase_add_test(tests, depends_on_seed_and_epoch);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
