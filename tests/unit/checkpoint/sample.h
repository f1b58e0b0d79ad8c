/* sample.h - a small model with an optimizer, and what a checkpoint of it holds. */
#ifndef LOCKSTEP_TESTS_CHECKPOINT_SAMPLE_H
#define LOCKSTEP_TESTS_CHECKPOINT_SAMPLE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef fail

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/checkpoint/checkpoint.h"

typedef struct sample {
    char folder[64],
        path[FILE_PATH_MAX]; /* a file that is not there yet, in a folder neither */
    parameters p;
    float *slots[2], *average;
    int64_t joint;
    checkpoint_content content;
} sample;

static const char *const sample_symbols[4] = {"<unk>", "<begin>", "<end>", "é"};
static const unsigned char sample_model[3] = {0, 255, 7};
static const optimizer_rule sample_rule = {
    .name = "adam", .slots = 2, .slot_names = {"first", "second"}};

static inline void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

static inline void assert_message(const char *words)
{
    ck_assert_msg(strstr(error_message(), words) != NULL, "\"%s\" lacks \"%s\"",
                  error_message(), words);
}

/* What a checkpoint does not know of: attributes, strings and bytes. */
static status sample_add_rest(const void *rest, store_writer *writer)
{
    const sample *s = rest;
    const store_shape bytes = {STORE_BYTE, 1, {sizeof(sample_model), 0}};

    TRY(store_add_number(writer, "joint", s->joint));
    TRY(store_add_text(writer, "formatted", "as they like"));
    TRY(store_add_strings(writer, "/vocabulary/source/symbols", sample_symbols, 4));
    return store_add(writer, "/vocabulary/source/model", bytes, sample_model);
}

static inline void assert_rest(store_reader *r, int64_t joint)
{
    const store_shape bytes = {STORE_BYTE, 1, {sizeof(sample_model), 0}};
    unsigned char model[sizeof(sample_model)];
    char **symbols, *text;
    size_t count;
    int64_t number;

    assert_ok(store_load_number(r, "joint", &number));
    ck_assert_int_eq(number, joint);
    assert_ok(store_load_text(r, "formatted", &text));
    ck_assert_str_eq(text, "as they like");
    memory_destroy(text);
    assert_ok(store_load_strings(r, "/vocabulary/source/symbols", &symbols, &count));
    ck_assert_uint_eq(count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(symbols[i], sample_symbols[i]);
    memory_destroy(symbols);
    assert_ok(store_load(r, "/vocabulary/source/model", bytes, model));
    ck_assert_mem_eq(model, sample_model, sizeof(model));
}

/* A value of its own for every float of every tensor, 0 between them. */
static inline void sample_fill(const parameters *p, float *slab, float base)
{
    for (int i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->list[i].count; k++)
            slab[p->list[i].first + k] = base + 100 * (float)i + (float)k;
}

static inline void sample_parameters(parameters *p, int width)
{
    int index, use;

    parameters_init(p);
    assert_ok(parameters_add(p, &index, "source_embedding.weight", 2, 7, width, FILL_ZERO));
    parameters_add_use(p, index, &use);
    assert_ok(parameters_add(p, &index, "encoder.norm.weight", 1, 1, width, FILL_ZERO));
    assert_ok(parameters_add(p, &index, "generator.bias", 1, 1, 7, FILL_ZERO));
    assert_ok(parameters_allocate(p, 0));
}

static const ranking sample_ranking = {.count = 2,
                                       .higher = 1,
                                       .steps = {20, 30},
                                       .scores = {1.0 / 3, 0.25},
                                       .losses = {1.5, 1.75}};

static inline void sample_init(sample *s)
{
    *s = (sample){.folder = "/tmp/lockstep-checkpoint-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(s->folder));
    assert_ok(file_join(s->path, s->folder, "checkpoints/one.h5"));
    sample_parameters(&s->p, 5);
    sample_fill(&s->p, s->p.values, 0.5f);
    for (int i = 0; i < 2; i++) {
        s->slots[i] = memory_create(s->p.floats, sizeof(float));
        sample_fill(&s->p, s->slots[i], 1000.0f * (float)(i + 1));
    }
    s->average = memory_create(s->p.floats, sizeof(float));
    sample_fill(&s->p, s->average, -0.25f);
    s->content =
        (checkpoint_content){.config = "model:\n  width: 5\n",
                             .origin = {"0.1.0 gcc 12", "Haswell", "x86-64-v3", {5, -7}},
                             .progress = {.step = 40,
                                          .epoch = 1,
                                          .window = 2,
                                          .batch = 3,
                                          .tokens = 1234567,
                                          .best_step = 20,
                                          .best_metric = 1.0 / 3,
                                          .best_loss = 1.5,
                                          .without_better = 2,
                                          .validated_step = 30,
                                          .validated_metric = 0.75,
                                          .validated_loss = 1.25,
                                          .ranking = sample_ranking,
                                          .plateau = {.cuts = 3, .without_better = 1},
                                          .dataset = -77},
                             .layout = &s->p,
                             .values = s->p.values,
                             .rule = &sample_rule,
                             .slots = {s->slots[0], s->slots[1]},
                             .add_rest = sample_add_rest,
                             .rest = s};
}

/* Other parameters in their place, without an optimizer's state. */
static inline void sample_replace(sample *s, parameters p)
{
    parameters_free(&s->p);
    s->p = p;
    s->content.values = s->p.values;
    s->content.buffers = s->p.buffers != NULL ? s->p.buffers->values : NULL;
    s->content.rule = NULL;
}

static inline void sample_free(sample *s)
{
    char command[256];

    parameters_free(&s->p);
    for (int i = 0; i < 2; i++)
        memory_destroy(s->slots[i]);
    memory_destroy(s->average);
    snprintf(command, sizeof(command), "rm -rf %s", s->folder);
    ck_assert_int_eq(system(command), 0);
}

/* The one of the test that runs, as a fixture. */
static sample s;

static inline void sample_setup(void)
{
    sample_init(&s);
}

static inline void sample_teardown(void)
{
    sample_free(&s);
}

#endif
