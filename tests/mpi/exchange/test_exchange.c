/* test_exchange.c - the bits of every sum, norm and gathered value on any number
 * of ranks. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/exchange/exchange.h"
#include "lockstep/slab/tree.h"
#include "mpi_check.h"

enum { BLOCK = PARAMETER_BLOCK, BYTES = BLOCK * sizeof(float), MOST_GRAINS = 8 };

/* Grains that split evenly on 1, 2 and 3 ranks and that do not; buckets smaller
 * than the ranks and larger than the model. */
static const struct {
    int grains;
    size_t bucket_bytes;
} shapes[] = {{3, BYTES}, {4, 2 * BYTES}, {5, 5 * BYTES}, {6, 1}, {7, 3 * BYTES}, {8, 1 << 30}};
enum { SHAPES = sizeof(shapes) / sizeof(*shapes) };

static int rank, ranks;
static parameters p;
static exchange *x;
static int grains;

/* The gradient that one grain gives to one float of a plane: numbers of many
 * sizes, so that another order of additions gives other bits. */
static float leaf(int batch, int grain, size_t at)
{
    uint32_t h = (uint32_t)at * 2654435761u + (uint32_t)(grain + 10 * batch) * 40503u;

    h = (h ^ (h >> 15)) * 2246822519u;
    h = (h ^ (h >> 13)) * 3266489917u;
    h ^= h >> 16;
    return ldexpf((float)(h % 20001) - 10000.0f, (int)(h >> 24) % 12 - 16);
}

/* The definition of the tree, word for word. */
static float node_value(int batch, int level, int number, size_t at)
{
    if (level == 0)
        return leaf(batch, number, at);
    float left = node_value(batch, level - 1, 2 * number, at);
    if (((2 * number + 1) << (level - 1)) >= grains)
        return left;
    return left + node_value(batch, level - 1, 2 * number + 1, at);
}

/* Does float `at` of a plane belong to a tensor? */
static bool is_trained(size_t at)
{
    for (int i = 0; i < p.count; i++)
        for (int use = 0; use < p.list[i].uses; use++)
            if (at >= p.list[i].gradient[use] && at < p.list[i].gradient[use] + p.list[i].count)
                return true;
    return false;
}

/* Every grain's gradient at one place, added as layers do: to nodes. */
static void set_place(int batch, const tree_run *run, size_t at)
{
    float slots[MOST_GRAINS];

    for (int k = 0; k < run->last - run->first; k++) {
        int top = run->step[k].slot;

        slots[top] = leaf(batch, run->first + k, at);
        for (int m = 0; m < run->step[k].merges; m++, top--)
            slots[top - 1] += slots[top];
    }
    for (int node = 0; node < run->nodes; node++)
        p.gradients[(size_t)node * p.gradient_floats + at] = slots[node];
}

static void set_gradients(int batch)
{
    int first, last;
    tree_run run;

    tree_split(grains, rank, ranks, &first, &last);
    ck_assert_int_eq(tree_run_init(&run, first, last, grains), STATUS_OK);
    for (size_t at = 0; at < p.gradient_floats; at++)
        if (is_trained(at))
            set_place(batch, &run, at);
    tree_run_free(&run);
}

static void add_tensor(const char *name, int rows, int cols, int uses)
{
    int index, use;

    ck_assert_int_eq(parameters_add(&p, &index, name, 2, rows, cols, FILL_ZERO), STATUS_OK);
    for (int i = 1; i < uses; i++)
        parameters_add_use(&p, index, &use);
}

/* Tensors with one, two and three uses, of sizes that fill no block, first, last
 * and next to each other. */
static void create_parameters(void)
{
    int first, last;
    tree_run run;

    parameters_init(&p);
    add_tensor("embedding", 99, 50, 2);
    add_tensor("small", 3, 7, 1);
    add_tensor("large", 130, 101, 1);
    add_tensor("shared", 70, 180, 3);
    add_tensor("tied", 5, 5, 2);
    add_tensor("tail", 11, 400, 1);
    tree_split(grains, rank, ranks, &first, &last);
    ck_assert_int_eq(tree_run_init(&run, first, last, grains), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, run.nodes), STATUS_OK);
    tree_run_free(&run);
}

static void create(int shape, bool accumulate)
{
    rank = world_rank(test_world);
    ranks = world_size(test_world);
    grains = shapes[shape].grains;
    create_parameters();
    ck_assert_all(exchange_create(&x, test_world, &p, grains, shapes[shape].bucket_bytes,
                                  accumulate) == STATUS_OK);
}

static void destroy(void)
{
    exchange_destroy(x);
    parameters_free(&p);
}

static void reduce(int batch, bool add)
{
    set_gradients(batch);
    exchange_begin(x, add);
    for (int b = exchange_buckets(x) - 1; b >= 0; b--)
        exchange_ready(x, b);
    exchange_end(x);
}

