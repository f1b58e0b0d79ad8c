/* test_value.c - each type in and out, with its bounds. */
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"
#include "value.h"

/* The value as printed after reading `text` into the key. */
static void reads(const char *path, const char *text, const char *printed)
{
    config c = {0};
    buffer out = {0};
    const option *key = option_find(path);
    ck_assert_msg(value_load(key, &c, text, false) == STATUS_OK, "%s", error_message());
    ck_assert_int_eq(value_add(key, &c, &out), STATUS_OK);
    ck_assert_str_eq(out.data, printed);
    buffer_free(&out);
    value_free(key, &c);
}

static void refuses(const char *path, const char *text, const char *message)
{
    config c = {0}, untouched = {0};
    ck_assert_int_eq(value_load(option_find(path), &c, text, false), STATUS_CONFIG);
    ck_assert_msg(strstr(error_message(), message), "`%s` is not in `%s`", message,
                  error_message());
    ck_assert_mem_eq(&c, &untouched, sizeof c);
}

START_TEST(integers)
{
    reads("model.width", "256", "256");
    reads("run.seed", "9007199254740992", "9007199254740992");
    reads("run.seed", "+7", "7");
    refuses("model.width", "0", "give an integer of at least 1 and at most");
    refuses("model.width", "4294967297", "model.width: `4294967297`");
    refuses("run.seed", "9007199254740993", "at most 9007199254740992");
    refuses("training.steps", "9223372036854775807", "training.steps");
    refuses("run.seed", "99999999999999999999", "run.seed");
    refuses("run.seed", "-1", "run.seed: `-1` is not allowed");
    refuses("model.width", "12.5", "integer");
    refuses("model.width", "0x10", "integer");
    refuses("model.width", "", "integer");
    refuses("model.width", "wide", "integer");
    refuses("model.width", "3 4", "integer");
}
END_TEST

START_TEST(reals)
{
    reads("training.optimizer.epsilon", "1e-9", "1.0e-09");
    reads("training.optimizer.beta1", "0.9", "0.9");
    reads("training.clip_norm", "5", "5.0");
    reads("training.clip_norm", "0.1000000000000000055", "0.1");
    reads("training.clip_norm", "0.30000000000000004", "0.30000000000000004");
    reads("training.clip_norm", "1e300", "1.0e+300");
    refuses("model.dropout", "1", "a number of at least 0 and below 1");
    refuses("model.dropout", "-0.1", "model.dropout");
    refuses("training.schedule.peak", "0", "a number above 0");
    refuses("decode.top_p", "0", "a number above 0");
    refuses("decode.top_p", "1.01", "decode.top_p");
    refuses("decode.temperature", "0", "a number above 0");
    refuses("decode.length_penalty", "-0.1", "decode.length_penalty");
    refuses("training.clip_norm", "1e999", "training.clip_norm");
    refuses("training.clip_norm", "nan", "training.clip_norm");
    refuses("training.clip_norm", ".inf", "training.clip_norm");
    refuses("training.clip_norm", "1.0f", "training.clip_norm");
    refuses("training.clip_norm", "", "training.clip_norm");
}
END_TEST

