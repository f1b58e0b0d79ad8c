/* test_frames_on_demand.c - frames are read when they are needed, by who needs them. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
#include "lockstep/data/pair_set.h"
#include "made_frames.h"
#include "unit_check.h"

enum { TOKENS = 40, GRAINS = 3 };

/* Counts what is read, and fails when there is nothing left to give. */
typedef struct reading {
    int64_t pairs[SIDES], left;
} reading;

static status load_counted(void *context, dataset_side side, int64_t first, int64_t count,
                           void *out)
{
    reading *r = context;

    r->pairs[side] += count;
    if (side == SIDE_SOURCE && r->left-- == 0)
        return fail(STATUS_IO, "the frames of pair %lld are gone", (long long)first);
    return made_frames_load(context, side, first, count, out);
}

static pair_source counted(reading *r)
{
    pair_source from = made_frames_source();

    from.context = r;
    from.load = load_counted;
    return from;
}

static loader *open_loader(const pair_source *from, int first, int last)
{
    const loader_settings settings = {.seed = 5,
                                      .shuffle = true,
                                      .tokens = TOKENS,
                                      .grains = GRAINS,
                                      .first_grain = first,
                                      .last_grain = last,
                                      .window = MADE_FRAMES_PAIRS,
                                      .specials = {{.end = false}, {.end = true}}};
    loader *l;

    ck_assert_int_eq(loader_create_from(&l, from, &settings), STATUS_OK);
    return l;
}

START_TEST(frames_are_read_for_the_grains_of_a_rank_alone)
{
    reading r = {.left = MADE_FRAMES_PAIRS};
    const pair_source from = counted(&r);
    loader *l = open_loader(&from, 1, 2);
    batch b;
    bool end;
    int64_t pairs = 0;

    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    size_t before = memory_allocations();
    for (pairs = b.source.sequences; loader_tell(l).epoch == 0; pairs += b.source.sequences)
        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    ck_assert_uint_eq(memory_allocations(), before);
    ck_assert_int_eq(r.pairs[SIDE_SOURCE], pairs);
    ck_assert_int_lt(pairs, MADE_FRAMES_PAIRS / 2);
    /* symbols are read with the window */
    ck_assert_int_eq(r.pairs[SIDE_TARGET], MADE_FRAMES_PAIRS);
    loader_destroy(l);
}
END_TEST

START_TEST(frames_that_cannot_be_read_end_the_batch)
{
    reading r = {.left = 10};
    const pair_source from = counted(&r);
    loader *l = open_loader(&from, 0, GRAINS);
    status result = STATUS_OK;
    loader_position last = {0};
    batch b;
    bool end;

    while (result == STATUS_OK) {
        last = loader_tell(l);
        result = loader_next(l, &b, &end);
    }
    ck_assert_int_eq(result, STATUS_IO);
    ck_assert_int_eq(loader_tell(l).batch, last.batch);
    r.left = MADE_FRAMES_PAIRS;
    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    ck_assert_int_gt(b.source.sequences, 0);
    loader_destroy(l);
}
END_TEST

START_TEST(frames_may_stay_where_they_are)
{
    reading r = {.left = MADE_FRAMES_PAIRS};
    const pair_source from = counted(&r);
    pair_set loaded = {0}, some = {0};
    uint16_t frames[MADE_FRAMES_LONGEST * MADE_FRAMES_WIDTH],
        expected[MADE_FRAMES_LONGEST * MADE_FRAMES_WIDTH];

    ck_assert_int_eq(pair_set_load(&loaded, &from), STATUS_OK);
    ck_assert(pair_set_refers(&loaded, SIDE_SOURCE) && !pair_set_refers(&loaded, SIDE_TARGET));
    ck_assert_int_eq(r.pairs[SIDE_SOURCE], 0);
    for (int64_t pair = 7; pair < 100; pair += 2) {
        ck_assert_int_eq(pair_set_put_of(&some, SIDE_SOURCE, &loaded, pair), STATUS_OK);
        ck_assert_int_eq(pair_set_put_of(&some, SIDE_TARGET, &loaded, pair), STATUS_OK);
        if (pair % 5 == 0)
            pair_set_drop(&some);
        else
            ck_assert_int_eq(pair_set_add(&some), STATUS_OK);
    }
    ck_assert_int_eq(some.pairs, 38);
    for (int64_t i = 0, pair = 7; i < some.pairs; pair += 2) {
        if (pair % 5 == 0)
            continue;
        size_t count = pair_set_length(&some, SIDE_SOURCE, i);
        made_frames_write(pair, expected);
        ck_assert_int_eq((int)count, made_frames_length(pair, SIDE_SOURCE));
        ck_assert_int_eq(pair_set_read(&some, SIDE_SOURCE, i++, frames), STATUS_OK);
        ck_assert_mem_eq(frames, expected, count * MADE_FRAMES_WIDTH * sizeof(*frames));
    }
    ck_assert_int_eq(r.pairs[SIDE_SOURCE], some.pairs);
    r.left = 0;
    ck_assert_int_eq(pair_set_read(&some, SIDE_SOURCE, 0, frames), STATUS_IO);
    pair_set_free(&loaded);
    pair_set_free(&some);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/frames_on_demand");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, frames_are_read_for_the_grains_of_a_rank_alone);
    tcase_add_test(tests, frames_that_cannot_be_read_end_the_batch);
    tcase_add_test(tests, frames_may_stay_where_they_are);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
