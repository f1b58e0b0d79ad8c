/* body.h - the Transformer without its output: embeddings, encoder and, where the task wants
 * one, a decoder (Vaswani et al. 2017). What is made of its states is a head's concern
 * (model/task.h).
 *
 * Parameters have the state-dict names of torch.nn.Transformer, with the embeddings
 * source_embedding.weight and target_embedding.weight, or for a source of frames the linear map
 * source_projection.weight and source_projection.bias, and learned positions
 * source_positions.weight and target_positions.weight. A tied tensor is stored under the first
 * of its names.
 */
#ifndef LOCKSTEP_MODEL_BODY_H
#define LOCKSTEP_MODEL_BODY_H

#include "lockstep/config/config.h"
#include "lockstep/model/decoder.h"
#include "lockstep/model/encoder.h"
#include "lockstep/nn/copy_memory.h"
#include "lockstep/nn/embedding.h"
#include "lockstep/nn/frames.h"

/* How one side comes in: its table, which may be another's, or the map of its frames; and its
 * positions. */
typedef struct body_input {
    embedding embedding; /* of frames: width and places alone */
    int table, use;      /* parameter, and the number of its use */
    int frame_width;     /* 0: symbols */
    frames frames;
    linear_indices projection;
    int positions; /* parameter; -1: sinusoids */
    int first;     /* the first parameter of its own or after it, in order of forward */
} body_input;

typedef struct body {
    parameters parameters;
    weight_slab weights; /* their values, as products see them */
    float *packed;       /* room for the packed form, NULL before it is first made */
    float *tables[2];    /* of source and target, where the packed form has their place */
    int width, feed_forward;
    body_input source, target;
    float *sinusoids; /* [places, width], NULL when positions are learned */
    encoder encoder;
    decoder decoder;
} body;

/* Register all parameters in order of forward, for vocabularies of these sizes; a source of
 * frames (data.source.kind) has none, and source_symbols is not used. `*site` is the
 * next free dropout site. Owned: body_free, also after a failure. */
MUST_CHECK status body_init(body *b, const config *c, int source_symbols, int target_symbols,
                            int *site);
/* Is there a decoder? Without one the target is not read: it has no table, and what a head
 * makes of the source's memory is all there is. */
bool body_decodes(const body *b);
/* Once the registry is allocated, and before the head's views. */
void body_view(body *b);
void body_free(body *b); /* a zeroed one is fine */

/* The source, which may be decoded with more than once. */
typedef struct body_memory {
    stream source;
    matrix memory;       /* [source rows, width] */
    frames_saved frames; /* for backward, where the source is frames */
    encoder_saved saved; /* for backward */
    /* Keys and values of cross attention, made by the first pass that decodes with it. */
    attention_memory *attended; /* [decoder layers] */
    /* What a copying head's pointer sees of it, made when it first looks; NULL without one. */
    copy_memory *copied;
} body_memory;

/* `words` [source rows]: a number of each place's word in its sentence, whose code it gets
 * (nn/word_codes.h); NULL: words have no codes. */
body_memory body_encode(const body *b, pass *pass, const packed *source, const int32_t *words);

/* What the decoder made of what it was fed; without one the target's rows alone. */
typedef struct body_decoded {
    stream target;
    matrix states;       /* [target rows, width] */
    decoder_saved saved; /* for backward */
} body_decoded;

body_decoded body_decode(const body *b, pass *pass, const body_memory *memory,
                         const packed *fed);

/* What a copying head keeps of a source, made while its memory is there. */
typedef struct body_keep {
    const struct head *head;
    void (*make)(const struct head *h, pass *pass, const body_memory *memory,
                 copy_memory *copied);
    copy_memory *copied;
    const int32_t *words; /* as body_encode */
} body_keep;

/* Outputs of a source that go on place by place (model/decoder_cache.h): every layer's keys and
 * values, in the arena. `keep` NULL: no head keeps anything. */
decoder_layer_cache *body_cache_push(const body *b, pass *pass, const packed *source,
                                     int sequences, int room, const body_keep *keep);

/* The decoder's states [rows->packed.rows, width]. `rows` is one row each of `sequences` of the
 * cache, outputs of `sentences` of the source. */
matrix body_step(const body *b, pass *pass, decoder_layer_cache *layers, const stream *rows,
                 const int32_t *sequences, const int32_t *sentences);

/* The packed form of the weights that rows are multiplied by, made of their values as they are
 * now (tensor/weight.h): until body_unpack products read it. STATUS_NOMEM without room. */
MUST_CHECK status body_pack(body *b, int threads);
void body_unpack(body *b);

/* The same while a step goes on: from body_pack_begin on products read the packed form, of
 * which body_pack_next makes that of the parameters up to `last`, unless it has done so since.
 * Rounded where the engine rounds (gemm.h), which is not to change meanwhile.
 * STATUS_NOMEM without room. */
MUST_CHECK status body_pack_begin(body *b);
void body_pack_next(body *b, int last, int threads);

/* The same for good, where nothing but decoding follows: the packed form takes the place of the
 * values. STATUS_NOMEM. */
MUST_CHECK status body_pack_in_place(body *b, int threads);

/* From the gradient of the decoder's states, and what a head adds to that of the memory (NULL
 * data: nothing; without a decoder it is all of it), to all gradients of the body, which are
 * set. Both, and what was saved, are used up. */
void body_backward(const body *b, pass *pass, body_memory *memory, body_decoded *decoded,
                   matrix dstates, matrix dmemory);

/* Multiplications and additions of one forward pass in matrix products: of the map of frames,
 * 0 for symbols; of the attention blocks, their projections included, where masked attention
 * counts what the mask lets through; and of the feed-forward blocks. */
double body_input_products(const body *b, const packed *source);
double body_attention_products(const body *b, const packed *source, const packed *target);
double body_feed_forward_products(const body *b, const packed *source, const packed *target);

#endif
