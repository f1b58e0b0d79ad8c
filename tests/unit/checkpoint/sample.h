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
    char folder[64];
    parameters p;
    float *slots[2], *average;
    int calls;
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

static const float *sample_whole(void *user, int slot)
{
    sample *s = user;

    if (slot == CHECKPOINT_AVERAGE) {
        ck_assert(s->content.averaged && s->calls % 2 == 0);
        return s->average;
    }
    ck_assert_int_eq(slot, s->calls % 2);
    s->calls++;
    return s->slots[slot];
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

static inline void sample_init(sample *s)
{
    *s = (sample){.folder = "/tmp/lockstep-checkpoint-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(s->folder));
    sample_parameters(&s->p, 5);
    sample_fill(&s->p, s->p.values, 0.5f);
    for (int i = 0; i < 2; i++) {
        s->slots[i] = memory_create(s->p.floats, sizeof(float));
        sample_fill(&s->p, s->slots[i], 1000.0f * (float)(i + 1));
    }
    s->average = memory_create(s->p.floats, sizeof(float));
    sample_fill(&s->p, s->average, -0.25f);
    s->content = (checkpoint_content){
        .parameters = &s->p,
        .config = "model:\n  width: 5\n",
        .origin = {"0.1.0 gcc 12", "Haswell", "x86-64-v3"},
        .progress =
            {.step = 40,
             .epoch = 1,
             .window = 2,
             .batch = 3,
             .tokens = 1234567,
             .best_step = 20,
             .best_metric = 1.0 / 3,
             .without_better = 2,
             .validated_step = 30,
             .validated_metric = 0.75,
             .ranking = {.count = 2, .higher = 1, .steps = {20, 30}, .scores = {1.0 / 3, 0.25}},
             .plateau = {.cuts = 3, .without_better = 1},
             .dataset = -77},
        .source = {.kind = 2,
                   .symbols = sample_symbols,
                   .count = 4,
                   .model = sample_model,
                   .model_size = 3},
        .target = {.kind = 1, .symbols = sample_symbols, .count = 3},
        .rule = &sample_rule,
        .whole = sample_whole,
        .user = s};
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

#endif
