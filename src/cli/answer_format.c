/* answer_format.c - in which format outputs are asked for. */
#include <string.h>

#include "answer.h"

/* False when `word` is none of them. */
static bool find(const char *word, answer_format *out)
{
    static const char *const names[] = {
        [ANSWER_TEXT] = "text", [ANSWER_TSV] = "tsv", [ANSWER_PIECES] = "pieces"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(word, names[i]) == 0) {
            *out = (answer_format)i;
            return true;
        }
    return false;
}

const char *answer_output(const arguments *a)
{
    const char *path = arguments_text(a, "--output");
    answer_format unused;

    return path != NULL && find(path, &unused) ? "-" : path;
}

status answer_format_read(const arguments *a, answer_format *out)
{
    const char *format = arguments_text(a, "--format"), *path = arguments_text(a, "--output");
    answer_format of_output;

    if (format != NULL && !find(format, out))
        return fail(STATUS_USAGE, "option --format: `%s` is none of text, tsv and pieces",
                    format);
    if (path == NULL || !find(path, &of_output))
        return STATUS_OK;
    if (format != NULL && *out != of_output)
        return fail(STATUS_USAGE,
                    "options --format %s and --output %s: two formats; a file of that name is "
                    "./%s",
                    format, path, path);
    *out = of_output;
    return STATUS_OK;
}

status answer_format_check(answer_format format, task_output output)
{
    if (format != ANSWER_PIECES || output == OUTPUT_SEQUENCE)
        return STATUS_OK;
    return fail(STATUS_USAGE,
                "--format pieces: a label or tags are not put together of pieces; take text or "
                "tsv");
}
