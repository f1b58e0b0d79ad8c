/* test_route.c - the stages that are asked for, refused and found to cost least. */
#include <stdio.h>
#include <string.h>

#include "route.h"
#include "unit_check.h"

enum { MOST = 64 };

static int hosts[MOST];
static double sent[MOST];

/* Ranks next to each other on hosts of `each`; a model of 32 MB in pieces of 8. */
static cargo spread(int ranks, int each)
{
    for (int rank = 0; rank < ranks; rank++)
        hosts[rank] = rank / each;
    return (cargo){.hosts = hosts,
                   .ranks = ranks,
                   .grains = MOST,
                   .pieces = 4,
                   .buckets = 4,
                   .gradients = 8e6,
                   .values = 8e6,
                   .bytes_of_gradient = 4,
                   .sent = sent};
}

static void expect(const route *r, const char *wanted)
{
    char text[200] = "";

    for (int s = 0; s < r->count; s++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ", r->radices[s]);
    ck_assert_str_eq(text, wanted);
}

static void expect_route(exchange_route wanted, const cargo *c, const char *stages)
{
    route r;

    ck_assert_int_eq(route_choose(&r, wanted, c), STATUS_OK);
    expect(&r, stages);
}

static void expect_refusal(exchange_route wanted, const cargo *c, const char *words)
{
    route r;

    ck_assert_int_eq(route_choose(&r, wanted, c), STATUS_CONFIG);
    ck_assert_msg(strstr(error_message(), words) != NULL, "%s", error_message());
}

START_TEST(routes_are_as_asked_for)
{
    cargo c = spread(8, 2);

    expect_route(ROUTE_DIRECT, &c, "8 ");
    expect_route(ROUTE_HALVING, &c, "2 2 2 ");
    expect_route(ROUTE_HOSTS, &c, "2 4 ");
    c = spread(6, 6);
    expect_route(ROUTE_HOSTS, &c, "6 ");
    c = spread(6, 1);
    expect_route(ROUTE_HOSTS, &c, "6 ");
    c = spread(1, 1);
    expect_route(ROUTE_DIRECT, &c, "");
    expect_route(ROUTE_HALVING, &c, "");
    expect_route(ROUTE_HOSTS, &c, "");
    expect_route(ROUTE_AUTO, &c, "");
}
END_TEST

START_TEST(ranks_that_do_not_split_are_refused)
{
    cargo c = spread(6, 3);

    expect_refusal(ROUTE_HALVING, &c, "halving needs 2, 4, 8, ... ranks, and there are 6");
    c = spread(5, 2);
    expect_refusal(ROUTE_HOSTS, &c, "as many ranks on each host");
    c = spread(4, 2);
    hosts[1] = 1;
    hosts[2] = 0; /* in turn */
    expect_refusal(ROUTE_HOSTS, &c, "one host after another");
    hosts[1] = hosts[2] = 1;
    expect_refusal(ROUTE_HOSTS, &c, "as many ranks on each host");
}
END_TEST

START_TEST(two_ranks_have_no_choice)
{
    for (int each = 1; each <= 2; each++) {
        cargo c = spread(2, each);

        expect_route(ROUTE_AUTO, &c, "2 ");
    }
}
END_TEST

/* What goes over the cable is less by as many times as there are ranks on a host. */
START_TEST(hosts_pay_when_several_ranks_share_a_cable)
{
    cargo c = spread(8, 4);
    route direct, by_hosts, best;

    ck_assert_int_eq(route_choose(&direct, ROUTE_DIRECT, &c), STATUS_OK);
    ck_assert_int_eq(route_choose(&by_hosts, ROUTE_HOSTS, &c), STATUS_OK);
    ck_assert_int_eq(route_choose(&best, ROUTE_AUTO, &c), STATUS_OK);
    ck_assert_double_lt(route_cost(&by_hosts, &c), 0.6 * route_cost(&direct, &c));
    ck_assert_double_le(route_cost(&best, &c), route_cost(&by_hosts, &c));
    ck_assert_int_lt(best.radices[0], 8);
}
END_TEST

START_TEST(many_small_messages_are_avoided)
{
    cargo c = spread(64, 1);

    c.pieces = c.buckets = 1000;
    expect_route(ROUTE_AUTO, &c, "2 2 2 2 2 2 ");
}
END_TEST

/* 9 grains on 4 ranks: a run of two may be no node of the tree, but two of them. */
START_TEST(nodes_are_counted_in_the_tree)
{
    const route direct = {{4}, 1}, stages = {{2, 2}, 2};
    cargo even = spread(4, 1), uneven = spread(4, 1);

    even.grains = 8;
    uneven.grains = 9;
    ck_assert_double_gt(route_cost(&direct, &uneven), 1.2 * route_cost(&direct, &even));
    ck_assert_double_gt(route_cost(&stages, &uneven), route_cost(&stages, &even));
    even.bytes_of_gradient = 2;
    ck_assert_double_lt(route_cost(&direct, &even), 0.8 * route_cost(&direct, &uneven));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("route");
    TCase *tests = tcase_create("core");

    tcase_add_test(tests, routes_are_as_asked_for);
    tcase_add_test(tests, ranks_that_do_not_split_are_refused);
    tcase_add_test(tests, two_ranks_have_no_choice);
    tcase_add_test(tests, hosts_pay_when_several_ranks_share_a_cable);
    tcase_add_test(tests, many_small_messages_are_avoided);
    tcase_add_test(tests, nodes_are_counted_in_the_tree);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
