/* test_document.c - the YAML that is read, and all that is not. */
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

/* Every entry as "line path=text;", with quotes around quoted text, brackets around a list. */
static status note(void *user, const document_entry *entry)
{
    const char *quote = entry->quoted ? "'" : "";
    if (strcmp(entry->path, "refused") == 0)
        return fail(STATUS_CONFIG, "no such key");
    if (entry->list)
        return buffer_add_text(user, "%d %s=[%s];", entry->line, entry->path,
                               entry->text ? entry->text : "");
    if (entry->section)
        return buffer_add_text(user, "%d %s{;", entry->line, entry->path);
    return buffer_add_text(user, "%d %s=%s%s%s;", entry->line, entry->path, quote,
                           entry->text ? entry->text : "NULL", quote);
}

static void expect(const char *base, const char *text, const char *entries)
{
    buffer seen = {0};
    ck_assert_msg(document_load("t.yaml", base, text, note, &seen) == STATUS_OK, "%s",
                  error_message());
    ck_assert_str_eq(seen.data, entries);
    buffer_free(&seen);
}

static void refuse(const char *text, const char *message)
{
    buffer seen = {0};
    ck_assert_int_eq(document_load("t.yaml", NULL, text, note, &seen), STATUS_CONFIG);
    ck_assert_msg(strstr(error_message(), message), "`%s` is not in `%s`", message,
                  error_message());
    buffer_free(&seen);
}

START_TEST(entries_have_path_and_line)
{
    expect(NULL, "# comment\na:\n  b: 1 # one\n  c: {d: x y, e: 'z'}\nf: g\n",
           "2 a{;3 a.b=1;4 a.c{;4 a.c.d=x y;4 a.c.e='z';5 f=g;");
    expect(NULL,
           "\xEF\xBB\xBF"
           "a: \xC3\xA9\r\nb: \"\\u00e9\"\r\n",
           "1 a=\xC3\xA9;2 b='\xC3\xA9';");
}
END_TEST

START_TEST(null_has_many_spellings)
{
    expect(NULL, "a:\nb: ~\nc: null\nd: 'null'\ne: ''\nf: Null\ng: NULL\n",
           "1 a=NULL;2 b=NULL;3 c=NULL;4 d='null';5 e='';6 f=NULL;7 g=NULL;");
}
END_TEST

START_TEST(a_section_may_be_given_at_once)
{
    expect("a.b", "", "1 a.b=NULL;");
    expect("a.b", "{c: 1, d: '2'}", "1 a.b{;1 a.b.c=1;1 a.b.d='2';");
}
END_TEST

static void expect_value(const char *text, const char *entries)
{
    buffer seen = {0};
    ck_assert_msg(document_load_value("t", "a.b", text, note, &seen) == STATUS_OK, "%s",
                  error_message());
    ck_assert_str_eq(seen.data, entries);
    buffer_free(&seen);
}

START_TEST(a_value_stands_for_itself)
{
    static const char *const plain[] = {"3",  "/x/set #2/run", "##", "%%", "&&",     "@@",
                                        "*x", "!!str 1",       "|",  "- ", "{c: 1}", "[x]",
                                        ": ", "a: b",          "?",  " 1", "x\\n",   "#"};
    static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};
    char entries[64];
    for (size_t i = 0; i < sizeof plain / sizeof *plain; ++i) {
        snprintf(entries, sizeof entries, "1 a.b=%s;", plain[i]);
        expect_value(plain[i], entries);
    }
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; ++i)
        expect_value(nothing[i], "1 a.b=NULL;");
    expect_value("\"null\"", "1 a.b='null';");
    expect_value("'it''s # @@'", "1 a.b='it's # @@';");
    buffer seen = {0};
    static const char *const refused[] = {"\"open", "'a' b", "\xff", "\x01"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; ++i)
        ck_assert_int_eq(document_load_value("t", "a.b", refused[i], note, &seen),
                         STATUS_CONFIG);
}
END_TEST

