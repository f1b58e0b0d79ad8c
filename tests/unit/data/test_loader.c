/* test_loader.c - the batches of made-up pairs: all of them, once, in one order
 * for any number of ranks. */
#include "lockstep/data/loader.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "made_up_loader.h"
#include "unit_check.h"

enum { MANY = 5000 };

/* Deliver one epoch; order[] gets the pairs as they come. */
static void read_epoch(loader *from, int64_t pairs, int64_t *order)
{
    int64_t at = 0;

    while (at < pairs) {
        batch b = made_up_next(from);
        made_up_check(&b);
        ck_assert_int_le(at + b.global_pairs, pairs);
        for (int s = 0; s < b.source.sequences; s++)
            order[at++] = b.pairs[s];
    }
}

static void check_permutation(const int64_t *order, int64_t pairs)
{
    char *seen = memory_create((size_t)pairs, 1);

    for (int64_t i = 0; i < pairs; i++) {
        ck_assert(order[i] >= 0 && order[i] < pairs && !seen[order[i]]);
        seen[order[i]] = 1;
    }
    memory_destroy(seen);
}

/* One block, whole blocks, a short last block, one window, several. */
static const int64_t sizes[] = {1, 3, 1023, 1024, 1025, 2048, 4096, 5000};

START_TEST(delivers_each_pair_once_an_epoch)
{
    int64_t pairs = sizes[_i], order[2][MANY];
    made_up_pairs set;
    loader *l = made_up_loader(&set, pairs, made_up_settings());

    for (int epoch = 0; epoch < 2; epoch++) {
        ck_assert_int_eq(loader_tell(l).epoch, epoch);
        read_epoch(l, pairs, order[epoch]);
        check_permutation(order[epoch], pairs);
    }
    if (pairs > 3)
        ck_assert(memcmp(order[0], order[1], (size_t)pairs * 8) != 0);
    ck_assert_int_eq(set.loaded, 2 * pairs);
    loader_destroy(l);
}
END_TEST

/* Grain g of `whole` is grain g - first_grain of the share, id by id. */
static void check_share(const packed *whole, const packed *share)
{
    for (int g = 0; g < share->grains; g++) {
        int w = g + share->first_grain;
        int rows = share->grain_rows[g + 1] - share->grain_rows[g];

        ck_assert_int_eq(whole->grain_rows[w + 1] - whole->grain_rows[w], rows);
        ck_assert_int_eq(whole->grain_sequences[w + 1] - whole->grain_sequences[w],
                         share->grain_sequences[g + 1] - share->grain_sequences[g]);
        ck_assert_int_eq(memcmp(whole->ids + whole->grain_rows[w],
                                share->ids + share->grain_rows[g],
                                (size_t)rows * sizeof(int32_t)),
                         0);
    }
}

START_TEST(splits_one_plan_over_any_ranks)
{
    int ranks = _i;
    made_up_pairs set, sets[MADE_UP_GRAINS];
    loader *whole = made_up_loader(&set, MANY, made_up_settings()), *share[MADE_UP_GRAINS];

    for (int r = 0; r < ranks; r++) {
        loader_settings settings = made_up_settings();
        settings.ahead = r % 2 == 0;
        settings.first_grain = r * MADE_UP_GRAINS / ranks;
        settings.last_grain = (r + 1) * MADE_UP_GRAINS / ranks;
        share[r] = made_up_loader(&sets[r], MANY, settings);
    }
    while (loader_tell(whole).epoch == 0) {
        batch all = made_up_next(whole);
        int grains = 0, sequences = 0;
        for (int r = 0; r < ranks; r++) {
            batch b = made_up_next(share[r]);
            made_up_check(&b);
            ck_assert_int_eq(b.source.first_grain, grains);
            check_share(&all.source, &b.source);
            check_share(&all.target, &b.target);
            ck_assert_int_eq(b.global_pairs, all.source.sequences);
            ck_assert_int_eq(b.global_source_tokens, all.source.rows);
            ck_assert_int_eq(b.global_target_tokens, all.target.rows);
            grains += b.source.grains;
            sequences += b.source.sequences;
        }
        ck_assert_int_eq(grains, MADE_UP_GRAINS);
        ck_assert_int_eq(sequences, all.source.sequences);
    }
    for (int r = 0; r < ranks; r++)
        loader_destroy(share[r]);
    loader_destroy(whole);
}
END_TEST

static int64_t batch_cost(const batch *b, int from, int to)
{
    int64_t total = 0;

    for (int s = from; s < to; s++) {
        int source = b->source.offsets[s + 1] - b->source.offsets[s];
        int target = b->target.offsets[s + 1] - b->target.offsets[s];
        total += source > target ? source : target;
    }
    return total;
}

START_TEST(keeps_batches_full_and_grains_even)
{
    made_up_pairs set;
    loader *l = made_up_loader(&set, MANY, made_up_settings());
    const int largest = 25;

    while (loader_tell(l).epoch == 0) {
        batch b = made_up_next(l);
        int64_t total = batch_cost(&b, 0, b.source.sequences);
        ck_assert_int_le(total, MADE_UP_TOKENS);
        if (loader_tell(l).batch != 0) /* not a window's last */
            ck_assert_int_gt(total, MADE_UP_TOKENS - largest);
        for (int g = 0; g < MADE_UP_GRAINS; g++) {
            const int32_t *cuts = b.source.grain_sequences;
            int64_t grain = batch_cost(&b, cuts[g], cuts[g + 1]);
            ck_assert_int_le(llabs(grain - total / MADE_UP_GRAINS), largest + 1);
        }
    }
    loader_destroy(l);
}
END_TEST

START_TEST(leaves_grains_empty)
{
    made_up_pairs set;
    loader *l = made_up_loader(&set, 3, made_up_settings());
    batch b = made_up_next(l);

    made_up_check(&b);
    ck_assert_int_eq(b.source.grains, MADE_UP_GRAINS);
    ck_assert_int_eq(b.source.sequences, 3);
    loader_destroy(l);
}
END_TEST

START_TEST(ends_a_set_read_in_order)
{
    loader_settings settings = made_up_settings();
    int64_t order[MANY];
    made_up_pairs set;
    batch b;
    bool end = false;

    settings.shuffle = false;
    loader *l = made_up_loader(&set, MANY, settings);
    for (int pass = 0; pass < 2; pass++) {
        read_epoch(l, MANY, order);
        for (int64_t i = 1; i < MANY; i++)
            ck_assert(order[0] == 0 && order[i] == order[i - 1] + 1);
        for (int twice = 0; twice < 2; twice++) {
            ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
            ck_assert(end);
        }
        ck_assert_int_eq(loader_seek(l, loader_tell(l)), STATUS_OK);
        ck_assert_int_eq(loader_seek(l, (loader_position){0}), STATUS_OK);
    }
    loader_destroy(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/loader");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, delivers_each_pair_once_an_epoch, 0,
                        sizeof(sizes) / sizeof(*sizes));
    tcase_add_loop_test(tests, splits_one_plan_over_any_ranks, 1, MADE_UP_GRAINS + 1);
    tcase_add_test(tests, keeps_batches_full_and_grains_even);
    tcase_add_test(tests, leaves_grains_empty);
    tcase_add_test(tests, ends_a_set_read_in_order);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
