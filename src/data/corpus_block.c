/* corpus_block.c - runs of pairs as their lines stand there. */
#define _GNU_SOURCE /* memrchr */
#include "corpus_block.h"

#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/utf8.h"
#include "lockstep/text/part.h"
#include "text_source.h"

enum { STEP = 64 << 10 };

/* Of one file: what was read and not yet cut. */
typedef struct input {
    text_source *source; /* NULL: there is none */
    buffer text;
    size_t cut; /* bytes at its beginning that the last block has */
    uint64_t size;
    bool ended;
} input;

struct corpus_cutter {
    input inputs[SIDES];
    bool is_conll;
    int64_t lines; /* in front of the next block */
    uint64_t columns;
};

/* ---- as text ---- */

status corpus_block_save(const corpus_block *block, buffer *out)
{
    TRY(buffer_add(out, block, sizeof(*block)));
    for (int side = 0; side < SIDES; side++)
        TRY(buffer_add(out, block->text[side], block->sizes[side]));
    return STATUS_OK;
}

corpus_block corpus_block_load(const char *saved)
{
    corpus_block block;

    memcpy(&block, saved, sizeof(block));
    block.text[SIDE_SOURCE] = saved + sizeof(block);
    block.text[SIDE_TARGET] = block.text[SIDE_SOURCE] + block.sizes[SIDE_SOURCE];
    return block;
}

/* ---- open and closed ---- */

static status open_input(input *in, const char *path)
{
    TRY(text_source_open(&in->source, path));
    if (!file_is_regular(path))
        return STATUS_OK;
    return file_size(path, &in->size);
}

static status open_inputs(corpus_cutter *made, const config_files *files)
{
    made->is_conll = files->conll != NULL;
    if (made->is_conll || files->pairs != NULL)
        return open_input(&made->inputs[SIDE_SOURCE],
                          made->is_conll ? files->conll : files->pairs);
    if (files->source == NULL || files->target == NULL)
        return fail(STATUS_CONFIG, "give either pairs, or both source and target");
    TRY(open_input(&made->inputs[SIDE_SOURCE], files->source));
    return open_input(&made->inputs[SIDE_TARGET], files->target);
}

status corpus_cutter_open(corpus_cutter **out, const config_files *files)
{
    corpus_cutter *made = memory_create(1, sizeof(*made));

    *out = NULL;
    if (made == NULL)
        return fail(STATUS_NOMEM, "no memory to read a corpus");
    status result = open_inputs(made, files);

    if (result != STATUS_OK) {
        corpus_cutter_close(made);
        return result;
    }
    *out = made;
    return STATUS_OK;
}

void corpus_cutter_close(corpus_cutter *self)
{
    if (self == NULL)
        return;
    for (int side = 0; side < SIDES; side++) {
        text_source_close(self->inputs[side].source);
        buffer_free(&self->inputs[side].text);
    }
    memory_destroy(self);
}

/* ---- reading ---- */

/* Until there are so many bytes, or no more. */
static status fill(input *in, size_t least)
{
    size_t got;

    while (!in->ended && in->text.size < least) {
        TRY(buffer_reserve(&in->text, STEP));
        TRY(text_source_read(in->source, in->text.data + in->text.size, STEP, &got));
        in->text.size += got;
        in->ended = got == 0;
    }
    return STATUS_OK;
}

/* Forget what the last block had. */
static void drop(input *in)
{
    if (in->cut == 0)
        return;
    in->text.size -= in->cut;
    memmove(in->text.data, in->text.data + in->cut, in->text.size);
    in->cut = 0;
}

static int64_t count_lines(const char *text, size_t size)
{
    const char *end = text + size, *newline;
    int64_t lines = 0;

    for (const char *at = text; at < end; at = newline + 1, lines++) {
        newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return lines + 1;
    }
    return lines;
}

/* Those that are there from their beginning to their end. */
static int64_t whole_lines(const input *in)
{
    const char *text = in->text.data;
    size_t size = in->text.size;
    bool part = !in->ended && size > 0 && text[size - 1] != '\n';

    return count_lines(text, size) - part;
}

/* ---- CoNLL ---- */

/* As conll.c has it: no column in it. A line that is no UTF-8 is not. */
static bool is_blank(const char *line, size_t size)
{
    size_t at = 0;
    part word;

    if (size > 0 && (unsigned char)line[0] > ' ' && (unsigned char)line[0] < 0x80)
        return false;
    return utf8_check(line, size) == size && !part_next_word(line, size, &at, &word);
}