START_TEST(words_may_stand_in_a_list)
{
    expect(NULL, "a: [x, 'y,z']\nb:\n  - \"<s>\"\nc: []\nd: 1\n",
           "1 a=[x\ny,z];2 b=[<s>];4 c=[];5 d=1;");
    expect("a.b", "[x, y]", "1 a.b=[x\ny];");
}
END_TEST

START_TEST(other_yaml_is_refused)
{
    refuse("a: [1, [2]]\n", "t.yaml:1: a: a list");
    refuse("[a, b]\n", "t.yaml:");
    refuse("a: [{b: 1}]\n", "t.yaml:1: a: a mapping stands in a list");
    refuse("a: [\"x\\ny\"]\n", "t.yaml:1: a: an item of a list");
    refuse("a: ['']\n", "t.yaml:1: a: an item of a list");
    refuse("a: &x 1\nb: *x\n", "b: aliases");
    refuse("a: !!str 1\n", "t.yaml:1: a: tags");
    refuse("a: 1\n---\nb: 2\n", "a second document");
    refuse("just words\n", "t.yaml:1: expected `section:`");
    refuse("a: 1\nb: 2\na: 3\n", "t.yaml:3: a: given twice");
    refuse("a: {b: 1}\na: {c: 1}\n", "t.yaml:2: a: given twice");
    refuse("? {a: 1}\n: 2\n", "a mapping cannot be a key");
    refuse("a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", "too deeply");
    refuse("a: \"x\\0y\"\n", "zero byte");
    refuse("a: 1\nrefused: 1\n", "t.yaml:2: no such key");
    refuse("", "t.yaml: holds no keys");
    refuse("# nothing\n", "t.yaml: holds no keys");
    refuse("{}\n", "t.yaml: holds no keys");
}
END_TEST

START_TEST(broken_yaml_names_the_line)
{
    refuse("a: 1\nb: c: d\n", "t.yaml:2: not valid YAML: ");
    refuse("a: 1\n\tb: 2\n", "not valid YAML: ");
    refuse("a:\n  b: 1\n  c: [\n", "t.yaml:");
    refuse("a: 1\nb: \"open\n", "not valid YAML: ");
    refuse("a: 1\nb: \xff\n", "t.yaml:2: not UTF-8");
    refuse("a: \xC0\x80\n", "t.yaml:1: not UTF-8");
    refuse("a: \xED\xA0\x80\n", "t.yaml:1: not UTF-8");
    refuse("a: 1\n\x7f"
           "ELF",
           "t.yaml:2: a control character");
    refuse("a: 1\n\x01", "t.yaml:2: a control character");
}
END_TEST

START_TEST(a_million_characters_end_at_once)
{
    enum { SIZE = 1000000 };
    static const char *const units[] = {"a",   "[",  "{",  "- ",  "a:\n ",
                                        "a: ", "\"", "? ", "&a ", "\n"};
    char *text = memory_create(SIZE + 1, 1);
    for (size_t u = 0; u < sizeof units / sizeof *units; ++u) {
        size_t size = strlen(units[u]);
        for (size_t i = 0; i < SIZE; ++i)
            text[i] = units[u][i % size];
        refuse(text, "t.yaml:");
        ck_assert_uint_lt(strlen(error_message()), 400);
    }
    memory_destroy(text);
}
END_TEST

START_TEST(running_out_of_memory_is_an_answer)
{
    buffer seen = {0};
    memory_fail_after(1);
    status result = document_load("t.yaml", NULL, "a: 1\n", note, &seen);
    memory_fail_after(0);
    ck_assert_int_eq(result, STATUS_NOMEM);
    buffer_free(&seen);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("document");
    TCase *tests = tcase_create("document");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, entries_have_path_and_line);
    tcase_add_test(tests, null_has_many_spellings);
    tcase_add_test(tests, a_section_may_be_given_at_once);
    tcase_add_test(tests, a_value_stands_for_itself);
    tcase_add_test(tests, words_may_stand_in_a_list);
    tcase_add_test(tests, other_yaml_is_refused);
    tcase_add_test(tests, broken_yaml_names_the_line);
    tcase_add_test(tests, a_million_characters_end_at_once);
    tcase_add_test(tests, running_out_of_memory_is_an_answer);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
