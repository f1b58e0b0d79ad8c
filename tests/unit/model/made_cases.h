/* made_cases.h - assembled models of all kinds, and a batch for them. */
#ifndef LOCKSTEP_TESTS_MODEL_MADE_CASES_H
#define LOCKSTEP_TESTS_MODEL_MADE_CASES_H

#include <string.h>

#include "lockstep/model/transformer.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "made_matrix.h"
#include "packed_run.h"
#include "unit_check.h"

enum { GRAINS = 5, SEQUENCES = 60, SYMBOLS = 40, MOST_ROWS = SEQUENCES * 24, CASES = 6 };
enum { MELS = 5, STACK = 2, FRAME_WIDTH = MELS * STACK };

static config options;
static arena memory;
static int32_t source_ids[MOST_ROWS], target_ids[MOST_ROWS], gold[MOST_ROWS];
static float source_frames[MOST_ROWS * FRAME_WIDTH];
static int32_t source_offsets[SEQUENCES + 1], target_offsets[SEQUENCES + 1];
/* A grain of two tiles and more, an empty one. */
static const int32_t grain_sequences[GRAINS + 1] = {0, 35, 35, 40, 59, 60};

static inline int32_t symbol(int i)
{
    return (int32_t)(3 + i * 7 % (SYMBOLS - 3));
}

static inline void make_batch(void)
{
    for (int s = 0; s < SEQUENCES; s++) {
        source_offsets[s + 1] = source_offsets[s] + 1 + s * 5 % 24;
        target_offsets[s + 1] = target_offsets[s] + 1 + s * 11 % 23;
    }
    for (int r = 0; r < MOST_ROWS; r++) {
        source_ids[r] = symbol(r);
        target_ids[r] = symbol(r * r);
        gold[r] = symbol(r * r + 2 * r + 1);
    }
    made_floats(source_frames, sizeof(source_frames) / sizeof(source_frames[0]), 8, 1.0f);
}

/* The source of the first sentences of `offsets` that are `row` rows behind the batch's first:
 * symbols, or frames where the model maps them. */
static inline packed_run source_run(int32_t row, const int32_t *offsets,
                                    const int32_t *sequences, int first, int last)
{
    bool frames = options.data.source.kind == INPUT_AUDIO;
    packed_run run =
        packed_run_create(frames ? NULL : source_ids + row, offsets, sequences, first, last);

    run.packed.frame_width = frames ? FRAME_WIDTH : 0;
    if (frames)
        run.packed.frames = source_frames + (row + run.first_row) * FRAME_WIDTH;
    return run;
}

static inline packed_run source_grains(int first, int last)
{
    return source_run(0, source_offsets, grain_sequences, first, last);
}

static inline void set_frames(void)
{
    options.data.source.kind = INPUT_AUDIO;
    options.data.source.mels = MELS;
    options.data.source.stack = STACK;
    options.training.spec_augment.frequency_masks = 1;
    options.training.spec_augment.frequency_width = 2;
    options.training.spec_augment.time_masks = 2;
    options.training.spec_augment.time_width = 6;
}

/* Every case has another norm position, activation, kind of positions, tie and source. */
static inline void setup_case(int number)
{
    bool odd = number & 1, high = number & 2;

    memset(&options, 0, sizeof(options));
    options.model.width = 24;
    options.model.heads = 4;
    options.model.feed_forward = 40;
    options.model.encoder_layers = 2;
    options.model.decoder_layers = 2;
    options.model.norm_position = odd ? NORM_PRE : NORM_POST;
    options.model.activation = high ? ACTIVATION_GELU : ACTIVATION_RELU;
    options.model.positions = odd != high ? POSITIONS_LEARNED : POSITIONS_SINUSOIDAL;
    options.model.tie =
        (int[CASES]){TIE_TARGET, TIE_NONE, TIE_ALL, TIE_ALL, TIE_TARGET, TIE_TARGET}[number];
    options.model.dropout = 0.2;
    options.model.attention_dropout = 0.1;
    options.model.activation_dropout = 0.3;
    options.training.label_smoothing = 0.1;
    options.data.max_length = 24;
    options.decode.max_length = 30;
    if (number > 3)
        set_frames();
    make_batch();
    gemm_open();
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arena_init(&memory, (size_t)256 << 20), STATUS_OK);
}

static inline transformer *create(int nodes)
{
    transformer *t;

    ck_assert_int_eq(transformer_create(&t, &options, SYMBOLS, SYMBOLS, nodes), STATUS_OK);
    parameters_initialize(transformer_parameters(t), 9);
    return t;
}

#endif
