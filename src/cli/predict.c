/* predict.c - lockstep predict: an output line for every input line. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "block.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/text_file.h"
#include "lockstep/infer/decoding.h"
#include "lockstep/infer/loaded_model.h"
#include "output.h"
#include "verb.h"

typedef struct predictor {
    world *world;
    loaded_model loaded;
    text_file *input; /* rank 0's, as the output */
    output output;

    block block;
    size_t *sizes;    /* [world_size] bytes of each rank's outputs */
    pair_set sources; /* of the block's lines that can be decoded */
    buffer lines;     /* int32_t: where in the block each of them stands */
    buffer outputs;   /* records of this rank: line, text, 0 byte */
    int64_t written, too_long;
} predictor;

static bool is_first(const predictor *p)
{
    return world_rank(p->world) == 0;
}

/* ---- sources ---- */

static status next_line(void *user, corpus_line *columns, bool *end)
{
    return text_file_next(user, &columns[0].text, &columns[0].size, end);
}

static status is_ready(void *user, double until, bool *ready)
{
    return text_file_ready(user, until, ready);
}

static status add_source(predictor *p, int32_t line)
{
    const corpus_line *text = &p->block.texts[line];
    size_t count, most = (size_t)loaded_model_length(&p->loaded);

    TRY(sides_encode(&p->loaded.sides, SIDE_SOURCE, text, most, &p->sources, &count));
    if (count > most) {
        log_warning("line %lld has %zu tokens, the model takes %zu (data.max_length): its "
                    "output is an empty line",
                    (long long)(p->block.first + line), count, most);
        p->too_long++;
    }
    if (count == 0 || count > most)
        return STATUS_OK;
    TRY(buffer_add(&p->lines, &line, sizeof(line)));
    return pair_set_add(&p->sources);
}

static status add_sources(predictor *p)
{
    pair_set_clear(&p->sources);
    buffer_clear(&p->lines);
    for (int32_t line = 0; line < p->block.lines; line++)
        TRY(add_source(p, line));
    return STATUS_OK;
}

/* ---- outputs ---- */

static status add_output(void *user, const decoded *output)
{
    predictor *p = user;
    int32_t line = ((const int32_t *)(const void *)p->lines.data)[output->pair];

    TRY(buffer_add(&p->outputs, &line, sizeof(line)));
    return buffer_add(&p->outputs, output->text, output->size + 1);
}

static status write_lines(predictor *p, const char *records, size_t size)
{
    const char **texts = memory_create((size_t)p->block.lines, sizeof(*texts));

    if (texts == NULL)
        return fail(STATUS_NOMEM, "no memory for %d outputs", p->block.lines);
    for (size_t at = 0; at < size;) {
        int32_t line;

        memcpy(&line, records + at, sizeof(line));
        texts[line] = records + at + sizeof(line);
        at += sizeof(line) + strlen(texts[line]) + 1;
    }
    for (int i = 0; i < p->block.lines; i++)
        fprintf(p->output.file, "%s\n", texts[i] != NULL ? texts[i] : "");
    memory_destroy(texts);
    p->written += p->block.lines;
    return output_flush(&p->output);
}

/* [collective] What all ranks have decoded, in the order of the lines. */
static status gather(predictor *p)
{
    char *records = NULL;
    size_t total = 0;
    status result =
        world_collect(p->world, p->outputs.data, p->outputs.size, &records, p->sizes);

    if (result == STATUS_OK && is_first(p)) {
        for (int rank = 0; rank < world_size(p->world); rank++)
            total += p->sizes[rank];
        world_work_begin(p->world); /* a reader may take its time */
        result = write_lines(p, records, total);
        world_work_end(p->world);
    }
    memory_destroy(records);
    return world_agree(p->world, result);
}

/* ---- the whole ---- */

