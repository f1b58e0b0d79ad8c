/* test_loader.c - the batches of made-up pairs: all of them, once, in one order
 * for any number of ranks. */
#include "lockstep/data/loader.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/text/vocabulary.h"
#include "made_up_pairs.h"
#include "unit_check.h"

enum { TOKENS = 600, GRAINS = 5, WINDOW = 2000, MANY = 5000, BATCHES = 2000 };

static const loader_settings training = {.seed = 7,
                                         .shuffle = true,
                                         .tokens = TOKENS,
                                         .grains = GRAINS,
                                         .window = WINDOW,
                                         .ranks = 1};

static loader *create(made_up_pairs *set, int64_t pairs, loader_settings settings)
{
    const pair_source source = made_up_source(set, pairs);
    loader *out;

    *set = (made_up_pairs){.fails_at = -1};
    ck_assert_int_eq(loader_create_from(&out, &source, &settings), STATUS_OK);
    ck_assert_int_eq(loader_pairs(out), pairs);
    return out;
}

static batch next(loader *from)
{
    batch out;
    bool end;

    ck_assert_int_eq(loader_next(from, &out, &end), STATUS_OK);
    ck_assert(!end);
    return out;
}

/* One assertion for many ids: Check spends microseconds on each. */
static void check_sentence(const batch *b, int s)
{
    int64_t pair = b->pairs[s];
    int source_size = made_up_source_length(pair), target_size = made_up_target_length(pair);
    const int32_t *x = b->source.ids + b->source.offsets[s];
    const int32_t *y = b->target.ids + b->target.offsets[s];
    const int32_t *gold = b->gold + b->target.offsets[s];
    bool same =
        x[source_size] == TOKEN_END && y[0] == TOKEN_BEGIN && gold[target_size] == TOKEN_END;

    same &= x + source_size + 1 == b->source.ids + b->source.offsets[s + 1];
    same &= y + target_size + 1 == b->target.ids + b->target.offsets[s + 1];
    for (int i = 0; i < source_size; i++)
        same &= x[i] == made_up_source_id(pair, i);
    for (int i = 0; i < target_size; i++) {
        same &= y[i + 1] == made_up_target_id(pair, i);
        same &= gold[i] == made_up_target_id(pair, i);
    }
    ck_assert_msg(same, "pair %lld differs", (long long)pair);
}

static void check_side(const packed *side)
{
    ck_assert_int_eq(side->offsets[0], 0);
    ck_assert_int_eq(side->grain_sequences[0], 0);
    ck_assert_int_eq(side->offsets[side->sequences], side->rows);
    ck_assert_int_eq(side->grain_sequences[side->grains], side->sequences);
    for (int g = 0; g <= side->grains; g++)
        ck_assert_int_eq(side->grain_rows[g], side->offsets[side->grain_sequences[g]]);
}

static void check_batch(const batch *b)
{
    check_side(&b->source);
    check_side(&b->target);
    for (int s = 0; s < b->source.sequences; s++)
        check_sentence(b, s);
}

