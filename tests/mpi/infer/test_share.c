/* test_share.c - the ranks' shares make up every batch. */
#include "lockstep/infer/share.h"

#include "mpi_check.h"

static const char yaml[] = "run: {folder: none, seed: 11}\n"
                           "data: {train: {pairs: none}, window: 77}\n"
                           "batch: {tokens: 64, grains: 5}\n"
                           "validation: {every: 0}\n";

START_TEST(shares_follow_one_another)
{
    config c;

    ck_assert_all(config_load_text(&c, "test", yaml, NULL, 0) == STATUS_OK);
    loader_settings s = share_settings(&c, test_world);
    int ranks = world_size(test_world), rank = world_rank(test_world), longer = 5 % ranks;

    /* the longer ones first */
    ck_assert_all(s.last_grain - s.first_grain == 5 / ranks + (rank < longer));
    ck_assert_all(s.first_grain == rank * (5 / ranks) + (rank < longer ? rank : longer));
    ck_assert_all(s.grains == 5 && s.tokens == 64 && s.window == 77 && s.seed == 11);
    ck_assert_all(!s.shuffle);
    ck_assert_all(s.specials[SIDE_SOURCE].end && s.specials[SIDE_TARGET].end);
    config_free(&c);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("share");
    TCase *group = tcase_create("share");

    tcase_add_test(group, shares_follow_one_another);
    suite_add_tcase(suite, group);
    return suite;
}