static status predict_block(predictor *p)
{
    const decoding d = {.world = p->world,
                        .config = &p->loaded.config,
                        .target = sides_vocabulary(&p->loaded.sides, SIDE_TARGET),
                        .model = p->loaded.model,
                        .arena = &p->loaded.arena};

    buffer_clear(&p->outputs);
    TRY(world_agree(p->world, add_sources(p)));
    TRY(decoding_run(&d, &p->sources, add_output, p));
    TRY(gather(p));
    log_progress("%lld lines", (long long)p->written);
    return STATUS_OK;
}

/* Pairs given in place of sources are decoded all the same: a target may hold a tab. */
static void warn_of_pairs(const predictor *p)
{
    for (int line = 0; line < p->block.lines; line++)
        if (memchr(p->block.texts[line].text, '\t', p->block.texts[line].size) == NULL)
            return;
    log_warning(
        "every line has a tab: all of it is decoded, not the part before the tab; to decode "
        "the sources of pairs give them alone (cut -f1)");
}

static status predict_all(predictor *p)
{
    const block_source from = {
        .user = p->input, .columns = 1, .next = next_line, .ready = is_ready};

    do {
        TRY(block_next(&p->block, p->world, &from));
        if (p->block.lines > 0 && p->block.first == 1)
            warn_of_pairs(p);
        if (p->block.lines > 0)
            TRY(predict_block(p));
    } while (p->block.lines > 0);
    if (p->too_long > 0)
        log_warning("%lld line%s too long and %s an empty output", (long long)p->too_long,
                    p->too_long == 1 ? " was" : "s were", p->too_long == 1 ? "has" : "have");
    return STATUS_OK;
}

/* A named pipe opens when somebody opens its other end. */
static status open_files(predictor *p, const arguments *a)
{
    const char *input = arguments_text(a, "--input");

    world_work_begin(p->world);
    status result = text_file_open(&p->input, input != NULL ? input : "-");
    if (result == STATUS_OK)
        result = output_open(&p->output, arguments_text(a, "--output"));
    world_work_end(p->world);
    return result;
}

static status open_model(predictor *p, const arguments *a)
{
    TRY(loaded_model_open(&p->loaded, p->world, a->operands[0], a->overrides,
                          a->override_count));
    TRY(world_agree(p->world,
                    transformer_pack_in_place(p->loaded.model, p->loaded.config.run.threads)));
    p->sizes = memory_create((size_t)world_size(p->world), sizeof(*p->sizes));
    return world_agree(p->world, p->sizes != NULL
                                     ? STATUS_OK
                                     : fail(STATUS_NOMEM, "no memory for sizes of outputs"));
}

static void free_all(predictor *p)
{
    loaded_model_close(&p->loaded);
    block_free(&p->block);
    pair_set_free(&p->sources);
    buffer_free(&p->lines);
    buffer_free(&p->outputs);
    memory_destroy(p->sizes);
}

static status run(const arguments *a)
{
    predictor p = {.world = a->world};

    status result = open_model(&p, a);
    if (result == STATUS_OK)
        result = world_agree(p.world, is_first(&p) ? open_files(&p, a) : STATUS_OK);
    if (result == STATUS_OK)
        result = predict_all(&p);
    if (result == STATUS_STOPPED && stop_signal() != SIGPIPE)
        log_line("stopped by a signal after %lld line%s%s", (long long)p.written,
                 PLURAL(p.written),
                 p.output.is_file && !p.output.place.in_place ? "; no file was written" : "");
    text_file_close(p.input);
    result = output_close(&p.output, result);
    free_all(&p);
    return result;
}

static const argument_flag flags[] = {
    {"--input", "FILE", "read lines from a file, plain or gzip, not standard input"},
    {"--output", "FILE",
     "write to a file, which appears when all is done; - is standard output"},
    ARGUMENT_SET,
    {0}};

const verb verb_predict = {
    .name = "predict",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .summary = "decode lines with a run's best model, or with a checkpoint",
    .flags = flags,
    .ranks = true,
    .run = run,
};
