/* test_tokenizer_13a.c - against sacreBLEU 2.6.0's Tokenizer13a. */
#include "tokenizer_13a.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

/* `text` with runs of spaces as one and none at the ends, in place. */
static void squeeze(char *text)
{
    char *write = text;

    for (char *read = text; *read != 0; read++) {
        if (*read != ' ' || (write != text && write[-1] != ' '))
            *write++ = *read;
    }
    if (write != text && write[-1] == ' ')
        write--;
    *write = 0;
}

static const char *const cases[][2] = {
    {"Hello, world!", "Hello , world !"},
    {"It's 3.14, or 1,000.", "It's 3.14 , or 1,000 ."},
    {"a..b x., 1.,2 5-6 -7", "a . . b x . , 1 . , 2 5 - 6 -7"},
    {"&quot;x&quot; &amp;lt; &gt;", "\" x \" < >"},
    {"(a) [b] {c} #1 50% $3/4 e-mail", "( a ) [ b ] { c } # 1 50 % $ 3 / 4 e-mail"},
    {"one<skipped> two-\nthree\nfour \t", "one twothree four"},
    {"Gr\u00f6\u00dfe.\u201eja\u201c,", "Gr\u00f6\u00dfe . \u201eja\u201c ,"},
    {"\u00a0x\u00a0", "\u00a0x"},
    {"", ""},
};

START_TEST(tokenizes_like_mteval)
{
    buffer out = {0};

    ck_assert_int_eq(tokenizer_13a_apply(&out, cases[_i][0]), STATUS_OK);
    ck_assert_uint_eq(strlen(out.data), out.size);
    squeeze(out.data);
    ck_assert_str_eq(out.data, cases[_i][1]);
    buffer_free(&out);
}
END_TEST

START_TEST(says_when_memory_runs_out)
{
    buffer out = {0};

    memory_fail_after(1);
    status result = tokenizer_13a_apply(&out, "a, b");
    memory_fail_after(0);
    ck_assert_int_eq(result, STATUS_NOMEM);
    buffer_free(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/tokenizer_13a");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, tokenizes_like_mteval, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tests, says_when_memory_runs_out);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
