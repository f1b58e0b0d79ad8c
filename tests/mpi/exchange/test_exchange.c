/* test_exchange.c - who owns what, and what an exchange takes to be made. */
#include <string.h>

#include "exchange_case.h"
#include "lockstep/base/memory.h"
#include "mpi_check.h"

enum { BLOCK = PARAMETER_BLOCK, BYTES = BLOCK * sizeof(float) };

START_TEST(every_block_has_one_owner)
{
    exchange_case c;

    exchange_case_init(&c, _i, false);
    size_t blocks = c.p.floats / BLOCK, owned = 0;
    double *owners = memory_create(blocks, sizeof(*owners));
    const slice *slices = exchange_slices(c.x);

    for (int r = 0; r < c.ranks; r++) {
        for (size_t block = 0; block < blocks; block++)
            owners[block] = 0;
        for (int b = 0; b < exchange_buckets(c.x) && c.rank == r; b++)
            for (size_t i = 0; i < slices[b].count; i += BLOCK)
                owners[(slices[b].first + i) / BLOCK] = 1;
        world_union(test_world, owners, blocks);
        for (size_t block = 0; block < blocks; block++)
            owned += owners[block] == 1;
    }
    ck_assert_all(owned == blocks);
    for (int b = 1; b < exchange_buckets(c.x); b++)
        ck_assert_uint_eq(slices[b].owned, slices[b - 1].owned + slices[b - 1].count);
    ck_assert_uint_eq(exchange_owned(c.x) % BLOCK, 0);
    memory_destroy(owners);
    exchange_case_free(&c);
}
END_TEST

START_TEST(bucket_of_a_parameter_holds_its_end)
{
    exchange_case c;

    exchange_case_init(&c, _i, false);
    int last = exchange_buckets(c.x) - 1;

    ck_assert_all(exchange_bucket_of(c.x, c.p.count - 1) == last);
    for (int i = 1; i < c.p.count; i++)
        ck_assert_int_le(exchange_bucket_of(c.x, i - 1), exchange_bucket_of(c.x, i));
    /* Tied tensors share a bucket with nothing. */
    ck_assert_int_lt(exchange_bucket_of(c.x, 0), exchange_bucket_of(c.x, 1));
    ck_assert_int_lt(exchange_bucket_of(c.x, 2), exchange_bucket_of(c.x, 3));
    ck_assert_int_lt(exchange_bucket_of(c.x, 3), exchange_bucket_of(c.x, 4));
    ck_assert_int_lt(exchange_bucket_of(c.x, 4), exchange_bucket_of(c.x, 5));
    exchange_case_free(&c);
}
END_TEST

START_TEST(a_step_allocates_nothing)
{
    exchange_case c;

    exchange_case_init(&c, 4, true);
    exchange_case_set_gradients(&c, 0);
    size_t before = memory_allocations();
    for (int batch = 0; batch < 3; batch++) {
        exchange_begin(c.x, batch > 0);
        exchange_end(c.x);
    }
    exchange_norm(c.x);
    exchange_gather_begin(c.x);
    exchange_gather_end(c.x);
    ck_assert_all(memory_allocations() == before);
    exchange_case_free(&c);
}
END_TEST

START_TEST(one_rank_copies_no_gradients)
{
    exchange_case c;

    exchange_case_init(&c, 0, false);
    ck_assert_all((exchange_gradients(c.x) == c.p.gradients) == (c.ranks == 1));
    exchange_case_free(&c);
}
END_TEST

START_TEST(the_way_is_told)
{
    const int radices[2] = {world_size(test_world), 1};
    char text[EXCHANGE_TEXT];
    exchange_case c;

    exchange_case_init(&c, 5, false);
    exchange_text(c.x, text);
    ck_assert_str_eq(text, "each rank with each");
    exchange_case_free(&c);
    ck_assert(exchange_case_open(&c, 5, (exchange_settings){.radices = radices, .stages = 2}));
    exchange_text(c.x, text);
    ck_assert(strncmp(text, "in stages of ", 13) == 0 && strcmp(text + 14, ", 1") == 0);
    ck_assert_int_eq(text[13] - '0', c.ranks);
    exchange_case_free(&c);
}
END_TEST

START_TEST(more_ranks_than_grains_are_refused)
{
    exchange_case c;
    exchange *none;

    exchange_case_init(&c, 0, false);
    status code =
        exchange_create(&none, test_world, &c.p,
                        (exchange_settings){.grains = c.ranks - 1, .bucket_bytes = BYTES});
    ck_assert_all(code == STATUS_CONFIG && none == NULL);
    ck_assert_all(strstr(error_message(), "batch.grains") != NULL);
    exchange_case_free(&c);
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    exchange_case c;

    exchange_case_init(&c, 5, true);
    for (size_t n = 1; n < 6; n++) {
        exchange *none;
        const exchange_settings few = {
            .grains = c.grains, .bucket_bytes = BYTES, .accumulate = true};

        memory_fail_after(n);
        status code = exchange_create(&none, test_world, &c.p, few);
        memory_fail_after(0);
        ck_assert_all(code == STATUS_NOMEM && none == NULL);
    }
    exchange_case_free(&c);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/exchange");
    TCase *tests = tcase_create("exchange");

    tcase_add_loop_test(tests, every_block_has_one_owner, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, bucket_of_a_parameter_holds_its_end, 0, EXCHANGE_CASES);
    tcase_add_test(tests, a_step_allocates_nothing);
    tcase_add_test(tests, one_rank_copies_no_gradients);
    tcase_add_test(tests, the_way_is_told);
    tcase_add_test(tests, more_ranks_than_grains_are_refused);
    tcase_add_test(tests, lack_of_memory_is_reported);
    suite_add_tcase(suite, tests);
    return suite;
}
