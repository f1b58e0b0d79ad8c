/* attention_file.h - what a model attended to while it read lines and wrote its outputs: an
 * HDF5 file to be looked at (scripts/plot_attention.py).
 *
 *   attributes           format, version; model, step: the checkpoint's path and its step
 *   /lines/N/source      strings [source]: the tokens that the encoder reads; of audio when,
 *                        in seconds, each row of its frames begins
 *   /lines/N/target      strings [target]: the output's, <end> included where it came
 *   /lines/N/fed         strings [fed]: what the decoder is fed in each place; a fixed
 *                        length (model.length) has places behind the target's
 *   /lines/N/encoder     float [layers, heads, source, source]: the encoder's self-attention
 *   /lines/N/decoder     float [layers, heads, fed, fed]: the decoder's
 *   /lines/N/cross       float [layers, heads, fed, source]
 *   /lines/N/copy        float [fed, source]: where words are copied, the pointer's
 *   /lines/N/gate        float [fed]: the share that is generated, not copied
 *
 * A model without a decoder, of labels or tags, leaves out fed, decoder and cross.
 * Weights are those of the softmax: a query's, the last dimension, sum to 1.
 * N is the line's number in the input, from 1. The weights are those of one forward pass of the
 * line alone, fed its finished output, so that they depend on nothing beside it.
 */
#ifndef LOCKSTEP_INFER_ATTENTION_FILE_H
#define LOCKSTEP_INFER_ATTENTION_FILE_H

#include "lockstep/infer/loaded_model.h"

enum { ATTENTION_FILE_VERSION = 1, ATTENTION_FILE_LINES = 100000 };

/* Borrowed. */
typedef struct attention_line {
    int64_t number;
    const pair_set *sources; /* whose pair number `pair` has the source */
    int64_t pair;
    const int32_t *output; /* [output_count] symbols without <begin> and <end> */
    size_t output_count;
    bool ended; /* the output, by <end>; else it was cut off */
} attention_line;

typedef struct attention_file attention_file;

/* Begin a file that will appear at `path`, for the outputs of `m`, which is borrowed. `*out` is
 * owned until one of save and cancel. STATUS_INPUT when something else than an older such file
 * stands there. */
MUST_CHECK status attention_file_create(attention_file **out, const char *path,
                                        loaded_model *m);

/* A line and its best output, in order of their numbers; one of which the model made nothing,
 * not even <end>, is left out. Works in the model's arena. STATUS_INPUT when there are more
 * than ATTENTION_FILE_LINES. */
MUST_CHECK status attention_file_add(attention_file *f, const attention_line *line);

MUST_CHECK status attention_file_save(attention_file *f); /* frees, also on failure */
void attention_file_cancel(attention_file *f);            /* frees; NULL is fine */

#endif
