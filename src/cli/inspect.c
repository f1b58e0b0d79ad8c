/* inspect.c - lockstep inspect: what a checkpoint, a dataset or a run holds, verified. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "listing.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/checkpoint/run.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/fingerprint.h"
#include "lockstep/data/sides.h"
#include "lockstep/infer/attention_file.h"
#include "run_listing.h"
#include "tensor_list.h"
#include "verb.h"

static void say_tensor(listing *o, const tensor_entry *entry)
{
    char shape[STORE_SHAPE_TEXT];

    if (!o->is_json) {
        store_dims_text(&entry->shape, shape);
        printf("  %-64s %-7s %s\n", entry->name, tensor_type_name(entry->shape.type), shape);
        return;
    }
    json_begin(&o->object, NULL);
    json_add_text(&o->object, "name", entry->name);
    json_add_text(&o->object, "type", tensor_type_name(entry->shape.type));
    json_begin_list(&o->object, "shape");
    for (int i = 0; i < entry->shape.dimensions; i++)
        json_add_integer(&o->object, NULL, (int64_t)entry->shape.dims[i]);
    json_end_list(&o->object);
    json_end(&o->object);
}

static void say_tensors(listing *o, const tensor_list *tensors)
{
    if (o->is_json)
        json_begin_list(&o->object, "tensors");
    else
        printf("\ntensors (%d, all checksums match):\n", tensors->count);
    for (int i = 0; i < tensors->count; i++)
        say_tensor(o, tensor_list_at(tensors, i));
    if (o->is_json)
        json_end_list(&o->object);
}

static void say_file(listing *o, const char *path, const char *kind)
{
    listing_add_text(o, "file", path);
    listing_add_text(o, "kind", kind);
    if (o->is_json)
        json_add_bool(&o->object, "verified", true);
}

/* As a configuration calls it; of classes what they are. */
static const char *kind_word(const sides *s, dataset_side side)
{
    static const int kinds[] = {[VOCABULARY_CHARACTERS] = SYMBOL_CHARACTERS,
                                [VOCABULARY_WORDS] = SYMBOL_WORDS,
                                [VOCABULARY_SENTENCEPIECE] = SYMBOL_SENTENCEPIECE};

    if (side == SIDE_TARGET && s->task != TASK_GENERATE)
        return s->task == TASK_LABEL ? "labels" : "tags";
    return config_word("data.source.vocabulary",
                       kinds[vocabulary_kind_of(sides_vocabulary(s, side))]);
}

static void say_audio(listing *o, const audio_settings *s)
{
    listing_add_text(o, "source", config_word("data.source.kind", INPUT_AUDIO));
    listing_add_integer(o, "source_rate", s->rate);
    listing_add_integer(o, "source_mels", s->mels);
    listing_add_number(o, "source_window_ms", s->window);
    listing_add_number(o, "source_hop_ms", s->hop);
    listing_add_integer(o, "source_stack", s->stack);
}

static void say_vocabulary(listing *o, const sides *s, dataset_side side)
{
    char key[32];

    snprintf(key, sizeof(key), "%s_vocabulary", side_name(side));
    listing_add_text(o, key, kind_word(s, side));
    snprintf(key, sizeof(key), "%s_symbols", side_name(side));
    listing_add_integer(o, key, sides_symbols(s, side));
}

static status say_sides(listing *o, store_reader *reader)
{
    sides s;

    TRY(sides_load(&s, reader));
    listing_add_text(o, "vocabularies",
                     config_word("data.vocabulary", sides_are_joint(&s)
                                                        ? VOCABULARIES_JOINT
                                                        : VOCABULARIES_SEPARATE));
    for (int i = 0; i < SIDES; i++) {
        if (sides_are_audio(&s, (dataset_side)i))
            say_audio(o, &s.audio);
        else
            say_vocabulary(o, &s, (dataset_side)i);
    }
    sides_free(&s);
    return STATUS_OK;
}

/* ---- a checkpoint ---- */

static void say_progress(listing *o, const checkpoint *c)
{
    const checkpoint_progress *p = &c->progress;

    listing_add_integer(o, "step", p->step);
    listing_add_integer(o, "epoch", p->epoch);
    listing_add_integer(o, "target_tokens", p->tokens);
    if (p->mean_of > 0)
        listing_add_integer(o, "mean_of", p->mean_of);
    if (!isnan(checkpoint_score(p)))
        listing_add_number(o, "validation", checkpoint_score(p));
    if (p->best_step >= 0) {
        listing_add_integer(o, "best_step", p->best_step);
        listing_add_number(o, "best_metric", p->best_metric);
    }
    listing_add_hash(o, "dataset", p->dataset);
    listing_add_text(o, "build", c->origin.build);
    listing_add_text(o, "blas", c->origin.blas);
    listing_add_text(o, "instructions", c->origin.instructions);
}

