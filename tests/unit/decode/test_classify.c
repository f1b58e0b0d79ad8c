/* test_classify.c - labels and tags of many sources, against each source alone. */
#include <math.h>

#include "toy.h"

enum { SYMBOLS = 11, CLASSES = SYMBOLS - TOKEN_SPECIALS };

static int32_t marks[TOY_ROWS];
static packed asked;

static void create(int task)
{
    toy_open_classifier(task, SYMBOLS);
    for (int r = 0; r < t.offsets[TOY_SEQUENCES]; r++)
        marks[r] = r % 3 == 1 ? -1 : 0;
}

/* Sources [first, first + count). */
static search_result run(int first, int count, int n_best)
{
    pass pass = {.arena = &t.memory, .threads = 1};
    int32_t *offsets = arena_push(&t.memory, (size_t)count + 1, sizeof(*offsets));
    const search *found = search_find("classify");
    search_options options = {.n_best = n_best};
    search_result result;

    ck_assert_ptr_nonnull(found);
    for (int s = 0; s <= count; s++)
        offsets[s] = t.offsets[first + s] - t.offsets[first];
    packed source = packed_one_grain(&t.memory, t.ids + t.offsets[first], offsets, count);
    asked = packed_one_grain(&t.memory, marks + t.offsets[first], offsets, count);
    if (transformer_task(t.model)->output == OUTPUT_TAGS)
        options.asked = &asked;
    found->run(t.model, &pass, &source, t.numbers, &options, NULL, &result);
    return result;
}

static void same(const search_output *a, const search_output *b)
{
    ck_assert_int_eq(a->count, b->count);
    ck_assert_mem_eq(a->ids, b->ids, (size_t)a->count * sizeof(*a->ids));
    ck_assert_double_eq(a->score, b->score);
    ck_assert(a->ended && b->ended);
}

START_TEST(labels_are_all_there_and_best_first)
{
    create(TASK_LABEL);
    search_result all = run(0, TOY_SEQUENCES, 100), best = run(0, TOY_SEQUENCES, 1);

    ck_assert_int_eq(all.each, CLASSES);
    ck_assert_int_eq(best.each, 1);
    for (int s = 0; s < TOY_SEQUENCES; s++) {
        const search_output *list = &all.list[s * CLASSES];
        bool seen[SYMBOLS] = {false};
        double sum = 0.0;

        for (int n = 0; n < CLASSES; n++) {
            ck_assert_int_eq(list[n].count, 1);
            ck_assert(list[n].ids[0] >= TOKEN_SPECIALS && !seen[list[n].ids[0]]);
            seen[list[n].ids[0]] = true;
            ck_assert(n == 0 || list[n].score <= list[n - 1].score);
            sum += exp(list[n].score);
        }
        ck_assert_double_eq_tol(sum, 1.0, 1e-5);
        same(&list[0], &best.list[s]);
    }
    toy_close();
}
END_TEST

START_TEST(tags_stand_where_they_are_asked_for)
{
    create(TASK_TAG);
    search_result all = run(0, TOY_SEQUENCES, 1);

    for (int s = 0; s < TOY_SEQUENCES; s++) {
        int words = 0;

        for (int r = t.offsets[s]; r < t.offsets[s + 1]; r++)
            words += marks[r] == 0;
        ck_assert_int_eq(all.list[s].count, words);
        ck_assert(all.list[s].score < 0.0 || words == 0);
        for (int i = 0; i < words; i++)
            ck_assert_int_ge(all.list[s].ids[i], TOKEN_SPECIALS);
    }
    toy_close();
}
END_TEST

START_TEST(an_output_depends_on_its_source_alone)
{
    create(_i == 0 ? TASK_LABEL : TASK_TAG);
    search_result all = run(0, TOY_SEQUENCES, 1);

    for (int s = 0; s < TOY_SEQUENCES; s++) {
        search_result alone = run(s, 1, 1);

        same(&all.list[s], &alone.list[0]);
    }
    toy_close();
}
END_TEST

/* A model that has diverged gives no label, and does not crash. */
START_TEST(no_numbers_are_unknown)
{
    create(_i == 0 ? TASK_LABEL : TASK_TAG);
    parameters *p = transformer_parameters(t.model);
    parameters_values(p, parameters_find(p, "classifier.bias"))[0] = NAN;
    for (int c = 1; c < CLASSES; c++)
        parameters_values(p, parameters_find(p, "classifier.bias"))[c] = NAN;
    search_result all = run(0, TOY_SEQUENCES, 1);

    for (int s = 0; s < TOY_SEQUENCES; s++)
        for (int i = 0; i < all.list[s].count; i++)
            ck_assert_int_eq(all.list[s].ids[i], TOKEN_UNK);
    toy_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode/classify");
    TCase *tests = tcase_create("classify");

    tcase_add_test(tests, labels_are_all_there_and_best_first);
    tcase_add_test(tests, tags_stand_where_they_are_asked_for);
    tcase_add_loop_test(tests, an_output_depends_on_its_source_alone, 0, 2);
    tcase_add_loop_test(tests, no_numbers_are_unknown, 0, 2);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
