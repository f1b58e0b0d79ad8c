/* test_words.c - every word of a key that chooses from a table has a row there. */
#include <string.h>

#include "../config/option.h"
#include "lockstep/decode/search.h"
#include "lockstep/metrics/metric.h"
#include "lockstep/model/task.h"
#include "lockstep/optim/optimizer.h"
#include "lockstep/optim/schedule.h"
#include "unit_check.h"

static const char *optimizer_row(const char *word)
{
    const optimizer_rule *row = optimizer_find(word);
    return row == NULL ? NULL : row->name;
}

static const char *schedule_row(const char *word)
{
    const schedule *row = schedule_find(word);
    return row == NULL ? NULL : row->name;
}

static const char *search_row(const char *word)
{
    const search *row = search_find(word);
    return row == NULL ? NULL : row->name;
}

static const char *task_row(const char *word)
{
    const task *row = task_find(word);
    return row == NULL ? NULL : row->name;
}

/* loss is no metric of outputs: the tally has it. */
static const char *metric_row(const char *word)
{
    const metric *row = metric_find(word);
    if (strcmp(word, "loss") == 0)
        return row == NULL ? word : NULL;
    return row == NULL ? NULL : row->name;
}

static const struct {
    const char *key;
    const char *(*row)(const char *word); /* its name; NULL: there is none */
} tables[] = {{"training.optimizer.name", optimizer_row},
              {"training.schedule.name", schedule_row},
              {"validation.metric", metric_row},
              {"decode.search", search_row},
              {"model.task", task_row}};

START_TEST(test_every_word_has_a_row)
{
    const option *key = option_find(tables[_i].key);
    int words = 0;

    for (const option_choice *choice = key->choices; choice->word != NULL; choice++) {
        const char *name = tables[_i].row(choice->word);
        ck_assert_msg(name != NULL, "%s: no row for %s", key->path, choice->word);
        ck_assert_str_eq(name, choice->word);
        ck_assert_str_eq(config_word(key->path, choice->value), choice->word);
        words++;
    }
    ck_assert_int_gt(words, 0);
}
END_TEST

START_TEST(test_every_metric_has_a_word)
{
    const option *key = option_find("validation.metric");

    for (int m = 0; metric_at(m) != NULL; m++) {
        const option_choice *choice = key->choices;

        while (choice->word != NULL && strcmp(choice->word, metric_at(m)->name) != 0)
            choice++;
        ck_assert_msg(choice->word != NULL, "no word for %s", metric_at(m)->name);
    }
}
END_TEST

START_TEST(test_every_metric_of_a_task_has_a_row)
{
    const option *key = option_find("model.task");

    for (const option_choice *choice = key->choices; choice->word != NULL; choice++) {
        const task *row = task_find(choice->word);

        for (int m = 0; row != NULL && row->metrics[m] != NULL; m++)
            ck_assert_msg(metric_find(row->metrics[m]) != NULL, "%s: no metric %s", row->name,
                          row->metrics[m]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("words");

    tcase_add_loop_test(tests, test_every_word_has_a_row, 0, sizeof(tables) / sizeof(*tables));
    tcase_add_test(tests, test_every_metric_has_a_word);
    tcase_add_test(tests, test_every_metric_of_a_task_has_a_row);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
