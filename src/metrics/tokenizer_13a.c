/* tokenizer_13a.c - the tokenizer of mteval-v13a, sacreBLEU's default.
 *
 * The original is a list of regular expressions, each applied to the whole line
 * from left to right; so it is here, because a match uses up its characters
 * and one merged pass would differ on runs like "a..b". All of them look at
 * ASCII alone, so bytes will do.
 */
#include "tokenizer_13a.h"

#include <string.h>

#include "code_point.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_stop(char c)
{
    return c == '.' || c == ',';
}

/* The ASCII characters, the space with them, but digits, letters and ' , - . */
static bool is_symbol(char c)
{
    return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') ||
           (c >= '(' && c <= '+') || (c >= ':' && c <= '@') || c == '/';
}

static void replace(char *text, const char *from, const char *to)
{
    size_t from_size = strlen(from), to_size = strlen(to);
    char *write = text;

    for (const char *read = text; *read != 0;) {
        if (strncmp(read, from, from_size) == 0) {
            memcpy(write, to, to_size); /* never longer than `from` */
            write += to_size;
            read += from_size;
        } else {
            *write++ = *read++;
        }
    }
    *write = 0;
}

/* How many bytes at `at` the rule replaces, 0 for none, with what in `by`. */
typedef int rewrite(const char *at, char by[4]);

static int set_apart_symbol(const char *at, char by[4])
{
    if (!is_symbol(at[0]))
        return 0;
    memcpy(by, (char[4]){' ', at[0], ' ', 0}, 4);
    return 1;
}

static int set_apart_after_no_digit(const char *at, char by[4])
{
    if (is_digit(at[0]) || !is_stop(at[1]))
        return 0;
    memcpy(by, (char[4]){at[0], ' ', at[1], ' '}, 4);
    return 2;
}

static int set_apart_before_no_digit(const char *at, char by[4])
{
    if (!is_stop(at[0]) || at[1] == 0 || is_digit(at[1]))
        return 0;
    memcpy(by, (char[4]){' ', at[0], ' ', at[1]}, 4);
    return 2;
}

static int set_apart_dash(const char *at, char by[4])
{
    if (!is_digit(at[0]) || at[1] != '-')
        return 0;
    memcpy(by, (char[4]){at[0], ' ', at[1], ' '}, 4);
    return 2;
}

static status apply(buffer *out, const buffer *in, rewrite *rule)
{
    char by[4];

    buffer_clear(out);
    for (const char *at = in->data; *at != 0;) {
        int used = rule(at, by);
        if (used == 0)
            TRY(buffer_add(out, at++, 1));
        else
            TRY(buffer_add(out, by, by[3] == 0 ? 3 : 4));
        at += used;
    }
    return STATUS_OK;
}

/* The line as the rules want it: white space at its end gone, entities undone,
 * a space on both sides. */
static status begin(buffer *out, const char *text)
{
    static const char *const replacements[][2] = {
        {"<skipped>", ""}, {"-\n", ""},   {"\n", " "},   {"&quot;", "\""},
        {"&amp;", "&"},    {"&lt;", "<"}, {"&gt;", ">"},
    };
    const char *end = text;

    for (const char *at = text; *at != 0;) {
        if (!code_point_is_space(code_point_next(&at)))
            end = at;
    }
    TRY(buffer_add(out, " ", 1));
    TRY(buffer_add(out, text, (size_t)(end - text)));
    for (size_t i = 0; i < sizeof(replacements) / sizeof(*replacements); i++)
        replace(out->data + 1, replacements[i][0], replacements[i][1]);
    out->size = strlen(out->data);
    return buffer_add(out, " ", 1);
}

status tokenizer_13a_apply(buffer *out, const char *text)
{
    static rewrite *const rules[] = {
        set_apart_symbol,
        set_apart_after_no_digit,
        set_apart_before_no_digit,
        set_apart_dash,
    };
    buffer other = {0};

    buffer_clear(out);
    status result = begin(out, text);
    for (int r = 0; r < 4 && result == STATUS_OK; r++) {
        buffer swap = *out;
        *out = other;
        other = swap;
        result = apply(out, &other, rules[r]);
    }
    buffer_free(&other);
    return result;
}
