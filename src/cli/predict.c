/* predict.c - lockstep predict: an output line for every input line. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "line_sources.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/text_file.h"
#include "lockstep/infer/attention_file.h"
#include "lockstep/infer/decoding.h"
#include "lockstep/infer/loaded_model.h"
#include "output.h"
#include "pace.h"
#include "verb.h"

typedef struct predictor {
    world *world;
    loaded_model loaded;
    answer_format format;
    text_file *input; /* rank 0's, as what is written */
    output output;
    attention_file *attention; /* NULL: not asked for */
    pace pace;
    bool typed; /* the input, by a person */

    int each; /* outputs of a line */
    block block;
    size_t *sizes;    /* [world_size] bytes of each rank's outputs */
    pair_set sources; /* of the block's lines that can be decoded */
    buffer lines;     /* int32_t: where in the block each of them stands */
    buffer numbers;   /* int64_t: which line of the input each of them is */
    buffer outputs;   /* this rank's, as answer_pack makes them */
    int64_t written, too_long;
    line_sources reading;
    status failure; /* of the first source that cannot be read */
    char message[1024];
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
    size_t count, most = (size_t)loaded_model_length(&p->loaded);

    TRY(line_sources_put(&p->reading, &p->block, line, most, &p->sources, &count));
    if (count > most) {
        log_warning("line %lld has %zu %s, the model takes %zu (data.max_length): its "
                    "output is an empty line",
                    (long long)(p->block.first + line), count,
                    sides_are_audio(&p->loaded.sides, SIDE_SOURCE) ? "rows" : "tokens", most);
        p->too_long++;
    }
    if (count == 0 || count > most)
        return STATUS_OK;
    int64_t number = p->block.first + line;
    TRY(buffer_add(&p->lines, &line, sizeof(line)));
    TRY(buffer_add(&p->numbers, &number, sizeof(number)));
    return pair_set_add(&p->sources);
}

/* Of a source that cannot be read: the lines in front of it come first. */
static void leave_out(predictor *p, int32_t line, status result)
{
    p->failure = result;
    snprintf(p->message, sizeof(p->message), "%s", error_message());
    p->block.lines = line;
}

static status add_sources(predictor *p)
{
    pair_set_clear(&p->sources);
    buffer_clear(&p->lines);
    buffer_clear(&p->numbers);
    for (int32_t line = 0; line < p->block.lines; line++) {
        status result = add_source(p, line);
        if (result == STATUS_INPUT)
            leave_out(p, line, result);
        else if (result != STATUS_OK)
            return result;
    }
    return STATUS_OK;
}

/* ---- outputs ---- */

static int32_t line_of(const predictor *p, int64_t pair)
{
    return ((const int32_t *)(const void *)p->lines.data)[pair];
}

static status add_output(void *user, const decoded *output)
{
    predictor *p = user;

    return answer_pack(&p->outputs, line_of(p, output->pair), output);
}

static status add_attention(predictor *p, const answers *all)
{
    for (int64_t pair = 0; pair < p->sources.pairs; pair++) {
        int32_t line = line_of(p, pair);
        const answer *best = &all->list[line * all->each];
        attention_line one = {.number = p->block.first + line,
                              .sources = &p->sources,
                              .pair = pair,
                              .output = best->ids,
                              .output_count = (size_t)best->count,
                              .ended = best->ended};

        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped by signal %d", stop_signal());
        if (best->text != NULL)
            TRY(attention_file_add(p->attention, &one));
    }
    return STATUS_OK;
}

static status write_all(predictor *p, const answers *all)
{
    const answer_style style = {p->format, transformer_task(p->loaded.model)->output,
                                &p->loaded.sides, &p->sources};

    answers_print(all, &style, &p->block, p->output.file);
    p->written += p->block.lines;
    TRY(output_flush(&p->output));
    return p->attention == NULL ? STATUS_OK : add_attention(p, all);
}

