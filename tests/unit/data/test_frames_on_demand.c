/* test_frames_on_demand.c - frames are read when they are needed, by who needs them. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
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

int main(void)
{
    Suite *suite = suite_create("data/frames_on_demand");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, frames_are_read_for_the_grains_of_a_rank_alone);
    tcase_add_test(tests, frames_that_cannot_be_read_end_the_batch);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
