/* test_schedule.c - what a schedule foretells is what the exchange sends. */
#include "lockstep/exchange/schedule.h"

#include <math.h>

#include "exchange_case.h"
#include "mpi_check.h"

static void add_leg(exchange_traffic *sum, schedule_leg leg)
{
    sum->bytes += leg.inside + leg.outside;
    sum->messages += lround(leg.within + leg.between);
}

/* A step: all gradients, all values. */
static exchange_traffic foretold(const schedule *s)
{
    exchange_traffic sum = {.bytes = 0.0};

    for (int stage = 0; stage < schedule_stages(s); stage++) {
        for (int piece = 0; piece < schedule_pieces(s); piece++)
            add_leg(&sum, schedule_piece_leg(s, piece, stage));
        for (int bucket = 0; bucket < schedule_buckets(s); bucket++)
            add_leg(&sum, schedule_value_leg(s, bucket, stage));
    }
    return sum;
}

static bool agrees(const exchange_case *c, exchange_settings settings)
{
    schedule_settings wanted = {.hosts = 1, .ranks_a_host = c->ranks, .exchange = settings};
    schedule *s;

    wanted.exchange.grains = c->grains;
    ck_assert_int_eq(schedule_create(&s, &c->p, &wanted), STATUS_OK);
    exchange_traffic told = foretold(s), sent = exchange_traffic_of(c->x);
    bool same = schedule_buckets(s) == exchange_buckets(c->x) && told.bytes == sent.bytes &&
                told.messages == sent.messages;
    double owned = 0.0;

    for (int bucket = 0; bucket < schedule_buckets(s); bucket++)
        owned += schedule_owned(s, bucket);
    same = same && fabs(owned * (double)c->p.floats - (double)exchange_owned(c->x)) < 0.5;
    same = same || c->rank != schedule_rank(s);
    schedule_destroy(s);
    return same;
}

/* Without zeros, which would stay behind. */
static void run_step(exchange_case *c)
{
    size_t count = (size_t)c->p.nodes * c->p.gradient_floats;

    for (size_t i = 0; i < count; i++)
        c->p.gradients[i] = 1.0f;
    exchange_begin(c->x, false);
    exchange_end(c->x);
    exchange_gather_begin(c->x);
    exchange_gather_end(c->x);
}

START_TEST(tells_what_is_sent)
{
    static const exchange_route routes[] = {ROUTE_AUTO, ROUTE_DIRECT};

    for (int way = 0; way < 4; way++) {
        exchange_case c;
        exchange_settings settings = {.half = way & 1, .route = routes[way / 2]};

        settings.bucket_bytes = exchange_case_bucket_bytes(_i);
        if (!exchange_case_open(&c, _i, settings))
            continue;
        run_step(&c);
        bool same = agrees(&c, settings);
        ck_assert_all(same);
        exchange_case_free(&c);
    }
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("schedule");

    tcase_add_loop_test(tests, tells_what_is_sent, 0, EXCHANGE_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}
