/* arguments.c - operands and flags out of the command line. */
#include "arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/config/nearest.h"

static int flag_count(const argument_flag *flags)
{
    int count = 0;
    while (flags[count].name)
        ++count;
    return count;
}

/* The flag that `word` names, up to its end or a '='; -1 when there is none. */
static int find_flag(const argument_flag *flags, const char *word)
{
    size_t size = strcspn(word, "=");
    for (int i = 0; flags[i].name; ++i)
        if (strlen(flags[i].name) == size && strncmp(flags[i].name, word, size) == 0)
            return i;
    return -1;
}

static status refuse_flag(const argument_flag *flags, const char *word)
{
    nearest near;
    nearest_init(&near, word);
    for (int i = 0; flags[i].name; ++i)
        nearest_add(&near, flags[i].name);
    if (near.best)
        return fail(STATUS_USAGE, "unknown option %s; did you mean %s?", word, near.best);
    return fail(STATUS_USAGE, "unknown option %s; --help lists all", word);
}

/* One flag at words[*at]; moves *at past a value in a word of its own. */
static status add_flag(arguments *a, int count, char *const *words, int *at)
{
    const char *word = words[*at], *value = strchr(word, '=');
    int flag = find_flag(a->flags, word);
    if (flag < 0)
        return refuse_flag(a->flags, word);
    const char *name = a->flags[flag].name;
    if (!a->flags[flag].value) {
        if (value)
            return fail(STATUS_USAGE, "option %s takes no value", name);
        a->values[flag] = "";
        if (strcmp(name, "--skip-bad") == 0)
            a->overrides[a->override_count++] = "data.skip_bad=true";
        return STATUS_OK;
    }
    if (value)
        ++value;
    else if (*at + 1 < count)
        value = words[++*at];
    else
        return fail(STATUS_USAGE, "option %s needs a value: %s %s", name, name,
                    a->flags[flag].value);
    if (strcmp(a->flags[flag].value, "FILE") == 0 && strncmp(value, "~/", 2) == 0)
        return fail(STATUS_USAGE,
                    "option %s: %s: the shell does not expand ~ after a =; write %s %s, or the "
                    "whole path",
                    name, value, name, value);
    a->values[flag] = value;
    if (strcmp(name, "--set") == 0)
        a->overrides[a->override_count++] = value;
    return STATUS_OK;
}

static status create_lists(arguments *a, int count)
{
    size_t words = (size_t)count, flags = (size_t)flag_count(a->flags);
    a->operands = memory_create(words, sizeof *a->operands);
    a->overrides = memory_create(words, sizeof *a->overrides);
    a->values = memory_create(flags, sizeof *a->values);
    if (!a->operands || !a->overrides || !a->values)
        return fail(STATUS_NOMEM, "no memory for the command line");
    return STATUS_OK;
}

status arguments_init(arguments *out, const argument_flag *flags, int count, char *const *words)
{
    *out = (arguments){.flags = flags};
    TRY(create_lists(out, count));
    bool literal = false;
    for (int i = 0; i < count; ++i) {
        if (literal || words[i][0] != '-' || !words[i][1])
            out->operands[out->operand_count++] = words[i];
        else if (strcmp(words[i], "--") == 0)
            literal = true;
        else
            TRY(add_flag(out, count, words, &i));
    }
    return STATUS_OK;
}

void arguments_free(arguments *a)
{
    memory_destroy(a->operands);
    memory_destroy(a->overrides);
    memory_destroy(a->values);
    *a = (arguments){0};
}

const char *arguments_text(const arguments *a, const char *flag)
{
    int i = find_flag(a->flags, flag);
    CHECK(i >= 0);
    return a->values[i];
}

bool arguments_has(const arguments *a, const char *flag)
{
    return arguments_text(a, flag) != NULL;
}

status arguments_integer(const arguments *a, const char *flag, int64_t low, int64_t high,
                         int64_t *out)
{
    const char *text = arguments_text(a, flag);
    if (!text)
        return STATUS_OK;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!*text || *end || errno || value < low || value > high)
        return fail(STATUS_USAGE, "option %s: `%s` is no integer from %lld to %lld", flag, text,
                    (long long)low, (long long)high);
    *out = value;
    return STATUS_OK;
}
