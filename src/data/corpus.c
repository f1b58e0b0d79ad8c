/* corpus.c - pairs of lines from one file or two, or of a CoNLL file. */
#include "lockstep/data/corpus.h"

#include <stdio.h>
#include <string.h>

#include "conll.h"
#include "corpus_block.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/text_file.h"

struct corpus {
    text_file *source, *target; /* target NULL: one file, of pairs with a tab or CoNLL */
    bool is_conll;
    conll sentence;
    char name[CORPUS_NAME];
};

/* A file, or what a block has of it. */
static status open_file(text_file **out, const char *path, const corpus_block *block,
                        dataset_side side)
{
    return block == NULL ? text_file_open(out, path)
                         : text_file_open_lines(out, path, block->text[side],
                                                block->sizes[side], block->before);
}

static status open_files(corpus *made, const config_files *files, const corpus_block *block)
{
    const char *single = files->conll != NULL ? files->conll : files->pairs;

    made->is_conll = files->conll != NULL;
    if (block != NULL)
        made->sentence.columns = block->columns;
    if (single != NULL)
        return open_file(&made->source, single, block, SIDE_SOURCE);
    if (files->source == NULL || files->target == NULL)
        return fail(STATUS_CONFIG, "give either pairs, or both source and target");
    TRY(open_file(&made->source, files->source, block, SIDE_SOURCE));
    return open_file(&made->target, files->target, block, SIDE_TARGET);
}

status corpus_open_block(corpus **out, const config_files *files, const corpus_block *block)
{
    corpus *made = memory_create(1, sizeof(*made));

    *out = NULL;
    if (made == NULL)
        return fail(STATUS_NOMEM, "no memory to read a corpus");
    status result = open_files(made, files, block);

    if (result != STATUS_OK) {
        corpus_close(made);
        return result;
    }
    corpus_print_name(files, made->name);
    *out = made;
    return STATUS_OK;
}

status corpus_open(corpus **out, const config_files *files)
{
    return corpus_open_block(out, files, NULL);
}

void corpus_close(corpus *self)
{
    if (self == NULL)
        return;
    text_file_close(self->source);
    text_file_close(self->target);
    conll_free(&self->sentence);
    memory_destroy(self);
}

static status split_pair(const corpus *self, corpus_line *source, corpus_line *target)
{
    const char *line = source->text;
    const char *tab = memchr(line, '\t', source->size);
    size_t left = tab == NULL ? 0 : (size_t)(tab - line);

    if (source->size == 0) {
        *target = *source;
        return STATUS_OK;
    }
    if (tab == NULL)
        return fail(STATUS_INPUT,
                    "%s:%lld: no tab in this line; each line is a source, one tab and a "
                    "target",
                    text_file_path(self->source), (long long)text_file_line(self->source));
    *target = (corpus_line){.text = tab + 1, .size = source->size - left - 1};
    source->size = left;
    if (memchr(target->text, '\t', target->size) != NULL)
        return fail(STATUS_INPUT,
                    "%s:%lld: more than one tab in this line; each line is a source, one "
                    "tab and a target",
                    text_file_path(self->source), (long long)text_file_line(self->source));
    return STATUS_OK;
}

/* Read a file to its end, for the number of its lines. */
static status count_lines(text_file *file)
{
    bool end = false;

    while (!end) {
        const char *line;
        size_t size;

        TRY(text_file_next(file, &line, &size, &end));
    }
    return STATUS_OK;
}

static status explain_lengths(corpus *self)
{
    TRY(count_lines(self->source));
    TRY(count_lines(self->target));
    return fail(STATUS_INPUT,
                "%s has %lld lines and %s has %lld; line by line they must be each other's "
                "source and target",
                text_file_path(self->source), (long long)text_file_line(self->source),
                text_file_path(self->target), (long long)text_file_line(self->target));
}

status corpus_next(corpus *self, corpus_line lines[SIDES], bool *end)
{
    corpus_line *source = &lines[SIDE_SOURCE], *target = &lines[SIDE_TARGET];
    bool target_end;

    if (self->is_conll)
        return conll_next(&self->sentence, self->source, lines, end);
    TRY(text_file_next(self->source, &source->text, &source->size, end));
    if (self->target == NULL)
        return *end ? STATUS_OK : split_pair(self, source, target);
    TRY(text_file_next(self->target, &target->text, &target->size, &target_end));
    return *end == target_end ? STATUS_OK : explain_lengths(self);
}

status corpus_ready(corpus *self, double until, bool *ready)
{
    if (self->is_conll)
        return conll_ready(&self->sentence, self->source, until, ready);
    TRY(text_file_ready(self->source, until, ready));
    return self->target == NULL || !*ready ? STATUS_OK
                                           : text_file_ready(self->target, until, ready);
}

const char *corpus_name(const corpus *self)
{
    return self->name;
}

const char *corpus_print_name(const config_files *files, char out[CORPUS_NAME])
{
    if (files->conll != NULL || files->pairs != NULL)
        snprintf(out, CORPUS_NAME, "%s", files->conll != NULL ? files->conll : files->pairs);
    else
        snprintf(out, CORPUS_NAME, "%s and %s", files->source, files->target);
    return out;
}

status corpus_blame(const corpus *self, status result)
{
    const char *source = text_file_path(self->source);
    long long line =
        (long long)(self->is_conll ? self->sentence.first : text_file_line(self->source));

    if (self->target == NULL)
        return fail_context(result, "%s:%lld", source, line);
    return fail_context(result, "%s:%lld and %s:%lld", source, line,
                        text_file_path(self->target), line);
}

int64_t corpus_pairs(corpus *self)
{
    return self->is_conll ? -1 : text_file_lines(self->source);
}

status corpus_fail_at(const corpus *self, int64_t number, status code)
{
    return fail_context(code, "%s:%lld", text_file_path(self->source), (long long)number);
}
