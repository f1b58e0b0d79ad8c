/* test_exchange_stages.c - whatever the stages, the bits stay the same. */
#include "exchange_case.h"
#include "mpi_check.h"

/* Stage by stage, announced in an order of the tensors' own, moved along between. */
static void reduce_by_uses(exchange_case *c, int batch, bool add)
{
    const parameter_hooks *hooks = exchange_hooks(c->x);

    exchange_case_set_gradients(c, batch);
    exchange_begin(c->x, add);
    hooks->ready_use(hooks->user, 0, 1);
    hooks->move(hooks->user);
    hooks->ready(hooks->user, 4);
    hooks->ready_use(hooks->user, 3, 2);
    hooks->ready_use(hooks->user, 3, 0);
    hooks->ready_use(hooks->user, 1, 0); /* not tied: nothing is said by it */
    hooks->move(hooks->user);
    hooks->ready_use(hooks->user, 3, 2); /* said before */
    hooks->ready(hooks->user, 3);
    hooks->ready(hooks->user, 1);
    if (batch % 2 == 0)
        hooks->ready(hooks->user, 0);
    exchange_end(c->x);
}

/* All lists of stages, whole nodes and half ones, one batch and three, with and without a
 * courier. */
START_TEST(stages_change_no_bits)
{
    int radices[31];

    for (int way = 0; way < 8 * EXCHANGE_LISTS; way++) {
        exchange_case c;
        exchange_settings settings = {
            .radices = radices, .half = way & 1, .accumulate = way & 2, .courier = way & 4};
        int batches = settings.accumulate ? 3 : 1;

        settings.stages = exchange_case_radices(world_size(test_world), way / 8, radices);
        if (settings.stages < 0 || !exchange_case_open(&c, _i, settings))
            continue;
        for (int batch = 0; batch < batches; batch++)
            reduce_by_uses(&c, batch, batch > 0);
        int wrong = exchange_case_wrong(&c, batches);
        ck_assert_msg(world_max(test_world, wrong) == 0, "%d of list %d", wrong, way);
        exchange_case_free(&c);
    }
}
END_TEST

/* As an update does: a bucket leaves as soon as its slice is there. */
START_TEST(buckets_leave_when_they_are_ready)
{
    int radices[31];

    for (int way = 0; way < 2 * EXCHANGE_LISTS; way++) {
        exchange_case c;
        exchange_settings settings = {.radices = radices, .courier = way & 1};

        settings.stages = exchange_case_radices(world_size(test_world), way / 2, radices);
        if (settings.stages < 0 || !exchange_case_open(&c, _i, settings))
            continue;
        exchange_case_set_values(&c);
        exchange_gather_begin(c.x);
        for (int b = 0; b < exchange_buckets(c.x); b++) {
            exchange_gather_ready(c.x, b);
            exchange_move(c.x);
        }
        /* The next step's gradients may go before all values are there. */
        exchange_hooks(c.x)->need(exchange_hooks(c.x)->user, 2);
        exchange_case_reduce(&c, 0, false);
        ck_assert_all(exchange_case_wrong_values(&c, c.p.values) == 0);
        exchange_gather_end(c.x);
        exchange_case_free(&c);
    }
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/stages");
    TCase *tests = tcase_create("stages");

    tcase_add_loop_test(tests, stages_change_no_bits, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, buckets_leave_when_they_are_ready, 0, EXCHANGE_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}