static status say_checkpoint(listing *o, const checkpoint *c, bool config)
{
    tensor_list tensors = {.count = 0};
    status result = tensor_list_load(&tensors, c->reader);

    if (result == STATUS_OK) {
        say_file(o, store_path(c->reader), "checkpoint");
        say_progress(o, c);
        result = say_sides(o, c->reader);
    }
    if (result == STATUS_OK) {
        listing_add_integer(o, "parameters", tensor_list_elements(&tensors, "/parameters/"));
        if (checkpoint_is_averaged(c))
            listing_add_integer(o, "moving_average",
                                tensor_list_elements(&tensors, "/average/"));
        say_tensors(o, &tensors);
        if (config)
            listing_add_block(o, "config", c->config);
    }
    tensor_list_free(&tensors);
    return result;
}

static status inspect_checkpoint(listing *o, const char *path, bool config)
{
    checkpoint c = {0};

    TRY(checkpoint_open(&c, path));
    status result = say_checkpoint(o, &c, config);
    checkpoint_close(&c);
    return result;
}

/* ---- a dataset ---- */

static int64_t count_rows(const tensor_list *tensors, const char *name)
{
    for (int i = 0; i < tensors->count; i++)
        if (strcmp(tensor_list_at(tensors, i)->name, name) == 0)
            return (int64_t)tensor_list_at(tensors, i)->shape.dims[0];
    return -1;
}

/* Tokens, or rows of audio. */
static void say_sources(listing *o, const tensor_list *tensors, const char *split)
{
    char name[64], key[64];

    snprintf(name, sizeof(name), "/%s/source/frames", split);
    snprintf(key, sizeof(key), "%s_source_rows", split);
    int64_t rows = count_rows(tensors, name);
    if (rows < 0) {
        snprintf(name, sizeof(name), "/%s/source/ids", split);
        snprintf(key, sizeof(key), "%s_source_tokens", split);
        rows = tensor_list_elements(tensors, name);
    }
    listing_add_integer(o, key, rows);
}

static void say_splits(listing *o, const tensor_list *tensors)
{
    for (int i = 0; i < SPLITS; i++) {
        const char *split = dataset_split_name((dataset_split)i);
        char name[64], key[64];

        snprintf(name, sizeof(name), "/%s/source/offsets", split);
        int64_t offsets = tensor_list_elements(tensors, name);
        if (offsets == 0)
            continue;
        snprintf(key, sizeof(key), "%s_pairs", split);
        listing_add_integer(o, key, offsets - 1);
        say_sources(o, tensors, split);
        snprintf(name, sizeof(name), "/%s/target/ids", split);
        snprintf(key, sizeof(key), "%s_target_tokens", split);
        listing_add_integer(o, key, tensor_list_elements(tensors, name));
    }
}

/* What a checkpoint of a run on these data names as its dataset. */
static status say_content(listing *o, const char *path)
{
    dataset *opened;

    TRY(dataset_open(&opened, path, false));
    listing_add_hash(o, "content", (int64_t)dataset_content(opened));
    dataset_close(opened);
    return STATUS_OK;
}

/* One of several files. */
static status say_part(listing *o, store_reader *reader)
{
    int64_t part, parts, content;

    TRY(store_load_number(reader, "part", &part));
    TRY(store_load_number(reader, "parts", &parts));
    TRY(store_load_number(reader, "content", &content));
    listing_add_integer(o, "part", part);
    listing_add_integer(o, "parts", parts);
    listing_add_hash(o, "content", content);
    return STATUS_OK;
}

/* A file that has training pairs alone. */
static status say_later_part(listing *o, store_reader *reader, const tensor_list *tensors)
{
    int64_t fingerprint;

    TRY(store_load_number(reader, "fingerprint", &fingerprint));
    say_file(o, store_path(reader), "dataset");
    listing_add_hash(o, "fingerprint", fingerprint);
    TRY(say_part(o, reader));
    say_splits(o, tensors);
    say_tensors(o, tensors);
    return STATUS_OK;
}

