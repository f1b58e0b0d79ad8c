/* test_option.c - the table itself: rows, sections, nearest keys. */
#include <signal.h>
#include <string.h>

#include "option.h"
#include "unit_check.h"
#include "value.h"

/* What only a slip in the table can break. */
START_TEST(rows_are_well_formed)
{
    int count;
    const option *table = option_table(&count);
    ck_assert_int_gt(count, 50);
    for (int i = 0; i < count; ++i) {
        const option *row = &table[i];
        ck_assert_ptr_eq(option_find(row->path), row);
        ck_assert_uint_lt(strlen(row->path), OPTION_PATH_MAX);
        ck_assert_uint_le(row->offset + row->size, sizeof(config));
        ck_assert_msg(row->help && row->help[strlen(row->help) - 1] == '.',
                      "%s: the help is a sentence", row->path);
        ck_assert_int_eq(row->choices != NULL, row->type == OPTION_CHOICE);
        if (row->type != OPTION_PATH && row->type != OPTION_PATHS && row->type != OPTION_LIST)
            ck_assert_ptr_nonnull(row->initial);
        for (int j = 0; j < i; ++j)
            ck_assert_uint_ne(table[j].offset, row->offset);
    }
}
END_TEST

/* Nothing before `derived` is left without a row, but for padding and what describes audio,
 * which a target never is. */
START_TEST(every_field_has_a_row)
{
    int count;
    const option *table = option_table(&count);
    unsigned char covered[sizeof(config)] = {0};
    for (int i = 0; i < count; ++i)
        memset(covered + table[i].offset, 1, table[i].size);
    size_t audio = offsetof(config, data.target.rate);
    memset(covered + audio, 1, offsetof(config, data.target) + sizeof(config_side) - audio);
    for (size_t at = 0; at < offsetof(config, derived); at += 8) {
        int bytes = 0;
        for (size_t i = 0; i < 8; ++i)
            bytes += covered[at + i];
        ck_assert_msg(bytes >= 4, "no key for the field at byte %zu", at);
    }
}
END_TEST

START_TEST(sections_are_prefixes)
{
    ck_assert(option_is_section("data"));
    ck_assert(option_is_section("training.optimizer"));
    ck_assert(!option_is_section("train"));
    ck_assert(!option_is_section("run.seed"));
    ck_assert_ptr_null(option_find("run"));
    ck_assert_ptr_null(option_find("run.seeds"));
}
END_TEST

START_TEST(words_of_values)
{
    ck_assert_str_eq(config_word("model.norm_position", NORM_PRE), "pre");
    ck_assert_str_eq(config_word("training.schedule.name", SCHEDULE_INVERSE_SQRT),
                     "inverse_sqrt");
    ck_assert_str_eq(config_word("validation.free_running", true), "true");
    ck_assert_str_eq(option_word(option_find("decode.search"), SEARCH_GREEDY), "greedy");
}
END_TEST

/* No values of decode.search; a key that is none, and one that has no words. */
static const struct {
    const char *key;
    int value;
} wordless[] = {{"decode.search", 100}, {"decode.search", -1}, {"decode", 0}, {"run.seed", 0}};

START_TEST(values_without_a_word_abort)
{
    config_word(wordless[_i].key, wordless[_i].value);
}
END_TEST

static void near(const char *path, bool section, const char *expected)
{
    char found[OPTION_PATH_MAX];
    option_nearest(path, section, found);
    ck_assert_str_eq(found, expected);
}

START_TEST(nearest_finds_slips_and_wrong_sections)
{
    near("model.widht", false, "model.width");
    near("model.n_heads", false, "model.heads");
    near("width", false, "model.width");
    near("training.warmup", false, "training.schedule.warmup");
    near("data.source.min_count", false, "data.source.minimum_count");
    near("quite.something", false, "");
    near("modle", true, "model");
    near("training.optimiser", true, "training.optimizer");
    near("nonsense", true, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("option");
    TCase *tests = tcase_create("option");
    tcase_add_test(tests, rows_are_well_formed);
    tcase_add_test(tests, every_field_has_a_row);
    tcase_add_test(tests, sections_are_prefixes);
    tcase_add_test(tests, words_of_values);
    tcase_add_loop_test_raise_signal(tests, values_without_a_word_abort, SIGABRT, 0,
                                     sizeof wordless / sizeof *wordless);
    tcase_add_test(tests, nearest_finds_slips_and_wrong_sections);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
