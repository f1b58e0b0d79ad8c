/* test_exchange_gather.c - gathered values and slots on any number of ranks. */
#include <string.h>

#include "exchange_case.h"
#include "lockstep/base/memory.h"
#include "mpi_check.h"

static void set_owned(const exchange_case *c, float *owned)
{
    const slice *slices = exchange_slices(c->x);

    for (int b = 0; b < exchange_buckets(c->x); b++)
        for (size_t i = 0; i < slices[b].count; i++)
            owned[slices[b].owned + i] = exchange_case_value(slices[b].first + i);
}

START_TEST(gathered_values_are_there_when_waited_for)
{
    exchange_case c;
    int late = 0;

    exchange_case_init(&c, _i, false);
    exchange_case_set_values(&c);
    exchange_gather_begin(c.x);
    for (int i = 0; i < c.p.count; i++) {
        exchange_gather_wait(c.x, exchange_bucket_of(c.x, i));
        for (size_t at = c.p.list[i].first; at < c.p.list[i].first + c.p.list[i].count; at++)
            late += c.p.values[at] != exchange_case_value(at);
    }
    exchange_gather_end(c.x);
    ck_assert_all(late == 0);
    ck_assert_all(exchange_case_wrong_values(&c, c.p.values) == 0);
    exchange_case_free(&c);
}
END_TEST

START_TEST(slots_are_collected_and_spread)
{
    exchange_case c;

    exchange_case_init(&c, _i, false);
    size_t owned_floats = exchange_owned(c.x);
    float *owned = memory_create(owned_floats, sizeof(float));
    float *back = memory_create(owned_floats, sizeof(float));
    float *whole = c.rank == 0 ? memory_create(c.p.floats, sizeof(float)) : NULL;

    set_owned(&c, owned);
    exchange_collect(c.x, owned, whole);
    ck_assert_all(c.rank != 0 || exchange_case_wrong_values(&c, whole) == 0);
    exchange_spread(c.x, whole, back);
    ck_assert_all(memcmp(back, owned, owned_floats * sizeof(float)) == 0);
    memory_destroy(owned);
    memory_destroy(back);
    memory_destroy(whole);
    exchange_case_free(&c);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/gather");
    TCase *tests = tcase_create("gather");

    tcase_add_loop_test(tests, gathered_values_are_there_when_waited_for, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, slots_are_collected_and_spread, 0, EXCHANGE_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}