/* The sum at one place of the value slab: each use over the tree, then the uses. */
static float expected_sum(int batch, size_t at)
{
    const parameter *tensor = NULL;
    float sum = 0.0f;

    for (int i = 0; i < p.count; i++)
        if (at >= p.list[i].first && at < p.list[i].first + p.list[i].count)
            tensor = &p.list[i];
    if (tensor == NULL)
        return 0.0f;
    for (int use = 0; use < tensor->uses; use++) {
        float tree = node_value(batch, 3, 0, tensor->gradient[use] + at - tensor->first);

        sum = use == 0 ? tree : sum + tree;
    }
    return sum;
}

/* Owned gradients that differ from the sum of so many batches, in order. */
static int wrong_gradients(int batches)
{
    const slice *slices = exchange_slices(x);
    int wrong = 0;

    for (int b = 0; b < exchange_buckets(x); b++)
        for (size_t i = 0; i < slices[b].count; i++) {
            float sum = expected_sum(0, slices[b].first + i);

            for (int batch = 1; batch < batches; batch++)
                sum += expected_sum(batch, slices[b].first + i);
            wrong +=
                memcmp(&exchange_gradients(x)[slices[b].owned + i], &sum, sizeof(sum)) != 0;
        }
    return wrong;
}

START_TEST(sums_have_the_bits_of_the_tree)
{
    create(_i, false);
    reduce(0, false);
    ck_assert_all(wrong_gradients(1) == 0);
    destroy();
}
END_TEST

START_TEST(batches_are_added_in_order)
{
    create(_i, true);
    reduce(0, false);
    reduce(1, true);
    reduce(2, true);
    ck_assert_all(wrong_gradients(3) == 0);
    reduce(0, false);
    ck_assert_all(wrong_gradients(1) == 0);
    destroy();
}
END_TEST

START_TEST(buckets_nobody_announced_are_summed)
{
    create(_i, false);
    set_gradients(0);
    exchange_begin(x, false);
    for (int b = exchange_buckets(x) - 1; b >= exchange_buckets(x) / 2 && rank == 0; b--)
        exchange_ready(x, b);
    exchange_end(x);
    ck_assert_all(wrong_gradients(1) == 0);
    destroy();
}
END_TEST

START_TEST(every_block_has_one_owner)
{
    create(_i, false);
    size_t blocks = p.floats / BLOCK, owned = 0;
    double *owners = memory_create(blocks, sizeof(*owners));
    const slice *slices = exchange_slices(x);

    for (int r = 0; r < ranks; r++) {
        for (size_t block = 0; block < blocks; block++)
            owners[block] = 0;
        for (int b = 0; b < exchange_buckets(x) && rank == r; b++)
            for (size_t i = 0; i < slices[b].count; i += BLOCK)
                owners[(slices[b].first + i) / BLOCK] = 1;
        world_union(test_world, owners, blocks);
        for (size_t block = 0; block < blocks; block++)
            owned += owners[block] == 1;
    }
    ck_assert_all(owned == blocks);
    for (int b = 1; b < exchange_buckets(x); b++)
        ck_assert_uint_eq(slices[b].owned, slices[b - 1].owned + slices[b - 1].count);
    ck_assert_uint_eq(exchange_owned(x) % BLOCK, 0);
    memory_destroy(owners);
    destroy();
}
END_TEST

START_TEST(bucket_of_a_parameter_holds_its_end)
{
    create(_i, false);
    int last = exchange_buckets(x) - 1;

    ck_assert_all(exchange_bucket_of(x, p.count - 1) == last);
    for (int i = 1; i < p.count; i++)
        ck_assert_int_le(exchange_bucket_of(x, i - 1), exchange_bucket_of(x, i));
    /* Tied tensors share a bucket with nothing. */
    ck_assert_int_lt(exchange_bucket_of(x, 0), exchange_bucket_of(x, 1));
    ck_assert_int_lt(exchange_bucket_of(x, 2), exchange_bucket_of(x, 3));
    ck_assert_int_lt(exchange_bucket_of(x, 3), exchange_bucket_of(x, 4));
    ck_assert_int_lt(exchange_bucket_of(x, 4), exchange_bucket_of(x, 5));
    destroy();
}
END_TEST

/* Recorded with one rank: every number of ranks gives the same. */
static const double norms[SHAPES] = {0x1.9f0a3d4624d83p+14, 0x1.de069672b035fp+14,
                                     0x1.0b31d9767a4acp+15, 0x1.23cb432cd631bp+15,
                                     0x1.3a9b743dc830bp+15, 0x1.4ef30deb90833p+15};

START_TEST(norm_is_the_same_on_any_number_of_ranks)
{
    double naive = 0.0;

    create(_i, false);
    reduce(0, false);
    double norm = exchange_norm(x);
    for (size_t at = 0; at < p.floats; at++)
        naive += pow(expected_sum(0, at), 2);
    ck_assert_double_eq_tol(norm, sqrt(naive), 1e-9 * norm);
    ck_assert_msg(norm == norms[_i], "%a", norm);
    destroy();
}
END_TEST

START_TEST(norm_shows_what_is_not_a_number)
{
    create(0, false);
    reduce(0, false);
    if (rank == ranks - 1)
        exchange_gradients(x)[exchange_owned(x) - 1] = NAN;
    ck_assert_all(isnan(exchange_norm(x)));
    if (rank == ranks - 1)
        exchange_gradients(x)[exchange_owned(x) - 1] = -INFINITY;
    ck_assert_all(isinf(exchange_norm(x)));
    destroy();
}
END_TEST