/* Deliver one epoch; order[] gets the pairs as they come. */
static void read_epoch(loader *from, int64_t pairs, int64_t *order)
{
    int64_t at = 0;

    while (at < pairs) {
        batch b = next(from);
        check_batch(&b);
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
    loader *l = create(&set, pairs, training);

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
    made_up_pairs set, sets[GRAINS];
    loader *whole = create(&set, MANY, training), *share[GRAINS];

    for (int r = 0; r < ranks; r++) {
        loader_settings settings = training;
        settings.rank = r;
        settings.ranks = ranks;
        share[r] = create(&sets[r], MANY, settings);
    }
    while (loader_tell(whole).epoch == 0) {
        batch all = next(whole);
        int grains = 0, sequences = 0;
        for (int r = 0; r < ranks; r++) {
            batch b = next(share[r]);
            check_batch(&b);
            ck_assert_int_eq(b.source.first_grain, grains);
            check_share(&all.source, &b.source);
            check_share(&all.target, &b.target);
            ck_assert_int_eq(b.global_pairs, all.source.sequences);
            ck_assert_int_eq(b.global_source_tokens, all.source.rows);
            ck_assert_int_eq(b.global_target_tokens, all.target.rows);
            grains += b.source.grains;
            sequences += b.source.sequences;
        }
        ck_assert_int_eq(grains, GRAINS);
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
    loader *l = create(&set, MANY, training);
    const int largest = 25;

    while (loader_tell(l).epoch == 0) {
        batch b = next(l);
        int64_t total = batch_cost(&b, 0, b.source.sequences);
        ck_assert_int_le(total, TOKENS);
        if (loader_tell(l).batch != 0) /* not a window's last */
            ck_assert_int_gt(total, TOKENS - largest);
        for (int g = 0; g < GRAINS; g++) {
            const int32_t *cuts = b.source.grain_sequences;
            int64_t grain = batch_cost(&b, cuts[g], cuts[g + 1]);
            ck_assert_int_le(llabs(grain - total / GRAINS), largest + 1);
        }
    }
    loader_destroy(l);
}
END_TEST

START_TEST(leaves_grains_empty)
{
    made_up_pairs set;
    loader *l = create(&set, 3, training);
    batch b = next(l);

    check_batch(&b);
    ck_assert_int_eq(b.source.grains, GRAINS);
    ck_assert_int_eq(b.source.sequences, 3);
    loader_destroy(l);
}
END_TEST

START_TEST(ends_a_set_read_in_order)
{
    loader_settings settings = training;
    int64_t order[MANY];
    made_up_pairs set;
    batch b;
    bool end = false;

    settings.shuffle = false;
    loader *l = create(&set, MANY, settings);
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

/* From every position of two epochs: the batch there, by seek alone. */
START_TEST(seeks_without_rewinding)
{
    static loader_position positions[BATCHES];
    static int64_t first_pairs[BATCHES];
    int batches = 0;
    made_up_pairs set, other_set;
    loader *l = create(&set, MANY, training);

    for (; loader_tell(l).epoch < 2; batches++) {
        ck_assert_int_lt(batches, BATCHES);
        positions[batches] = loader_tell(l);
        first_pairs[batches] = next(l).pairs[0];
    }
    loader *other = create(&other_set, MANY, training);
    for (int b = batches - 1; b >= 0; b -= 13) {
        other_set.loaded = 0;
        ck_assert_int_eq(loader_seek(other, positions[b]), STATUS_OK);
        ck_assert_int_le(other_set.loaded, 2048);
        for (int k = b; k < b + 60 && k < batches; k++) {
            loader_position at = loader_tell(other);
            ck_assert_mem_eq(&at, &positions[k], sizeof(at));
            ck_assert_int_eq(next(other).pairs[0], first_pairs[k]);
        }
    }
    loader_destroy(other);
    loader_destroy(l);
}
END_TEST

START_TEST(refuses_a_position_outside_the_plan)
{
    const loader_position bad[] = {{-1, 0, 0}, {0, 3, 0},   {0, -1, 0},
                                   {0, 0, -1}, {0, 0, 999}, {0, 1, 1 << 30}};
    made_up_pairs set;
    loader *l = create(&set, MANY, training);
    int64_t first = next(l).pairs[0];

    ck_assert_int_eq(loader_seek(l, (loader_position){0}), STATUS_OK);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(loader_seek(l, bad[i]), STATUS_INPUT);
        ck_assert_ptr_nonnull(strstr(error_message(), "another dataset"));
        ck_assert_int_eq(loader_tell(l).window, 0);
    }
    ck_assert_int_eq(next(l).pairs[0], first);
    loader_destroy(l);
}
END_TEST

START_TEST(allocates_only_when_a_window_opens)
{
    made_up_pairs set;
    loader *l = create(&set, MANY, training);

    for (int i = 0; i < 300; i++) {
        bool opens = loader_tell(l).batch == 0;
        size_t before = memory_allocations();
        (void)next(l);
        ck_assert(opens || memory_allocations() == before);
    }
    loader_destroy(l);
}
END_TEST

START_TEST(passes_on_a_failed_read)
{
    made_up_pairs set;
    loader *l = create(&set, 100, training);
    batch b;
    bool end;

    set.fails_at = 42;
    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_IO);
    ck_assert_str_eq(error_message(), "pair 42 cannot be read");
    ck_assert_int_eq(loader_seek(l, (loader_position){0}), STATUS_IO);
    set.fails_at = -1;
    b = next(l);
    check_batch(&b);
    loader_destroy(l);
}
END_TEST

START_TEST(refuses_an_empty_set)
{
    const pair_source source = made_up_source(NULL, 0);
    loader *l;

    ck_assert_int_eq(loader_create_from(&l, &source, &training), STATUS_INPUT);
}
END_TEST

static status read_one(made_up_pairs *set)
{
    const pair_source source = made_up_source(set, MANY);
    loader *l;
    batch b;
    bool end;

    TRY(loader_create_from(&l, &source, &training));
    status result = loader_next(l, &b, &end);
    if (result == STATUS_OK)
        check_batch(&b);
    loader_destroy(l);
    return result;
}

START_TEST(survives_lack_of_memory)
{
    made_up_pairs set = {.fails_at = -1};
    status result = STATUS_NOMEM;
    size_t n = 0;

    while (result != STATUS_OK) {
        memory_fail_after(++n);
        result = read_one(&set);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    ck_assert_uint_gt(n, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/loader");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, delivers_each_pair_once_an_epoch, 0,
                        sizeof(sizes) / sizeof(*sizes));
    tcase_add_loop_test(tests, splits_one_plan_over_any_ranks, 1, GRAINS + 1);
    tcase_add_test(tests, keeps_batches_full_and_grains_even);
    tcase_add_test(tests, leaves_grains_empty);
    tcase_add_test(tests, ends_a_set_read_in_order);
    tcase_add_test(tests, seeks_without_rewinding);
    tcase_add_test(tests, refuses_a_position_outside_the_plan);
    tcase_add_test(tests, allocates_only_when_a_window_opens);
    tcase_add_test(tests, passes_on_a_failed_read);
    tcase_add_test(tests, refuses_an_empty_set);
    tcase_add_test(tests, survives_lack_of_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