static status write_records(predictor *p, const char *records, size_t size)
{
    answers all = {0};
    status result = answers_unpack(&all, p->block.lines, p->each, records, size);

    if (result == STATUS_OK)
        result = write_all(p, &all);
    answers_free(&all);
    return result;
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
        result = write_records(p, records, total);
        world_work_end(p->world);
    }
    memory_destroy(records);
    return world_agree(p->world, result);
}

/* ---- the whole ---- */

static void show_pace(void *user, int64_t done, int64_t of)
{
    const predictor *p = user;

    (void)of; /* of the block */
    pace_show(&p->pace, p->written + done);
}

static status predict_block(predictor *p)
{
    decoding d = {.world = p->world,
                  .config = &p->loaded.config,
                  .sides = &p->loaded.sides,
                  .model = p->loaded.model,
                  .arena = &p->loaded.arena,
                  .unscored = p->format != ANSWER_TSV,
                  .n_best = p->each,
                  .show = show_pace};

    buffer_clear(&p->outputs);
    TRY(line_sources_read(&p->reading, &p->block));
    TRY(world_agree(p->world, add_sources(p)));
    d.numbers = (const int64_t *)(const void *)p->numbers.data;
    TRY(decoding_run(&d, &p->sources, add_output, p));
    TRY(gather(p));
    pace_show(&p->pace, p->written);
    return p->failure == STATUS_OK ? STATUS_OK
                                   : world_agree(p->world, fail(p->failure, "%s", p->message));
}

static status predict_all(predictor *p)
{
    const block_source from = {.user = p->input,
                               .columns = 1,
                               .lines = line_sources_lines(&p->reading),
                               .next = next_line,
                               .ready = is_ready};

    do {
        TRY(block_next(&p->block, p->world, &from));
        if (p->block.lines > 0 && p->block.first == 1)
            line_sources_warn_of_pairs(&p->block);
        if (p->block.lines > 0)
            TRY(predict_block(p));
    } while (p->block.lines > 0);
    if (p->too_long > 0)
        log_warning("%lld line%s too long and %s an empty output", (long long)p->too_long,
                    p->too_long == 1 ? " was" : "s were", p->too_long == 1 ? "has" : "have");
    if (p->reading.bad > 0)
        log_warning("%lld file%s cannot be read and %s an empty output",
                    (long long)p->reading.bad, PLURAL(p->reading.bad),
                    p->reading.bad == 1 ? "has" : "have");
    if (p->written > 0 && !p->typed)
        pace_end(&p->pace, p->written);
    return STATUS_OK;
}

/* ---- what was asked ---- */

static status check_attention(const arguments *a)
{
    const char *path = arguments_text(a, "--attention");
    const char *output = arguments_text(a, "--output");

    if (path != NULL && strcmp(path, "-") == 0)
        return fail(STATUS_USAGE, "option --attention: needs a file, not standard output");
    if (path != NULL && output != NULL && strcmp(path, output) == 0)
        return fail(STATUS_USAGE, "options --attention and --output: %s cannot be both", path);
    return STATUS_OK;
}

/* A live line would stand among what a person types, or reads on the same terminal. */
static pace begin_pace(const predictor *p)
{
    bool live = log_is_live() && !p->typed && (p->output.is_file || !isatty(STDOUT_FILENO));

    return pace_begin(live ? text_file_lines(p->input) : -1, live);
}

static status open_files(predictor *p, const arguments *a)
{
    const char *input = arguments_text(a, "--input");
    const char *attention = arguments_text(a, "--attention");

    if (input == NULL)
        input = "-";
    p->typed = strcmp(input, "-") == 0 && isatty(STDIN_FILENO);
    TRY(text_file_open(&p->input, input));
    TRY(output_open(&p->output, answer_output(a)));
    if (attention != NULL)
        TRY(attention_file_create(&p->attention, attention, &p->loaded));
    p->pace = begin_pace(p);
    return STATUS_OK;
}

/* A named pipe opens when somebody opens its other end. */
static status open_alive(predictor *p, const arguments *a)
{
    world_work_begin(p->world);
    status result = open_files(p, a);
    world_work_end(p->world);
    return result;
}

