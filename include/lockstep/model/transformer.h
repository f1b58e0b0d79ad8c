/* transformer.h - the assembled model: a body (model/body.h) with the head of its task
 * (model/task.h).
 *
 * What the decoder is fed is the caller's: transformer_feed of the truth, or what a search or
 * scheduled sampling make of it.
 *
 * A parallel decoder (model.decoder) writes all of an output in one pass: transformer_encode,
 * transformer_lengths, then transformer_decode of sentences of such a length, in which
 * transformer_filler stands at every place that is not known; state t says what stands at
 * place t.
 *
 * Where a label or tags come out there is no decoder: transformer_encode, transformer_states,
 * and transformer_best of them.
 */
#ifndef LOCKSTEP_MODEL_TRANSFORMER_H
#define LOCKSTEP_MODEL_TRANSFORMER_H

#include "lockstep/config/config.h"
#include "lockstep/model/attended.h"
#include "lockstep/model/body.h"
#include "lockstep/model/decoder_cache.h"
#include "lockstep/model/task.h"

typedef struct transformer transformer;

/* Build the model of `c->model` for vocabularies of these sizes (0 of a source of frames, which
 * has none), parameters zero; `nodes` gradient planes (0: a model that does not train). `*out`
 * is owned. STATUS_CONFIG when it has
 * more places for dropout than can be told apart. */
MUST_CHECK status transformer_create(transformer **out, const config *c, int source_symbols,
                                     int target_symbols, int nodes);
void transformer_destroy(transformer *t); /* NULL is fine */

parameters *transformer_parameters(transformer *t); /* borrowed */
const task *transformer_task(const transformer *t);

/* Places a sentence of either side may have, <begin> or <end> included. */
int transformer_places(const transformer *t);
int transformer_symbols(const transformer *t); /* that the head chooses from */

/* ---- where parts of an output may be copied (model.copy) ----
 *
 * Sources and truths have numbers as data/sides.h says; outputs have those of truths. The
 * encoder and the decoder are fed <unk> for what is no symbol. Elsewhere symbols are all that
 * there is, and what is asked for is NULL. */

/* What each symbol of the source is in the target: [source symbols], copied. Before it is
 * told, and where it need not be, those of a joint vocabulary, each itself. */
void transformer_set_copied(transformer *t, const int32_t *copied);
bool transformer_copies(const transformer *t);
/* What a number is fed as. */
int32_t transformer_fed(const transformer *t, int32_t number);
/* The outputs of these sources have numbers below this one. */
int transformer_numbers(const transformer *t, const packed *source);
/* Where the rows of the decoder's states may copy from: of what was fed with a memory, or of
 * slots of a cache. In the arena. */
const copy_rows *transformer_copied(const transformer *t, pass *pass, const body_memory *memory,
                                    const packed *fed);
const copy_rows *transformer_copied_at(const transformer *t, pass *pass,
                                       const decoder_cache *cache, const int32_t *slots,
                                       int count);

/* What is fed for the truth and scored against it, as the task has it; with `draws` as in
 * training, where the pass's seed and draw decide what is left to chance. */
feed transformer_feed(const transformer *t, pass *pass, const packed *truth, bool draws);

/* Losses of a batch; everything is in the pass's arena. gold [fed rows], negative where a row
 * is not scored (model/task.h), which an autoregressive decoder does not know. */
void transformer_forward(const transformer *t, pass *pass, const packed *source,
                         const packed *fed, const int32_t *gold, head_result *out);

/* The source's memory, which may be decoded with more than once. */
body_memory transformer_encode(const transformer *t, pass *pass, const packed *source);

/* Without a decoder only: the states that the head answers at, as a task's `states` has it. */
matrix transformer_states(const transformer *t, pass *pass, const body_memory *memory,
                          const packed *asked);

/* The decoder's states [fed rows, width]. */
matrix transformer_decode(const transformer *t, pass *pass, const body_memory *memory,
                          const packed *fed);

/* A forward pass, for what its places attend to; without a decoder the source's alone. It lives
 * in the pass's arena. */
attended transformer_attend(const transformer *t, pass *pass, const packed *source,
                            const packed *fed);

/* The rest of a learning pass: decode, losses, and the gradients of their sum, each times its
 * scale, through the encoder too: every gradient is set. The memory is used up. */
void transformer_learn(const transformer *t, pass *pass, body_memory *memory, const packed *fed,
                       const int32_t *gold, loss_scale scale, head_result *out);

/* Of a parallel decoder only: for each sentence of the memory the `count` likeliest lengths of
 * its output, in places to be fed, best first, and their log p [sequences * count]. A length is
 * at least 1, and with a classifier below transformer_places; where there are fewer the rest is
 * -1, log p -infinity. Of a fixed length (model.length.kind: fixed) there is one, log p 0. With
 * packed weights a sentence's are the same bits whatever stands beside it. */
void transformer_lengths(const transformer *t, pass *pass, const body_memory *memory, int count,
                         int32_t *lengths, float *log_p);

/* Of a parallel decoder only: what it is fed at places that are not known, <begin> or
 * <mask>. */
int32_t transformer_filler(const transformer *t);

/* The one predictor: symbols [count] that come next at the rows of the decoder's states that
 * `query` names, the likeliest or drawn, as nn/generator.h has it. */
void transformer_predict(const transformer *t, pass *pass, matrix states,
                         const generator_query *query, int32_t *symbols);

/* Outputs that go on place by place, as model/decoder_cache.h has it. */
decoder_cache *transformer_cache_push(const transformer *t, pass *pass, const packed *source,
                                      const int32_t *sentences, int slots, int room);
matrix transformer_step(const transformer *t, pass *pass, decoder_cache *cache,
                        const int32_t *slots, const int32_t *ids, int count);

/* Before anything is decoded with the values as they are now, and after it: in between
 * forward passes have the same bits for a row whatever stands beside it. Packing what is
 * packed already does it anew. STATUS_NOMEM. */
MUST_CHECK status transformer_pack(transformer *t, int threads);
void transformer_unpack(transformer *t);
/* The same while a step of learning goes on, parameter by parameter (body_pack_begin). */
MUST_CHECK status transformer_pack_begin(transformer *t);
void transformer_pack_next(transformer *t, int last, int threads);
/* The same for good, where nothing but decoding follows: it takes the place of the values, and
 * no more memory than they did. */
MUST_CHECK status transformer_pack_in_place(transformer *t, int threads);

/* The likeliest symbols at every row of the decoder's states, and all of them, with their
 * probabilities, as nn/generator_best.h has it. */
void transformer_best(const transformer *t, pass *pass, matrix states,
                      const generator_best_query *query, int32_t *symbols, float *log_p);
void transformer_log_p(const transformer *t, pass *pass, matrix states, const copy_rows *copied,
                       matrix log_p);

/* Multiplications and additions that a training step on this batch, of whose fed rows so many
 * are scored, needs in matrix products: three times those of the forward pass, of the map of
 * frames twice. Embeddings of symbols need none. */
typedef struct model_flops {
    double input;     /* the map of frames */
    double attention; /* all attention blocks, their projections included */
    double feed_forward;
    double output; /* the output layer and its loss */
} model_flops;

model_flops transformer_flops(const transformer *t, const packed *source, const packed *fed,
                              int scored);

#endif
