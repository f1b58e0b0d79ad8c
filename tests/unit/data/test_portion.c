/* test_portion.c - a rank keeps the elements of its own grains, and knows what all score. */
#include "portion.h"

#include "made_up_loader.h"
#include "unit_check.h"

enum { PAIRS = 4000, TAGS = 5 };

static int64_t loaded[SIDES];

static status lengths(void *context, dataset_side side, int64_t first, int64_t count,
                      int32_t *out)
{
    (void)context, (void)side, (void)first;
    for (int64_t i = 0; i < count; i++)
        out[i] = TAGS;
    return STATUS_OK;
}

static int32_t tag_of(int64_t pair, int i)
{
    return (pair + i) % 3 == 0 ? -1 : (int32_t)(pair % 100);
}

static status load(void *context, dataset_side side, int64_t first, int64_t count, void *out)
{
    int32_t *ids = out;

    (void)context;
    loaded[side] += count;
    for (int64_t pair = first; pair < first + count; pair++)
        for (int i = 0; i < TAGS; i++)
            *ids++ = side == SIDE_SOURCE ? (int32_t)pair : tag_of(pair, i);
    return STATUS_OK;
}

static loader_settings share(int rank, int ranks)
{
    loader_settings made = made_up_settings();

    made.first_grain = rank * MADE_UP_GRAINS / ranks;
    made.last_grain = (rank + 1) * MADE_UP_GRAINS / ranks;
    made.window = PAIRS;
    return made;
}

static void check_own(const portion *p, int k)
{
    const int32_t *source = window_elements(&p->window, SIDE_SOURCE, k);
    const int32_t *target = window_elements(&p->window, SIDE_TARGET, k);

    for (int i = 0; i < TAGS; i++) {
        ck_assert(source[i] == p->window.names[k]);
        ck_assert(target[i] == tag_of(p->window.names[k], i));
    }
}

static int64_t scored_by_hand(const portion *p)
{
    int64_t scored = 0;

    for (int k = 0; k < p->window.pairs; k++) {
        for (int i = 0; i < TAGS; i++)
            scored += tag_of(p->window.names[k], i) >= 0;
        scored++; /* <end> */
    }
    return scored;
}

START_TEST(keeps_its_own_and_counts_all)
{
    pair_source from = {.pairs = PAIRS, .lengths = lengths, .load = load};
    int ranks = _i, own = 0;

    for (int rank = 0; rank < ranks; rank++) {
        const loader_settings settings = share(rank, ranks);
        portion p;
        ck_assert_int_eq(portion_init(&p, &from, &settings), STATUS_OK);
        ck_assert_int_eq(portion_open(&p, 1, 0), STATUS_OK);
        ck_assert(portion_holds(&p, 1, 0) && !portion_holds(&p, 0, 0));
        int wanted = 0;
        for (int k = 0; k < PAIRS; k++) {
            wanted += p.window.wanted[k];
            if (p.window.wanted[k])
                check_own(&p, k);
        }
        own += wanted;
        ck_assert_int_eq(p.window.sides[SIDE_SOURCE].room, (int64_t)wanted * TAGS);
        ck_assert_int_le(p.window.block_room, WINDOW_BLOCK * TAGS);
        ck_assert_int_eq(portion_scored(&p, 0, PAIRS), scored_by_hand(&p));
        portion_free(&p);
    }
    ck_assert_int_eq(own, PAIRS);
}
END_TEST

/* Where all is scored nobody's targets are read to be counted. */
START_TEST(reads_nothing_for_a_rank_without_grains)
{
    pair_source from = {.pairs = PAIRS, .lengths = lengths, .load = load};
    loader_settings settings = share(0, 1);

    settings.last_grain = 0;
    for (int all_scored = 0; all_scored < 2; all_scored++) {
        portion p;
        loaded[SIDE_SOURCE] = loaded[SIDE_TARGET] = 0;
        from.all_scored = all_scored != 0;
        ck_assert_int_eq(portion_init(&p, &from, &settings), STATUS_OK);
        ck_assert_int_eq(portion_open(&p, 0, 0), STATUS_OK);
        ck_assert_int_eq(loaded[SIDE_SOURCE], 0);
        ck_assert_int_eq(loaded[SIDE_TARGET], all_scored ? 0 : PAIRS);
        portion_free(&p);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/portion");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, keeps_its_own_and_counts_all, 1, MADE_UP_GRAINS + 1);
    tcase_add_test(tests, reads_nothing_for_a_rank_without_grains);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