/* What is written appears if `result` is OK; gives that, or the failure of the last bytes. */
static status close_files(predictor *p, status result)
{
    text_file_close(p->input);
    if (p->attention != NULL && result == STATUS_OK)
        result = attention_file_save(p->attention);
    else
        attention_file_cancel(p->attention);
    return output_close(&p->output, result);
}

/* In tsv all labels there are. */
static int outputs_of(const predictor *p)
{
    const config *c = &p->loaded.config;

    if (transformer_task(p->loaded.model)->output == OUTPUT_LABEL)
        return p->format == ANSWER_TSV ? transformer_symbols(p->loaded.model) : 1;
    return c->decode.search == SEARCH_BEAM ? c->decode.n_best : 1;
}

static status open_model(predictor *p, const arguments *a)
{
    TRY(loaded_model_open(&p->loaded, p->world, a->operands[0], a->overrides,
                          a->override_count));
    TRY(world_agree(p->world,
                    transformer_pack_in_place(p->loaded.model, p->loaded.config.run.threads)));
    TRY(world_agree(p->world,
                    answer_format_check(p->format, transformer_task(p->loaded.model)->output)));
    p->each = outputs_of(p);
    p->reading = (line_sources){.world = p->world,
                                .model = &p->loaded,
                                .folder = "",
                                .consequence = "its output is an empty line",
                                .columns = 1};
    p->sizes = memory_create((size_t)world_size(p->world), sizeof(*p->sizes));
    return world_agree(p->world, p->sizes != NULL
                                     ? STATUS_OK
                                     : fail(STATUS_NOMEM, "no memory for sizes of outputs"));
}

static void free_all(predictor *p)
{
    line_sources_free(&p->reading);
    loaded_model_close(&p->loaded);
    block_free(&p->block);
    pair_set_free(&p->sources);
    buffer_free(&p->lines);
    buffer_free(&p->numbers);
    buffer_free(&p->outputs);
    memory_destroy(p->sizes);
}

/* Is there a file that appears only when all is done? */
static bool has_files(const predictor *p)
{
    return p->attention != NULL || (p->output.is_file && !p->output.place.in_place);
}

static status run(const arguments *a)
{
    predictor p = {.world = a->world};

    TRY(answer_format_read(a, &p.format));
    TRY(check_attention(a));
    status result = open_model(&p, a);
    if (result == STATUS_OK)
        result = world_agree(p.world, is_first(&p) ? open_alive(&p, a) : STATUS_OK);
    if (result == STATUS_OK)
        result = predict_all(&p);
    if (result == STATUS_STOPPED && stop_signal() != SIGPIPE)
        log_line("stopped by a signal after %lld line%s%s", (long long)p.written,
                 PLURAL(p.written), has_files(&p) ? "; no file was written" : "");
    result = close_files(&p, result);
    free_all(&p);
    return result;
}

static const argument_flag flags[] = {
    {"--input", "FILE", "read lines from a file, plain or gzip, not standard input"},
    {"--output", "FILE",
     "write to a file, which appears when all is done; - is standard output, and so are the "
     "words text, tsv and pieces, which are formats (a file: ./tsv)"},
    {"--format", "FORMAT",
     "text: outputs alone, of a label its probability too (the default); tsv: source, output, "
     "natural logarithm of its probability, where tabs inside become spaces, or source and all "
     "labels, the likeliest first, each with its probability; pieces: the symbols of outputs "
     "between "
     "spaces, not put together, to train on (scripts/distill.sh)"},
    {"--attention", "FILE",
     "write the attention weights of each line and its best output, HDF5: "
     "/lines/N/{source,target,fed}, /lines/N/{encoder,decoder,cross} [layers, heads, queries, "
     "keys], and where words are copied /lines/N/{copy,gate}; of labels and tags source, "
     "target "
     "and encoder"},
    ARGUMENT_SKIP_BAD,
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