static float value_at(size_t at)
{
    return (float)at + 0.5f;
}

static int wrong_values(const float *values)
{
    int wrong = 0;

    for (size_t at = 0; at < p.floats; at++)
        wrong += values[at] != value_at(at);
    return wrong;
}

static void set_owned(float *owned)
{
    const slice *slices = exchange_slices(x);

    for (int b = 0; b < exchange_buckets(x); b++)
        for (size_t i = 0; i < slices[b].count; i++)
            owned[slices[b].owned + i] = value_at(slices[b].first + i);
}

/* Owned values are set where they stand, all others are wrong. */
static void set_values(void)
{
    const slice *slices = exchange_slices(x);

    for (size_t at = 0; at < p.floats; at++)
        p.values[at] = -1.0f;
    for (int b = 0; b < exchange_buckets(x); b++)
        for (size_t i = slices[b].first; i < slices[b].first + slices[b].count; i++)
            p.values[i] = value_at(i);
}

START_TEST(gathered_values_are_there_when_waited_for)
{
    int late = 0;

    create(_i, false);
    set_values();
    exchange_gather_begin(x);
    for (int i = 0; i < p.count; i++) {
        exchange_gather_wait(x, exchange_bucket_of(x, i));
        for (size_t at = p.list[i].first; at < p.list[i].first + p.list[i].count; at++)
            late += p.values[at] != value_at(at);
    }
    exchange_gather_end(x);
    ck_assert_all(late == 0);
    ck_assert_all(wrong_values(p.values) == 0);
    destroy();
}
END_TEST

START_TEST(slots_are_collected_and_spread)
{
    create(_i, false);
    size_t owned_floats = exchange_owned(x);
    float *owned = memory_create(owned_floats, sizeof(float));
    float *back = memory_create(owned_floats, sizeof(float));
    float *whole = rank == 0 ? memory_create(p.floats, sizeof(float)) : NULL;

    set_owned(owned);
    exchange_collect(x, owned, whole);
    ck_assert_all(rank != 0 || wrong_values(whole) == 0);
    exchange_spread(x, whole, back);
    ck_assert_all(memcmp(back, owned, owned_floats * sizeof(float)) == 0);
    memory_destroy(owned);
    memory_destroy(back);
    memory_destroy(whole);
    destroy();
}
END_TEST

START_TEST(a_step_allocates_nothing)
{
    create(4, true);
    set_gradients(0);
    set_values();
    size_t before = memory_allocations();
    for (int batch = 0; batch < 3; batch++) {
        exchange_begin(x, batch > 0);
        exchange_end(x);
    }
    exchange_norm(x);
    exchange_gather_begin(x);
    exchange_gather_end(x);
    ck_assert_all(memory_allocations() == before);
    destroy();
}
END_TEST

START_TEST(one_rank_copies_no_gradients)
{
    create(0, false);
    ck_assert_all((exchange_gradients(x) == p.gradients) == (ranks == 1));
    destroy();
}
END_TEST

START_TEST(more_ranks_than_grains_are_refused)
{
    exchange *none;

    create(0, false);
    status code = exchange_create(&none, test_world, &p, ranks - 1, BYTES, false);
    ck_assert_all(code == STATUS_CONFIG && none == NULL);
    ck_assert_all(strstr(error_message(), "batch.grains") != NULL);
    destroy();
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    create(5, true);
    for (size_t n = 1; n < 6; n++) {
        exchange *none;

        memory_fail_after(n);
        status code = exchange_create(&none, test_world, &p, grains, BYTES, true);
        memory_fail_after(0);
        ck_assert_all(code == STATUS_NOMEM && none == NULL);
    }
    destroy();
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange");
    TCase *tcase = tcase_create("core");

    tcase_add_loop_test(tcase, sums_have_the_bits_of_the_tree, 0, SHAPES);
    tcase_add_loop_test(tcase, batches_are_added_in_order, 0, SHAPES);
    tcase_add_loop_test(tcase, buckets_nobody_announced_are_summed, 0, SHAPES);
    tcase_add_loop_test(tcase, every_block_has_one_owner, 0, SHAPES);
    tcase_add_loop_test(tcase, bucket_of_a_parameter_holds_its_end, 0, SHAPES);
    tcase_add_loop_test(tcase, norm_is_the_same_on_any_number_of_ranks, 0, SHAPES);
    tcase_add_test(tcase, norm_shows_what_is_not_a_number);
    tcase_add_loop_test(tcase, gathered_values_are_there_when_waited_for, 0, SHAPES);
    tcase_add_loop_test(tcase, slots_are_collected_and_spread, 0, SHAPES);
    tcase_add_test(tcase, a_step_allocates_nothing);
    tcase_add_test(tcase, one_rank_copies_no_gradients);
    tcase_add_test(tcase, more_ranks_than_grains_are_refused);
    tcase_add_test(tcase, lack_of_memory_is_reported);
    suite_add_tcase(suite, tcase);
    return suite;
}
