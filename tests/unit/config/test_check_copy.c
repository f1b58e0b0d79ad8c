/* test_check_copy.c - the rules of copying, and of symbols of a user's own. */
#include "loading.h"

START_TEST(symbols_of_a_user)
{
    config c;
    load(&c,
         "run: {folder: r}\ndata: {train: {pairs: t}, valid: {pairs: v}, source: {symbols: "
         "[<sep>, 'a\"\\\\']}}\n",
         NULL);
    ck_assert_str_eq(c.data.source.symbols, "<sep> a\"\\\\");
    ck_assert_ptr_null(c.data.target.symbols);
    config_free(&c);
    load(&c, FILES, "data.source.symbols=[<sep>]");
    ck_assert_str_eq(c.data.source.symbols, "<sep>");
    config_free(&c);
    load(&c, FILES, "data.source.symbols=[]");
    ck_assert_ptr_null(c.data.source.symbols);
    config_free(&c);
    set_refused("data.source.symbols=<sep>",
                "data.source.symbols: give a list of words, such as [a, b]");
    set_refused("data.source.symbols=['x y']",
                "data.source.symbols: a word of a list has white space in it");
    set_refused("data.source.symbols=[x, <end>]",
                "data.source.symbols: <end> is there already, for other uses");
    set_refused("data.target.symbols=[x, y, x]", "data.target.symbols: x stands there twice");
    set_refused("model={width: [1]}", "model.width: a list stands where one value is expected");
    refused(
        "run: {folder: r}\ndata: {train: {pairs: t}, valid: {pairs: v}, source: "
        "{vocabulary: sentencepiece, model: m}}\n",
        "data.source.symbols=[x]",
        "--set data.source.symbols=[x]: data.source.symbols would be ignored: it applies only "
        "when data.source.kind is text and data.source.model is not given; remove it");
    refused(FILES "model: {task: label}\n", "data.target.symbols=[x]",
            "--set data.target.symbols=[x]: data.target.symbols would be ignored: it applies "
            "only when model.task is generate and data.vocabulary is separate and "
            "data.target.model is not given; remove it");
    refused(AUDIO, "data.source.symbols=[x]",
            "--set data.source.symbols=[x]: data.source.symbols would be ignored: it applies "
            "only when data.source.kind is text and data.source.model is not given; remove it");
}
END_TEST

START_TEST(copying)
{
    config c;
    load(&c, FILES, "model.copy=false"); /* characters to words */
    config_free(&c);
    set_refused("model.copy=true",
                "model.copy: true needs data.source and data.target to be text, and both "
                "vocabularies words, or both characters");
    load(&c,
         "run: {folder: r}\nmodel: {copy: true}\ndata: {train: {pairs: t}, valid: {pairs: v}, "
         "source: {vocabulary: words}}\n",
         NULL);
    ck_assert_int_eq(c.model.copy, 1);
    config_free(&c);
    refused(AUDIO, "model.copy=true",
            "--set model.copy=true: model.copy: true needs data.source and data.target to be "
            "text, and both vocabularies words, or both characters");
    refused(FILES "model: {task: tag}\n", "model.copy=true",
            "--set model.copy=true: model.copy would be ignored: it applies only when "
            "model.task is generate and model.decoder is autoregressive; remove it");
    set_refused("model.copy_codes=true", "model.copy_codes would be ignored: it applies only "
                                         "when model.copy is true; remove it");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_copy");
    TCase *tests = tcase_create("check_copy");
    tcase_add_test(tests, symbols_of_a_user);
    tcase_add_test(tests, copying);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
