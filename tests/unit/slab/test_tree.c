/* test_tree.c - partial sums of any split into runs give the tree's bits. */
#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/slab/tree.h"
#include "unit_check.h"

enum { GRAINS = 40 };

/* Numbers of all sizes and both signs, so that another order of additions
 * gives other bits. */
static double leaf_value(int k)
{
    return sin(k * 12.9898 + 1.0) * pow(10.0, (k * 7) % 11 - 5);
}

/* The definition, word for word. */
static double node_value(int level, int number, int total)
{
    if (level == 0)
        return leaf_value(number);

    double left = node_value(level - 1, 2 * number, total);
    if (((2 * number + 1) << (level - 1)) >= total)
        return left;
    return left + node_value(level - 1, 2 * number + 1, total);
}

static float node_value_float(int level, int number, int total)
{
    if (level == 0)
        return (float)leaf_value(number);

    float left = node_value_float(level - 1, 2 * number, total);
    if (((2 * number + 1) << (level - 1)) >= total)
        return left;
    return left + node_value_float(level - 1, 2 * number + 1, total);
}

static int root_level(int total)
{
    int level = 0;

    while ((1 << level) < total)
        level++;
    return level;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* What a rank does with floats: follow the list, with `slots` places. */
static void sum_floats(const tree_run *run, const float *leaves, float *slots)
{
    for (int k = 0; k < run->last - run->first; k++) {
        int top = run->step[k].slot;

        ck_assert_int_lt(top, run->slots);
        slots[top] = leaves[k];
        for (int m = 0; m < run->step[k].merges; m++, top--)
            slots[top - 1] += slots[top];
    }
}

static double sum_by_runs(int total, int ranks)
{
    double nodes[GRAINS];
    int count = 0;
    tree_run run;

    for (int rank = 0; rank < ranks; rank++) {
        double values[GRAINS];
        int first, last;

        tree_split(total, rank, ranks, &first, &last);
        ck_assert_int_eq(tree_run_init(&run, first, last, total), STATUS_OK);
        for (int k = first; k < last; k++)
            values[k - first] = leaf_value(k);
        tree_sum(&run, values, 1);
        for (int i = 0; i < run.nodes; i++)
            nodes[count++] = values[i];
        tree_run_free(&run);
    }
    ck_assert_int_eq(tree_root_init(&run, total, ranks), STATUS_OK);
    ck_assert_int_eq(run.first, 0);
    ck_assert_int_eq(run.last, count);
    ck_assert_int_eq(run.nodes, 1);
    tree_sum(&run, nodes, 1);
    tree_run_free(&run);
    return nodes[0];
}

static float sum_floats_by_runs(int total, int ranks)
{
    float nodes[GRAINS], slots[GRAINS];
    int count = 0;
    tree_run run;

    for (int rank = 0; rank < ranks; rank++) {
        float leaves[GRAINS];
        int first, last;

        tree_split(total, rank, ranks, &first, &last);
        ck_assert_int_eq(tree_run_init(&run, first, last, total), STATUS_OK);
        for (int k = first; k < last; k++)
            leaves[k - first] = (float)leaf_value(k);
        sum_floats(&run, leaves, slots);
        memcpy(nodes + count, slots, (size_t)run.nodes * sizeof(float));
        count += run.nodes;
        tree_run_free(&run);
    }
    ck_assert_int_eq(tree_root_init(&run, total, ranks), STATUS_OK);
    sum_floats(&run, nodes, slots);
    tree_run_free(&run);
    return slots[0];
}

START_TEST(any_split_gives_the_bits_of_the_definition)
{
    for (int total = 1; total <= GRAINS; total++) {
        double whole = node_value(root_level(total), 0, total);
        float whole_float = node_value_float(root_level(total), 0, total);

        for (int ranks = 1; ranks <= total; ranks++) {
            double sum = sum_by_runs(total, ranks);
            float sum_float = sum_floats_by_runs(total, ranks);

            ck_assert_msg(memcmp(&sum, &whole, sizeof(sum)) == 0,
                          "%d grains on %d ranks: %.17g, not %.17g", total, ranks, sum, whole);
            ck_assert_msg(memcmp(&sum_float, &whole_float, sizeof(sum_float)) == 0,
                          "%d grains on %d ranks in float", total, ranks);
        }
    }
}
END_TEST

/* The fewest nodes that cover [first, last), by the definition: at each place
 * the largest node that starts there and does not reach over the end. */
static int fewest_nodes(int first, int last, int total)
{
    int nodes = 0;

    while (first < last) {
        int size = 1;

        while (first % (2 * size) == 0 && size < total &&
               (first + 2 * size <= last || last == total))
            size *= 2;
        first += size;
        nodes++;
    }
    return nodes;
}

START_TEST(nodes_of_a_run_are_maximal)
{
    for (int total = 1; total <= GRAINS; total++)
        for (int first = 0; first <= total; first++)
            for (int last = first; last <= total; last++) {
                tree_run run;

                ck_assert_int_eq(tree_run_init(&run, first, last, total), STATUS_OK);
                ck_assert_int_eq(run.nodes, fewest_nodes(first, last, total));
                tree_run_free(&run);
            }
}
END_TEST

START_TEST(eight_grains_on_three_ranks_hold_two_two_and_one_node)
{
    const int expected[3] = {2, 2, 1};

    for (int rank = 0; rank < 3; rank++) {
        int first, last;
        tree_run run;

        tree_split(8, rank, 3, &first, &last);
        ck_assert_int_eq(tree_run_init(&run, first, last, 8), STATUS_OK);
        ck_assert_int_eq(run.nodes, expected[rank]);
        tree_run_free(&run);
    }
}
END_TEST

START_TEST(whole_run_needs_a_logarithm_of_slots)
{
    tree_run run;

    ck_assert_int_eq(tree_run_init(&run, 0, 32, 32), STATUS_OK);
    ck_assert_int_eq(run.slots, 6);
    ck_assert_int_eq(run.nodes, 1);
    tree_run_free(&run);
}
END_TEST

START_TEST(split_is_contiguous_and_even)
{
    for (int total = 1; total <= GRAINS; total++)
        for (int ranks = 1; ranks <= total + 2; ranks++) {
            int end = 0, longest = 0, previous = total;

            for (int rank = 0; rank < ranks; rank++) {
                int first, last;

                tree_split(total, rank, ranks, &first, &last);
                ck_assert_int_eq(first, end);
                ck_assert_int_le(last - first, previous);
                longest = max_int(longest, last - first);
                previous = last - first;
                end = last;
            }
            ck_assert_int_eq(end, total);
            ck_assert_int_le(longest - previous, 1);
        }
}
END_TEST

START_TEST(empty_run_holds_nothing)
{
    tree_run run;
    double untouched = 3.0;

    ck_assert_int_eq(tree_run_init(&run, 5, 5, 5), STATUS_OK);
    ck_assert_int_eq(run.nodes, 0);
    ck_assert_int_eq(run.slots, 0);
    tree_sum(&run, &untouched, 1);
    ck_assert_double_eq(untouched, 3.0);
    tree_run_free(&run);
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    tree_run run, root;

    memory_fail_after(1);
    status of_run = tree_run_init(&run, 0, 4, 8);
    status of_root = tree_root_init(&root, 8, 3);
    memory_fail_after(0);

    ck_assert_int_eq(of_run, STATUS_NOMEM);
    ck_assert_int_eq(of_root, STATUS_NOMEM);
    ck_assert_ptr_nonnull(strstr(error_message(), "tree"));
    tree_run_free(&run);
    tree_run_free(&root);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tree");
    TCase *tcase = tcase_create("core");

    tcase_add_test(tcase, any_split_gives_the_bits_of_the_definition);
    tcase_add_test(tcase, nodes_of_a_run_are_maximal);
    tcase_add_test(tcase, eight_grains_on_three_ranks_hold_two_two_and_one_node);
    tcase_add_test(tcase, whole_run_needs_a_logarithm_of_slots);
    tcase_add_test(tcase, split_is_contiguous_and_even);
    tcase_add_test(tcase, empty_run_holds_nothing);
    tcase_add_test(tcase, lack_of_memory_is_reported);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}
