/* score.c - lockstep score: how likely given targets are, and the metrics of a set. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "block.h"
#include "line_sources.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/plural.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/audio_path.h"
#include "lockstep/data/dataset.h"
#include "lockstep/infer/evaluation.h"
#include "lockstep/infer/loaded_model.h"
#include "lockstep/infer/scoring.h"
#include "lockstep/infer/share.h"
#include "lockstep/infer/validation.h"
#include "output.h"
#include "summary.h"
#include "verb.h"

typedef struct scorer {
    world *world;
    bool summary;
    loaded_model loaded;
    config_files files; /* borrowed from the command line or the configuration */
    corpus *input;      /* rank 0's, as the output */
    output output;

    block block;
    pair_set pairs; /* of the block, or of all for a summary */
    buffer lines;   /* int32_t: where in the block each of them stands */
    int64_t read, too_long, empty;
    line_sources reading;
    char folder[FILE_PATH_MAX]; /* of the files, for audio */

    evaluation *evaluation; /* of a summary */
} scorer;

/* ---- pairs ---- */

static status next_pair(void *user, corpus_line *columns, bool *end)
{
    const scorer *s = user;

    return sides_read(&s->loaded.sides, s->input, columns, end);
}

static status is_ready(void *user, double until, bool *ready)
{
    const scorer *s = user;

    return corpus_ready(s->input, until, ready);
}

/* A summary is of pairs that training would take; a line of its own has every pair, but for
 * labels and tags of nothing, or none: those have no score. */
static bool takes(scorer *s, int64_t line, const size_t lengths[SIDES])
{
    size_t most = (size_t)loaded_model_length(&s->loaded);
    size_t source = lengths[SIDE_SOURCE], target = lengths[SIDE_TARGET];

    if (source > most || target > most) {
        log_warning("line %" PRId64 " has %zu and %zu tokens, the model takes %zu "
                    "(data.max_length): %s",
                    line, source, target, most, s->summary ? "left out" : "its score is nan");
        s->too_long++;
        return false;
    }
    bool mute = source == 0 && sides_are_audio(&s->loaded.sides, SIDE_SOURCE);
    bool both = s->summary || transformer_task(s->loaded.model)->decoder == NO_DECODER;
    bool empty = mute || (both && (source == 0 || target == 0));
    s->empty += empty;
    return !empty;
}

static status encode(scorer *s, int32_t line, size_t most, size_t lengths[SIDES])
{
    const corpus_line *target = &s->block.texts[SIDES * line + SIDE_TARGET];

    TRY(line_sources_put(&s->reading, &s->block, line, most, &s->pairs, &lengths[SIDE_SOURCE]));
    return sides_encode(&s->loaded.sides, SIDE_TARGET, target, "", most, &s->pairs,
                        &lengths[SIDE_TARGET]);
}

static status add_pair(scorer *s, int32_t line)
{
    const corpus_line *texts = &s->block.texts[SIDES * line];
    size_t lengths[SIDES], most = (size_t)loaded_model_length(&s->loaded);
    int64_t bad = s->reading.bad;

    s->read++;
    TRY(encode(s, line, most, lengths));
    if (s->reading.bad > bad || !takes(s, s->block.first + line, lengths)) {
        pair_set_drop(&s->pairs);
        return STATUS_OK;
    }
    TRY(pair_set_add(&s->pairs));
    if (s->summary)
        return evaluation_add(s->evaluation, texts, &s->pairs, s->pairs.pairs - 1);
    return buffer_add(&s->lines, &line, sizeof(line));
}

static status add_pairs(scorer *s)
{
    for (int32_t line = 0; line < s->block.lines; line++)
        TRY(add_pair(s, line));
    return STATUS_OK;
}

/* [collective] The next block; its end when block.lines is 0. */
static status next_block(scorer *s)
{
    const block_source from = {.user = s,
                               .columns = SIDES,
                               .lines = line_sources_lines(&s->reading),
                               .next = next_pair,
                               .ready = is_ready};

    TRY(block_next(&s->block, s->world, &from));
    TRY(line_sources_read(&s->reading, &s->block));
    return world_agree(s->world, add_pairs(s));
}

/* ---- a line for each pair ---- */

static void print_scores(const scorer *s, const double *scores)
{
    const int32_t *lines = (const int32_t *)(const void *)s->lines.data;
    int64_t pair = 0;

    for (int32_t line = 0; line < s->block.lines; line++) {
        if (pair < s->pairs.pairs && lines[pair] == line)
            fprintf(s->output.file, "%.6f\n", scores[pair++]);
        else
            fputs("nan\n", s->output.file);
    }
}

