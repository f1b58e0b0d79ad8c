/* attention_block.h - multi-head attention with its residual and norm, to the queries' own
 * stream or to another (torch.nn.MultiheadAttention in a Transformer layer).
 *
 *   post-norm:  y = norm(x + dropout(out_proj(attention(in_proj(x)))))
 *   pre-norm:   y = x + dropout(out_proj(attention(in_proj(norm(x)))))
 *
 * In cross attention keys and values are made of `memory` instead, which no norm of this
 * block touches.
 */
#ifndef LOCKSTEP_NN_ATTENTION_BLOCK_H
#define LOCKSTEP_NN_ATTENTION_BLOCK_H

#include "lockstep/nn/attention_cache.h"
#include "lockstep/nn/linear.h"
#include "lockstep/nn/norm.h"

typedef struct attention_block {
    linear in_proj;  /* [3 * width, width]: queries, keys, values */
    linear out_proj; /* [width, width] */
    norm norm;
    attention attention;
    bool cross;      /* keys and values come from the memory */
    bool norm_first; /* pre-norm */
    double dropout;  /* of the branch */
    int site;        /* its dropout site */
    int width;
} attention_block;

typedef struct attention_block_indices {
    linear_indices in_proj, out_proj;
    norm_indices norm;
} attention_block_indices;

/* Register `<layer><attention>.in_proj_weight` ... and `<layer><norm>.weight` ...; `layer`
 * ends with a dot; `over_batch` makes the norm a batch norm. Projections start as PyTorch's
 * do: Xavier, biases 0. */
MUST_CHECK status attention_block_add(parameters *p, attention_block_indices *out,
                                      const char *layer, const char *attention,
                                      const char *norm, int width, bool over_batch);
/* Sets the views, as linear_view does; the caller fills in the options. */
void attention_block_view(const parameters *p, const weight_slab *weights,
                          const attention_block_indices *indices, attention_block *out);

/* What cross attention sees. Its keys and values are made by the first forward pass over it,
 * and serve further ones. */
typedef struct attention_memory {
    matrix rows;      /* [memory rows, width], borrowed */
    factor projected; /* [memory rows, 2 * width]: keys, values */
    bool made;
} attention_memory;

/* Room for the keys and values of `rows`, in the pass's arena. */
attention_memory attention_memory_push(const attention_block *b, pass *pass, matrix rows);

typedef struct attention_block_saved {
    matrix x;                /* borrowed */
    matrix memory;           /* borrowed; cross only */
    matrix in;               /* what in_proj read: x, or norm(x) */
    factor projected;        /* [rows, 3 * width], or [rows, width] in cross */
    factor memory_projected; /* [memory rows, 2 * width], borrowed; cross only */
    factor context;          /* [rows, width] */
    norm_saved norm;
    attention_saved attention;
} attention_block_saved;

/* y [rows, width] is overwritten and must not overlap x. `keys` and `memory` are those of
 * the other stream in cross attention and NULL otherwise. */
void attention_block_forward(const attention_block *b, pass *pass, const stream *queries,
                             const stream *keys, matrix x, attention_memory *memory, matrix y,
                             attention_block_saved *saved);

/* For attention_block_step: add what cross attention sees of the memory of every sentence of
 * `keys` to the sentence's sequence of the cache. */
void attention_block_remember(const attention_block *b, pass *pass, const stream *keys,
                              matrix memory, attention_cache *cache);

/* Forward of one new row of each of some sequences, in a pass without dropout and without
 * `batch`: row i continues sequences[i] of the cache, to which its own key and value are added
 * first, unless this is cross attention. `rows` is one grain. */
void attention_block_step(const attention_block *b, pass *pass, const stream *rows,
                          attention_cache *cache, const int32_t *sequences, matrix x, matrix y);

/* dx is overwritten and must not overlap dy. dmemory is overwritten, or added to where
 * `add` is true; its data is NULL without cross. Sets all gradients. */
void attention_block_backward(const attention_block *b, pass *pass, const stream *queries,
                              const stream *keys, matrix dy, matrix dx, matrix dmemory,
                              bool add, attention_block_saved *saved);

#endif
