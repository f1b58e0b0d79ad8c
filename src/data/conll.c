/* conll.c - sentences of a CoNLL file. */
#include "conll.h"

#include "lockstep/text/part.h"

void conll_free(conll *c)
{
    buffer_free(&c->tokens);
    buffer_free(&c->tags);
    *c = (conll){0};
}

static status refuse_columns(const conll *c, const text_file *from, size_t columns)
{
    const char *path = text_file_path(from);
    long long line = (long long)text_file_line(from);

    if (columns == 1)
        return fail(STATUS_INPUT,
                    "%s:%lld: one column in this line; each line is a token, white space and "
                    "its tag, with an empty line between sentences",
                    path, line);
    return fail(STATUS_INPUT,
                "%s:%lld: %zu columns in this line, but %zu in those before it; the first is "
                "a token and the last its tag, without white space inside",
                path, line, columns, c->columns);
}

static status add_column(buffer *to, const part *column)
{
    if (to->size > 0)
        TRY(buffer_add(to, " ", 1));
    return buffer_add(to, column->text, column->size);
}

/* A line of the sentence, or the empty one behind it. */
static status take(conll *c, const text_file *from, const char *line, size_t size)
{
    size_t at = 0, columns = 1;
    part first, last = {0}, found;

    if (!part_next_word(line, size, &at, &first)) {
        c->whole = c->tokens.size > 0;
        return STATUS_OK;
    }
    for (; part_next_word(line, size, &at, &found); columns++)
        last = found;
    if (columns == 1 || (c->columns > 0 && columns != c->columns))
        return refuse_columns(c, from, columns);
    c->columns = columns;
    if (c->tokens.size == 0)
        c->first = text_file_line(from);
    TRY(add_column(&c->tokens, &first));
    return add_column(&c->tags, &last);
}

/* Read on to the end of a sentence; as far as it comes without a wait that is longer than until
 * `*until`, where that is not NULL. */
static status collect(conll *c, text_file *from, const double *until, bool *waits)
{
    bool ready = true;
    const char *line;
    size_t size;

    if (c->given) {
        buffer_clear(&c->tokens);
        buffer_clear(&c->tags);
        c->whole = c->given = false;
    }
    *waits = false;
    while (!c->whole && !c->ended) {
        if (until != NULL)
            TRY(text_file_ready(from, *until, &ready));
        *waits = !ready;
        if (*waits)
            return STATUS_OK;
        TRY(text_file_next(from, &line, &size, &c->ended));
        if (!c->ended)
            TRY(take(c, from, line, size));
    }
    return STATUS_OK;
}

status conll_next(conll *c, text_file *from, corpus_line lines[SIDES], bool *end)
{
    bool waits;

    TRY(collect(c, from, NULL, &waits));
    *end = c->tokens.size == 0;
    c->given = true;
    lines[SIDE_SOURCE] = (corpus_line){.text = c->tokens.data, .size = c->tokens.size};
    lines[SIDE_TARGET] = (corpus_line){.text = c->tags.data, .size = c->tags.size};
    return STATUS_OK;
}

status conll_ready(conll *c, text_file *from, double until, bool *ready)
{
    bool waits;

    TRY(collect(c, from, &until, &waits));
    *ready = !waits;
    return STATUS_OK;
}
