/* test_divergence.c - a bit that one rank's parameters have otherwise is found and named. */
#include "divergence.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "lockstep/infer/share.h"
#include "mpi_check.h"
#include "synthetic.h"

enum { SYMBOLS = 20 };

static const char yaml[] = "run: {folder: none}\n"
                           "data: {train: {pairs: none.tsv}, max_length: 20}\n"
                           "model: {width: 32, heads: 4, feed_forward: 64, encoder_layers: 1,\n"
                           "        decoder_layers: 1, encoder_norm: batch}\n"
                           "batch: {tokens: 300, grains: 5}\n"
                           "validation: {every: 0}\n"
                           "distributed: {bucket_bytes: 20000, check_every: 2}\n";

static config settings;
static training live;
static synthetic sentences = {.seed = 1, .vocabulary = SYMBOLS, .length = 8};
static loader *from;
static int rank, ranks;

static void setup(void)
{
    environment e;

    rank = world_rank(test_world);
    ranks = world_size(test_world);
    ck_assert_all(config_load_text(&settings, "test", yaml, NULL, 0) == STATUS_OK);
    ck_assert_all(environment_open(test_world, &settings, &e) == STATUS_OK);
    ck_assert_all(training_open(&live, test_world, &settings, &e, SYMBOLS, SYMBOLS) ==
                  STATUS_OK);
    pair_source source = synthetic_source(&sentences, 500);
    loader_settings share = share_settings(&settings, test_world);
    ck_assert_all(loader_create_from(&from, &source, &share) == STATUS_OK);
}

static void teardown(void)
{
    loader_destroy(from);
    training_close(&live);
    config_free(&settings);
}

/* The last bit of a tensor's last number, on one rank. */
static void flip(const parameters *p, int tensor, int on)
{
    float *last = parameters_values(p, tensor) + p->list[tensor].count - 1;
    uint32_t bits;

    if (rank != on)
        return;
    memcpy(&bits, last, sizeof(bits));
    bits ^= 1;
    memcpy(last, &bits, sizeof(bits));
}

/* What was asked, with rank 0's standard error in `said` [512]. */
static status heard(status (*ask)(void), char *said)
{
    FILE *kept = tmpfile();
    int before = dup(STDERR_FILENO);

    fflush(stderr);
    dup2(fileno(kept), STDERR_FILENO);
    status answer = ask();
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(kept);
    said[fread(said, 1, 511, kept)] = '\0';
    fclose(kept);
    return answer;
}

static status check(void)
{
    return divergence_check(&live);
}

static status step(void)
{
    step_result result;

    return training_step(&live, from, &result);
}

/* Rank 0 says it once, the others nothing. */
static void assert_named(status (*ask)(void), int culprit, const char *tensor, const char *rest)
{
    char said[512], wanted[256];

    snprintf(wanted, sizeof(wanted), "rank %d (host %s): %s differs from %s", culprit,
             world_host(test_world, culprit), tensor, rest);
    ck_assert_all(heard(ask, said) == STATUS_DIVERGED);
    if (rank == 0 && strstr(said, wanted) == NULL)
        fprintf(stderr, "said: %s\nwanted: %s\n", said, wanted);
    ck_assert_all(rank == 0 ? strstr(said, wanted) != NULL : said[0] == '\0');
}

/* Of two ranks none is known to be right; of three it is the two that agree. */
static const char *reference(int culprit)
{
    return culprit == 0 && ranks > 2 ? "most ranks' after step 0 (1 of"
                                     : "rank 0's after step 0 (1 of";
}

START_TEST(ranks_that_agree_pass)
{
    size_t before = memory_allocations();

    ck_assert_all(divergence_check(&live) == STATUS_OK);
    ck_assert_all(memory_allocations() == before);
    for (int i = 0; i < 3; i++)
        ck_assert_all(step() == STATUS_OK);
    ck_assert_all(divergence_check(&live) == STATUS_OK);
}
END_TEST

/* Parameters, and the running values that come after them. */
START_TEST(tensors_of_each_rank_are_named)
{
    const parameters *p = transformer_parameters(live.model);

    for (int on = 0; on < ranks && ranks > 1; on++)
        for (int i = on; i < p->count + p->buffers->count; i += 11) {
            const parameters *in = i < p->count ? p : p->buffers;
            int tensor = i < p->count ? i : i - p->count;

            flip(in, tensor, on);
            assert_named(check, ranks == 2 ? 1 : on, in->list[tensor].name, reference(on));
            flip(in, tensor, on);
            ck_assert_all(divergence_check(&live) == STATUS_OK);
        }
}
END_TEST

START_TEST(the_first_tensor_speaks_for_all)
{
    const parameters *p = transformer_parameters(live.model);

    if (ranks == 1)
        return;
    flip(p, 3, ranks - 1);
    flip(p, 5, ranks - 1);
    assert_named(check, ranks - 1, p->list[3].name, "rank 0's after step 0 (2 of");
}
END_TEST

START_TEST(where_all_differ_there_is_no_majority)
{
    const parameters *p = transformer_parameters(live.model);

    if (ranks == 1)
        return;
    parameters_values(p, 4)[0] += (float)rank;
    assert_named(check, 1, p->list[4].name,
                 ranks == 2 ? "rank 0's after step 0 (1 of"
                            : "rank 0's after step 0, as on 1 more rank (1 of");
}
END_TEST

/* Before anything is updated. */
START_TEST(a_step_ends_before_it_spreads)
{
    const parameters *p = transformer_parameters(live.model);
    int tensor = p->count - 1;

    if (ranks == 1)
        return;
    ck_assert_all(step() == STATUS_OK && step() == STATUS_OK);
    training_settle(&live); /* what is still on its way would cover it */
    float before = parameters_values(p, tensor)[0];
    flip(p, tensor, 1);
    assert_named(step, 1, p->list[tensor].name, "rank 0's after step 2 (1 of");
    ck_assert_all(live.step == 2 && parameters_values(p, tensor)[0] == before);
}
END_TEST

/* What nobody asks for is not compared. */
START_TEST(other_steps_are_not_checked)
{
    ck_assert_all(divergence_is_due(&live) && step() == STATUS_OK);
    ck_assert_all(!divergence_is_due(&live));
    settings.distributed.check_every = 0;
    ck_assert_all(step() == STATUS_OK && !divergence_is_due(&live));
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("divergence");
    TCase *tests = tcase_create("divergence");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, ranks_that_agree_pass);
    tcase_add_test(tests, tensors_of_each_rank_are_named);
    tcase_add_test(tests, the_first_tensor_speaks_for_all);
    tcase_add_test(tests, where_all_differ_there_is_no_majority);
    tcase_add_test(tests, a_step_ends_before_it_spreads);
    tcase_add_test(tests, other_steps_are_not_checked);
    suite_add_tcase(suite, tests);
    return suite;
}