/* Behind the last line that `is` says yes to; 0 where there is none. */
static size_t find_last(const buffer *text, bool (*is)(const char *line, size_t size))
{
    size_t end = text->size;

    while (end > 0) {
        const char *newline = memrchr(text->data, '\n', end);
        if (newline == NULL)
            return 0;
        size_t last = (size_t)(newline - text->data);
        const char *before = memrchr(text->data, '\n', last);
        size_t first = before == NULL ? 0 : (size_t)(before - text->data) + 1;

        if (is(text->data + first, last - first))
            return last + 1;
        end = first;
    }
    return 0;
}

static uint64_t count_columns(const char *line, size_t size)
{
    uint64_t columns = 0;
    size_t at = 0;
    part word;

    if (utf8_check(line, size) == size)
        while (part_next_word(line, size, &at, &word))
            columns++;
    return columns;
}

/* Those of the first line that has any. */
static uint64_t find_columns(const char *text, size_t size)
{
    uint64_t columns = 0;

    for (size_t at = 0; at < size && columns == 0;) {
        const char *newline = memchr(text + at, '\n', size - at);
        size_t length = newline == NULL ? size - at : (size_t)(newline - text) - at;

        columns = count_columns(text + at, length);
        at += length + 1;
    }
    return columns;
}

/* ---- cutting ---- */

static bool is_any(const char *line, size_t size)
{
    (void)line;
    (void)size;
    return true;
}

static status cut_one(corpus_cutter *self)
{
    input *in = &self->inputs[SIDE_SOURCE];

    for (size_t least = CORPUS_BLOCK_BYTES; in->cut == 0; least *= 2) {
        TRY(fill(in, least));
        in->cut = in->ended ? in->text.size
                            : find_last(&in->text, self->is_conll ? is_blank : is_any);
        if (in->ended)
            return STATUS_OK;
    }
    return STATUS_OK;
}

/* Behind so many lines, which are there. */
static size_t find_end(const buffer *text, int64_t lines)
{
    size_t at = 0;

    for (; lines > 0; lines--) {
        const char *newline = memchr(text->data + at, '\n', text->size - at);
        if (newline == NULL)
            return text->size;
        at = (size_t)(newline - text->data) + 1;
    }
    return at;
}

static status fill_lines(input *in, int64_t *lines)
{
    size_t least = CORPUS_BLOCK_BYTES / 2;

    for (*lines = 0; *lines == 0; least *= 2) {
        TRY(fill(in, least));
        *lines = whole_lines(in);
        if (in->ended)
            return STATUS_OK;
    }
    return STATUS_OK;
}

static status cut_two(corpus_cutter *self)
{
    int64_t lines[SIDES], both;

    for (int side = 0; side < SIDES; side++)
        TRY(fill_lines(&self->inputs[side], &lines[side]));
    both = lines[SIDE_SOURCE] < lines[SIDE_TARGET] ? lines[SIDE_SOURCE] : lines[SIDE_TARGET];
    if (both == 0 && lines[SIDE_SOURCE] != lines[SIDE_TARGET])
        return fail(STATUS_INPUT, "the files have different numbers of lines");
    for (int side = 0; side < SIDES; side++)
        self->inputs[side].cut = find_end(&self->inputs[side].text, both);
    return STATUS_OK;
}

status corpus_cutter_next(corpus_cutter *self, corpus_block *out)
{
    const input *source = &self->inputs[SIDE_SOURCE];

    for (int side = 0; side < SIDES; side++)
        drop(&self->inputs[side]);
    TRY(self->inputs[SIDE_TARGET].source == NULL ? cut_one(self) : cut_two(self));
    *out = (corpus_block){.before = self->lines, .columns = self->columns};
    for (int side = 0; side < SIDES; side++) {
        out->text[side] = self->inputs[side].text.data;
        out->sizes[side] = self->inputs[side].cut;
    }
    self->lines += count_lines(source->text.data, source->cut);
    if (self->is_conll && self->columns == 0)
        self->columns = find_columns(source->text.data, source->cut);
    return STATUS_OK;
}

double corpus_cutter_share(const corpus_cutter *self)
{
    double read = 0.0, size = 0.0;

    for (int side = 0; side < SIDES; side++) {
        const input *in = &self->inputs[side];
        if (in->source == NULL)
            continue;
        if (in->size == 0)
            return -1.0;
        read += (double)text_source_place(in->source);
        size += (double)in->size;
    }
    return read < size ? read / size : 1.0;
}