static status say_dataset(listing *o, store_reader *reader, const tensor_list *tensors,
                          bool config)
{
    bool several = store_has_attribute(reader, "parts");
    int64_t fingerprint;
    char *origin;

    if (several && !store_has_attribute(reader, "origin"))
        return say_later_part(o, reader, tensors);

    TRY(store_load_number(reader, "fingerprint", &fingerprint));
    TRY(store_load_text(reader, "origin", &origin));
    say_file(o, store_path(reader), "dataset");
    listing_add_hash(o, "fingerprint", fingerprint);
    status result = several ? say_part(o, reader) : say_content(o, store_path(reader));
    if (result == STATUS_OK)
        result = say_sides(o, reader);
    if (result == STATUS_OK) {
        say_splits(o, tensors);
        say_tensors(o, tensors);
        if (config)
            listing_add_block(o, "origin", origin);
    }
    memory_destroy(origin);
    return result;
}

static status inspect_dataset(listing *o, const char *path, bool config)
{
    store_reader *reader;
    tensor_list tensors = {.count = 0};

    TRY(store_open(&reader, path, "dataset", DATASET_VERSION));
    status result = tensor_list_load(&tensors, reader);
    if (result == STATUS_OK)
        result = say_dataset(o, reader, &tensors, config);
    tensor_list_free(&tensors);
    store_close(reader);
    return result;
}

/* ---- weights of attention ---- */

static int count_lines(const tensor_list *tensors)
{
    static const char last[] = "/target";
    int lines = 0;

    for (int i = 0; i < tensors->count; i++) {
        const char *name = tensor_list_at(tensors, i)->name;
        size_t size = strlen(name);

        lines += size >= sizeof(last) && strcmp(name + size + 1 - sizeof(last), last) == 0;
    }
    return lines;
}

static status say_attention(listing *o, store_reader *reader, const tensor_list *tensors)
{
    int64_t step;
    char *model;

    TRY(store_load_number(reader, "step", &step));
    TRY(store_load_text(reader, "model", &model));
    say_file(o, store_path(reader), "attention");
    listing_add_text(o, "model", model);
    listing_add_integer(o, "step", step);
    listing_add_integer(o, "lines", count_lines(tensors));
    say_tensors(o, tensors);
    memory_destroy(model);
    return STATUS_OK;
}

static status inspect_attention(listing *o, const char *path)
{
    store_reader *reader;
    tensor_list tensors = {.count = 0};

    TRY(store_open(&reader, path, "attention", ATTENTION_FILE_VERSION));
    status result = tensor_list_load(&tensors, reader);
    if (result == STATUS_OK)
        result = say_attention(o, reader, &tensors);
    tensor_list_free(&tensors);
    store_close(reader);
    return result;
}

/* ---- the verb ---- */

static status inspect(listing *o, const char *path, bool config)
{
    char kind[32];

    if (file_is_folder(path))
        return run_listing_say(o, path, config);
    TRY(store_kind(path, kind));
    if (strcmp(kind, "checkpoint") == 0)
        return inspect_checkpoint(o, path, config);
    if (strcmp(kind, "dataset") == 0)
        return inspect_dataset(o, path, config);
    if (strcmp(kind, "attention") == 0)
        return inspect_attention(o, path);
    return fail(STATUS_FORMAT, "%s: is a %s, which this lockstep does not know", path, kind);
}

static status run(const arguments *a)
{
    listing o = {.is_json = arguments_has(a, "--json")};

    if (o.is_json)
        json_begin(&o.object, NULL);
    status result = inspect(&o, a->operands[0], arguments_has(a, "--config"));
    if (!o.is_json)
        return result;
    json_end(&o.object);
    /* A run with a damaged checkpoint has its object all the same. */
    if (result == STATUS_OK || (result == STATUS_FORMAT && file_is_folder(a->operands[0]))) {
        status printed = json_print(&o.object);
        return printed == STATUS_OK ? result : printed;
    }
    json_free(&o.object);
    return result;
}

static const argument_flag flags[] = {
    {"--config", NULL,
     "print the configuration of a checkpoint or run, or what a dataset was made from"},
    ARGUMENT_JSON,
    {0}};

const verb verb_inspect = {
    .name = "inspect",
    .operands = "FILE|RUN",
    .least = 1,
    .most = 1,
    .summary =
        "show and verify a checkpoint, a dataset, attention weights, or a run and its course",
    .flags = flags,
    .run = run,
};
