/* attention_file.c - what a model attended to, written down. */
#include "lockstep/infer/attention_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/model/attended.h"
#include "source_pack.h"

struct attention_file {
    loaded_model *model; /* borrowed */
    store_writer *writer;
    int lines; /* that are in the file */
};

/* ---- begun and ended ---- */

static status check_present(const char *path)
{
    char kind[32];

    TRY(store_kind(path, kind));
    if (strcmp(kind, "attention") == 0)
        return STATUS_OK;
    return fail(STATUS_INPUT, "%s: is a %s of Lockstep's", path, kind);
}

/* Of what is no regular file the writer says so. */
static status check_place(const char *path)
{
    if (!file_is_regular(path))
        return STATUS_OK;
    status result = check_present(path);
    if (result != STATUS_INPUT && result != STATUS_FORMAT)
        return result;
    return fail(STATUS_INPUT,
                "%s; weights of attention replace nothing but older ones: remove it, or name "
                "another file",
                error_message());
}

static status write_head(const attention_file *f)
{
    TRY(store_add_text(f->writer, "format", "lockstep attention"));
    TRY(store_add_number(f->writer, "version", ATTENTION_FILE_VERSION));
    TRY(store_add_text(f->writer, "model", f->model->path));
    return store_add_number(f->writer, "step", f->model->step);
}

status attention_file_create(attention_file **out, const char *path, loaded_model *m)
{
    *out = NULL;
    TRY(check_place(path));
    attention_file *f = memory_create(1, sizeof(*f));

    if (f == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to write it", path);
    f->model = m;
    status result = store_create(&f->writer, path, "attention", ATTENTION_FILE_VERSION);
    if (result == STATUS_OK)
        result = write_head(f);
    if (result != STATUS_OK) {
        attention_file_cancel(f);
        return result;
    }
    *out = f;
    return STATUS_OK;
}

status attention_file_save(attention_file *f)
{
    store_writer *writer = f->writer;

    memory_destroy(f);
    return store_save(writer);
}

void attention_file_cancel(attention_file *f)
{
    if (f == NULL)
        return;
    store_cancel(f->writer);
    memory_destroy(f);
}

/* ---- a line ---- */

/* An output alone, in the arena: symbols, and <end> behind them where `end` says so. */
static packed pack(arena *arena, const int32_t *symbols, size_t count, specials with)
{
    int rows = (int)count + specials_count(with);
    int32_t *ids = arena_push(arena, (size_t)rows, sizeof(*ids));
    int32_t *offsets = arena_push(arena, 2, sizeof(*offsets));

    if (with.begin)
        ids[0] = TOKEN_BEGIN;
    memcpy(ids + with.begin, symbols, count * sizeof(*ids));
    if (with.end)
        ids[rows - 1] = TOKEN_END;
    offsets[0] = 0;
    offsets[1] = rows;
    return packed_one_grain(arena, ids, offsets, 1);
}

static void place(char out[64], const attention_line *line, const char *what)
{
    snprintf(out, 64, "/lines/%" PRId64 "/%s", line->number, what);
}

/* A row of frames begins so many of these after the one before it. */
static double seconds_of(const config *c)
{
    return 1e-3 * c->data.source.hop * c->data.source.stack;
}

/* Where each row of frames begins, in seconds. */
static void push_times(const config *c, arena *arena, const char **texts, size_t count)
{
    enum { SIZE = 32 };

    for (size_t i = 0; i < count; i++) {
        char *text = arena_push(arena, SIZE, 1);
        snprintf(text, SIZE, "%.3f", (double)i * seconds_of(c));
        texts[i] = text;
    }
}

static status write_tokens(const attention_file *f, const attention_line *line,
                           const char *what, dataset_side side, const packed *tokens)
{
    const sides *sides = &f->model->sides;
    arena *arena = &f->model->arena;
    size_t mark = arena_mark(arena), count = (size_t)tokens->rows;
    const char **texts = arena_push(arena, count, sizeof(*texts));
    char name[64];

    if (tokens->frames != NULL)
        push_times(&f->model->config, arena, texts, count);
    else
        for (size_t i = 0; i < count; i++)
            texts[i] = sides_text(sides, side, line->sources, line->pair, tokens->ids[i]);
    place(name, line, what);
    status result = store_add_strings(f->writer, name, texts, count);
    arena_release(arena, mark);
    return result;
}

static status write_weights(const attention_file *f, const attention_line *line,
                            const attended *a, attended_kind kind, int queries, int keys)
{
    uint64_t layers = (uint64_t)a->layers[kind];
    const store_shape shape = {
        STORE_FLOAT, 4, {layers, (uint64_t)a->heads, (uint64_t)queries, (uint64_t)keys}};
    char name[64];

    place(name, line, attended_name(kind));
    TRY(store_add_begin(f->writer, name, shape));
    for (int layer = 0; layer < a->layers[kind]; layer++)
        TRY(store_add_rows(f->writer, attended_weights(a, kind, layer, 0), 1));
    return store_add_end(f->writer);
}

static status write_copying(const attention_file *f, const attention_line *line,
                            const attended *a, int queries, int keys)
{
    const store_shape weights = {STORE_FLOAT, 2, {(uint64_t)queries, (uint64_t)keys}};
    const store_shape gates = {STORE_FLOAT, 1, {(uint64_t)queries}};
    char name[64];

    if (a->copy == NULL)
        return STATUS_OK;
    place(name, line, "copy");
    TRY(store_add(f->writer, name, weights, a->copy));
    place(name, line, "gate");
    return store_add(f->writer, name, gates, a->gates);
}

/* A sentence alone is one tile: threads would wait for one another. Without a decoder nothing
 * is fed. */
static status write_line(const attention_file *f, const attention_line *line,
                         const packed *source, const packed *truth)
{
    const transformer *t = f->model->model;
    bool decodes = transformer_task(t)->decoder != NO_DECODER;
    pass p = {.arena = &f->model->arena, .threads = 1};
    packed fed = decodes ? transformer_feed(t, &p, truth, false).fed : *truth;
    attended a = transformer_attend(t, &p, source, &fed);

    TRY(write_tokens(f, line, "source", SIDE_SOURCE, source));
    TRY(write_tokens(f, line, "target", SIDE_TARGET, truth));
    TRY(write_weights(f, line, &a, ATTENDED_ENCODER, source->rows, source->rows));
    if (!decodes)
        return STATUS_OK;
    TRY(write_tokens(f, line, "fed", SIDE_TARGET, &fed));
    TRY(write_weights(f, line, &a, ATTENDED_DECODER, fed.rows, fed.rows));
    TRY(write_weights(f, line, &a, ATTENDED_CROSS, fed.rows, source->rows));
    return write_copying(f, line, &a, fed.rows, source->rows);
}

status attention_file_add(attention_file *f, const attention_line *line)
{
    const task *task = transformer_task(f->model->model);
    arena *arena = &f->model->arena;
    size_t mark = arena_mark(arena);

    if (f->lines == ATTENTION_FILE_LINES)
        return fail(STATUS_INPUT, "--attention: takes at most %d lines; give it a part of them",
                    ATTENTION_FILE_LINES);
    packed source = source_pack(arena, &f->model->config, line->sources, &line->pair, 1);
    packed truth = pack(arena, line->output, line->output_count,
                        (specials){.end = task->truth_end && line->ended});
    status result = STATUS_OK;

    if (source.rows > 0 && truth.rows > 0) {
        f->lines++;
        result = write_line(f, line, &source, &truth);
    }
    arena_release(arena, mark);
    return result;
}