START_TEST(periods)
{
    reads("checkpoint.every", "1000", "1000");
    reads("checkpoint.every", "9007199254740992", "9007199254740992");
    reads("checkpoint.every", "90s", "90s");
    reads("checkpoint.every", "600s", "10min");
    reads("checkpoint.every", "10 min", "10min");
    reads("checkpoint.every", "120min", "2h");
    reads("checkpoint.every", "61min", "61min");
    reads("checkpoint.every", "8784h", "8784h");
    static const char *const wrong[] = {"0",
                                        "0s",
                                        "-1",
                                        "-1s",
                                        "1.5h",
                                        "min",
                                        "",
                                        "10m",
                                        "10 m",
                                        "10  min",
                                        "10 mins",
                                        "1h30min",
                                        " 5",
                                        "5 ",
                                        "10MIN",
                                        "8785h",
                                        "31622401s",
                                        "9007199254740993",
                                        "99999999999999999999",
                                        "9223372036854775807h",
                                        "1e3",
                                        "0x10"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses("checkpoint.every", wrong[i],
                "is not allowed; give steps, an integer of at "
                "least 1, or a time: 90s, 10min, 2h");
}
END_TEST

START_TEST(a_period_has_one_field)
{
    config c = {0};
    const option *key = option_find("checkpoint.every");
    ck_assert_int_eq(value_load(key, &c, "2h", true), STATUS_OK);
    ck_assert(c.checkpoint.every.steps == 0 && c.checkpoint.every.seconds == 7200);
    ck_assert_int_eq(value_load(key, &c, "7", true), STATUS_CONFIG);
    ck_assert_int_eq(value_load(key, &c, "7", false), STATUS_OK);
    ck_assert(c.checkpoint.every.steps == 7 && c.checkpoint.every.seconds == 0);
    ck_assert_int_eq(value_init(key, &c), STATUS_OK);
    ck_assert(c.checkpoint.every.steps == 1000 && c.checkpoint.every.seconds == 0);
}
END_TEST

START_TEST(choices)
{
    reads("model.tie", "all", "all");
    reads("training.optimizer.nesterov", "true", "true");
    static const char *const spellings[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    for (int i = 0; i < 6; i++)
        reads("validation.free_running", spellings[i], i < 3 ? "true" : "false");
    refuses("validation.free_running", "tRUE", "give false | true");
    refuses("validation.free_running", "yes", "give false | true");
    refuses("model.tie", "None", "give none | target | all");
    refuses("model.tie", "some", "give none | target | all");
    reads("model.task", "label", "label");
    reads("model.decoder", "parallel", "parallel");
    reads("data.source.kind", "audio", "audio");
    refuses("decode.search", "best", "give greedy | beam | sample");
}
END_TEST

START_TEST(texts)
{
    reads("run.folder", "runs/a-b_c.1", "runs/a-b_c.1");
    reads("run.folder", "with space", "\"with space\"");
    reads("run.folder", "5", "\"5\"");
    reads("run.folder", "True", "\"True\"");
    reads("run.folder", "NULL", "\"NULL\"");
    reads("run.folder", "nullable", "nullable");
    reads("run.folder", "a\"b\\c\nd", "\"a\\\"b\\\\c\\x0Ad\"");
    reads("data.source.continuation", "@@", "\"@@\"");
    reads("data.source.continuation", "", "\"\"");
    refuses("run.folder", "", "run.folder: the path is empty");
}
END_TEST

START_TEST(a_quoted_number_is_a_text)
{
    config c = {0};
    ck_assert_int_eq(value_load(option_find("run.seed"), &c, "3", true), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "in quotes"));
    ck_assert_int_eq(value_load(option_find("model.tie"), &c, "all", true), STATUS_OK);
    ck_assert_int_eq(c.model.tie, TIE_ALL);
}
END_TEST

START_TEST(a_new_text_replaces_the_old)
{
    config c = {0};
    const option *key = option_find("run.folder");
    ck_assert(value_is_null(key, &c));
    ck_assert_int_eq(value_load(key, &c, "a", false), STATUS_OK);
    ck_assert_int_eq(value_load(key, &c, "b", false), STATUS_OK);
    ck_assert_str_eq(c.run.folder, "b");
    memory_fail_after(1);
    status result = value_load(key, &c, "c", false);
    memory_fail_after(0);
    ck_assert_int_eq(result, STATUS_NOMEM);
    ck_assert_str_eq(c.run.folder, "b");
    ck_assert_int_eq(value_init(key, &c), STATUS_OK);
    ck_assert_ptr_null(c.run.folder);
}
END_TEST

START_TEST(excerpts_are_short_and_whole)
{
    char out[VALUE_EXCERPT_MAX], text[200];
    ck_assert_str_eq(value_excerpt("a\nb", out), "a?b");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    ck_assert_uint_eq(strlen(value_excerpt(text, out)), 63);
    memcpy(text + 59, "\xC3\xA9", 2); /* cut before, not inside */
    ck_assert_uint_eq(strlen(value_excerpt(text, out)), 62);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value");
    TCase *tests = tcase_create("value");
    tcase_add_test(tests, integers);
    tcase_add_test(tests, reals);
    tcase_add_test(tests, periods);
    tcase_add_test(tests, a_period_has_one_field);
    tcase_add_test(tests, choices);
    tcase_add_test(tests, texts);
    tcase_add_test(tests, a_quoted_number_is_a_text);
    tcase_add_test(tests, a_new_text_replaces_the_old);
    tcase_add_test(tests, excerpts_are_short_and_whole);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