static status score_block(scorer *s, double *scores)
{
    const pair_source pairs = pair_set_source(&s->pairs);

    TRY(scoring_run(s->world, &s->loaded.config, s->loaded.model, &s->loaded.arena, &pairs,
                    scores));
    status printed = STATUS_OK;
    if (world_rank(s->world) == 0) {
        world_work_begin(s->world); /* a reader may take its time */
        print_scores(s, scores);
        printed = output_flush(&s->output);
        world_work_end(s->world);
    }
    log_progress("%" PRId64 " pairs", s->read);
    return world_agree(s->world, printed);
}

static status score_lines(scorer *s)
{
    double *scores = memory_create(BLOCK_LINES, sizeof(*scores));
    status result = world_agree(
        s->world, scores != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory for scores"));

    while (result == STATUS_OK) {
        pair_set_clear(&s->pairs);
        buffer_clear(&s->lines);
        result = next_block(s);
        if (result != STATUS_OK || s->block.lines == 0)
            break;
        result = score_block(s, scores);
    }
    memory_destroy(scores);
    return result;
}

/* ---- the metrics of all ---- */

static status measure_losses(scorer *s, losses *out)
{
    const config *c = &s->loaded.config;
    const pair_source pairs = pair_set_source(&s->pairs);
    const loader_settings settings = share_settings(c, s->world);
    loader *from = NULL;
    status result = world_agree(s->world, loader_create_from(&from, &pairs, &settings));

    if (result == STATUS_OK)
        result = validation_losses(s->world, from, c, s->loaded.model, &s->loaded.arena, out);
    loader_destroy(from);
    return result;
}

static status refuse_none(const scorer *s)
{
    if (s->read == 0)
        return fail(STATUS_INPUT, "%s: empty; there is nothing to score",
                    corpus_name(s->input));
    return fail(STATUS_INPUT,
                "%s: none of %" PRId64 " pair%s is left to score: %" PRId64
                " longer than data.max_length (%d tokens), %" PRId64 " with an empty side%s",
                corpus_name(s->input), s->read, PLURAL(s->read), s->too_long,
                loaded_model_length(&s->loaded), s->empty,
                s->reading.bad > 0 ? ", the others with a file that cannot be read" : "");
}

static status read_all(scorer *s)
{
    TRY(world_agree(s->world, evaluation_create_empty(&s->evaluation, s->world,
                                                      &s->loaded.sides, &s->loaded.config)));
    do {
        TRY(next_block(s));
    } while (s->block.lines > 0);
    if (s->too_long + s->empty > 0)
        log_warning("%" PRId64 " of %" PRId64 " pair%s left out: %" PRId64 " too long, %" PRId64
                    " with an empty side",
                    s->too_long + s->empty, s->read, PLURAL(s->read), s->too_long, s->empty);
    if (s->pairs.pairs > 0)
        return STATUS_OK;
    return world_agree(s->world, world_rank(s->world) == 0 ? refuse_none(s) : STATUS_OK);
}

static status summarize(scorer *s, bool as_json)
{
    summary r;

    TRY(read_all(s));
    summary_init(&r, transformer_task(s->loaded.model));
    r.checkpoint = s->loaded.path;
    r.step = s->loaded.step;
    r.pairs = s->pairs.pairs;
    r.sources = evaluation_sources(s->evaluation);
    r.references = s->loaded.config.data.references;
    r.left_out = s->too_long + s->empty + s->reading.bad;
    r.task = s->loaded.config.model.task;
    r.evaluation = s->evaluation;
    TRY(measure_losses(s, &r.losses));
    TRY(evaluation_run(s->evaluation, s->loaded.model, &s->loaded.arena, r.metrics, r.count,
                       r.scores, r.task == TASK_GENERATE ? &r.free_running : NULL));
    if (world_rank(s->world) != 0)
        return STATUS_OK;
    if (r.task == TASK_LABEL)
        TRY(evaluation_confusion(s->evaluation, &r.confusion));
    status result = summary_print(&r, as_json);
    confusion_free(&r.confusion);
    return result;
}

/* ---- what was asked ---- */

static status check_usage(const arguments *a)
{
    const char *split = arguments_text(a, "--split");
    dataset_split known;
    bool pairs = arguments_has(a, "--pairs"), source = arguments_has(a, "--source");
    bool conll = arguments_has(a, "--conll");

    if (source != arguments_has(a, "--target") ||
        (int)pairs + conll + source + (split != NULL) > 1)
        return fail(STATUS_USAGE, "give --source F --target F, or --pairs F, or --conll F, or "
                                  "--split NAME");
    if (split != NULL && (!dataset_split_find(split, &known) || known == SPLIT_TRAIN))
        return fail(STATUS_USAGE, "option --split: `%s` is neither test nor valid", split);
    if (arguments_has(a, "--json") && (pairs || conll || source) &&
        !arguments_has(a, "--summary"))
        return fail(STATUS_USAGE, "option --json goes with --summary");
    return STATUS_OK;
}

static bool has_files(const scorer *s)
{
    return s->files.pairs != NULL || s->files.conll != NULL || s->files.source != NULL;
}

static status choose_split(scorer *s, const char *name)
{
    dataset_split split = SPLIT_TEST;

    if (name != NULL)
        CHECK(dataset_split_find(name, &split)); /* check_usage has seen to it */
    s->files = *dataset_split_files(&s->loaded.config, split);
    s->summary = true;
    if (has_files(s))
        return STATUS_OK;
    return fail(
        STATUS_USAGE,
        "%s: its configuration names no data.%s; give --pairs F, --source F --target F, "
        "or --set data.%s.pairs=F",
        s->loaded.path, dataset_split_name(split), dataset_split_name(split));
}

static status choose_files(scorer *s, const arguments *a)
{
    /* A config_files owns its strings elsewhere; nobody writes to these. */
    s->files = (config_files){.pairs = (char *)(uintptr_t)arguments_text(a, "--pairs"),
                              .conll = (char *)(uintptr_t)arguments_text(a, "--conll"),
                              .source = (char *)(uintptr_t)arguments_text(a, "--source"),
                              .target = (char *)(uintptr_t)arguments_text(a, "--target")};
    s->summary = arguments_has(a, "--summary");
    if (s->files.conll != NULL && s->loaded.config.model.task != TASK_TAG)
        return fail(STATUS_USAGE, "option --conll: %s does not tag", s->loaded.path);
    if (has_files(s))
        return STATUS_OK;
    return choose_split(s, arguments_text(a, "--split"));
}

static status open_local(scorer *s, const arguments *a)
{
    TRY(choose_files(s, a));
    audio_folder(&s->files, s->folder);
    s->reading = (line_sources){.world = s->world,
                                .model = &s->loaded,
                                .folder = s->folder,
                                .consequence = s->summary ? "left out" : "its score is nan",
                                .columns = SIDES};
    if (world_rank(s->world) != 0)
        return STATUS_OK;
    world_work_begin(s->world); /* a named pipe opens when somebody opens its other end */
    status result = corpus_open(&s->input, &s->files);
    if (result == STATUS_OK)
        result = output_open(&s->output, NULL);
    world_work_end(s->world);
    return result;
}

static status run_all(scorer *s, const arguments *a)
{
    TRY(world_agree(s->world, check_usage(a)));
    TRY(loaded_model_open(&s->loaded, s->world, a->operands[0], a->overrides,
                          a->override_count));
    TRY(world_agree(s->world, open_local(s, a)));
    return s->summary ? summarize(s, arguments_has(a, "--json")) : score_lines(s);
}

static void free_all(scorer *s)
{
    evaluation_destroy(s->evaluation);
    corpus_close(s->input);
    block_free(&s->block);
    pair_set_free(&s->pairs);
    buffer_free(&s->lines);
    line_sources_free(&s->reading);
    loaded_model_close(&s->loaded);
}

static status run(const arguments *a)
{
    scorer s = {.world = a->world};

    status result = run_all(&s, a);
    if (result == STATUS_STOPPED && stop_signal() != SIGPIPE)
        log_line("stopped by a signal after %" PRId64 " pair%s", s.read, PLURAL(s.read));
    free_all(&s);
    return result;
}

static const argument_flag flags[] = {
    {"--source", "FILE", "sources, line by line, plain or gzip; with --target"},
    {"--target", "FILE", "their targets: prints a log-probability for each"},
    {"--pairs", "FILE", "in place of both: source, tab, target on each line"},
    {"--conll", "FILE",
     "in place of both, of a model that tags: a word and its tag on each line"},
    {"--summary", NULL, "print loss, perplexity and all metrics of the whole"},
    {"--split", "NAME", "without files, a summary of the run's data: test or valid"},
    ARGUMENT_JSON,
    ARGUMENT_SKIP_BAD,
    ARGUMENT_SET,
    {0}};

const verb verb_score = {
    .name = "score",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .summary = "log-probabilities of given targets, or loss and metrics of a set",
    .flags = flags,
    .ranks = true,
    .run = run,
};
