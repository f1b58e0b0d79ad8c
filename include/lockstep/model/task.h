/* task.h - what a model is for: a row of a table says whether there is a decoder and how it is
 * fed, what head stands on the body, and how the result is judged and written (model.task,
 * model.decoder, model.copy and model.pool).
 *
 * A new task is a file src/model/task_<name>.c with its row, the row's line in task.c, and a
 * head in nn.
 */
#ifndef LOCKSTEP_MODEL_TASK_H
#define LOCKSTEP_MODEL_TASK_H

#include "lockstep/model/body.h"
#include "lockstep/nn/copy_best.h"
#include "lockstep/nn/copy_head.h"
#include "lockstep/nn/generator_best.h"

/* What an output is, and so what a line of it looks like. */
typedef enum task_output {
    OUTPUT_SEQUENCE, /* symbols of the target's vocabulary up to <end>: a line of text */
    OUTPUT_LABEL,    /* one symbol: a label and its probability */
    OUTPUT_TAGS      /* a symbol for each word of the source, spaces between */
} task_output;

enum { NO_DECODER = -1 }; /* of a task, in place of a decoder_kind */

/* What a row is scored against, where that is no symbol of the head's. */
enum {
    GOLD_NONE = -1,   /* nothing: the row does not count */
    GOLD_UNKNOWN = -2 /* what the head cannot say, so that the row is wrong; it has no loss */
};

/* What the decoder is fed for a batch, and what is scored of what it makes of it; in the pass's
 * arena, or the truth's own. Without a decoder nothing is fed: its rows are those of the truth,
 * which the head's answers belong to. */
typedef struct feed {
    packed fed;          /* the truth's sentences, in its grains; with rows of their own */
    int32_t *ids;        /* fed.ids, to be changed; NULL without a decoder */
    const int32_t *gold; /* [fed.rows] rows of the head's symbols, or GOLD_NONE, GOLD_UNKNOWN */
    int scored;          /* rows that are scored against a symbol */
} feed;

/* What a head makes losses of. */
typedef struct head_input {
    const body_memory *memory;
    const body_decoded *decoded; /* without a decoder the truth's rows, and no states */
    const int32_t *gold;         /* [decoded rows] as a feed has it */
} head_input;

typedef struct head_result {
    generator_result rows; /* [decoded rows] 0 where nothing is scored */
    /* [sentences] of the output's length; NULL where no head says what it is. */
    generator_result sentences;
    /* [decoded rows] the share that is generated, not copied; NULL where nothing is copied. */
    const float *gates;
} head_result;

/* What the losses of rows, and those of sentences, are multiplied by in their sum. */
typedef struct loss_scale {
    float row, sentence;
} loss_scale;

/* A head's parameters and settings; of a kind that its task alone knows. */
typedef struct head head;

typedef struct task {
    const char *name; /* the word of model.task */
    int decoder;      /* decoder_kind that it is for, or NO_DECODER */
    int length;       /* length_kind, of a parallel decoder */
    int pool;         /* pool_kind, of a label */
    bool copies;      /* parts of an output may be copied from its source (model.copy) */

    /* ---- the sides, as a loader is to deliver them (data/loader.h) ---- */
    bool source_begin; /* <begin> comes before the source */
    bool source_end;   /* <end> follows a source of symbols */
    bool truth_end;    /* <end> follows the truth, and is scored */

    /* What the decoder is fed for the truth, and scored against. With `draws` what training
     * leaves to chance follows from the pass's seed and draw and each row's place in its
     * grain; without, nothing is left to chance. */
    feed (*feed)(const head *h, pass *pass, const packed *truth, bool draws);
    int32_t (*filler)(const head *h); /* as transformer_filler; NULL where outputs grow */

    /* ---- the head ---- */

    /* Register its parameters behind the body's, as the last of forward, for so many symbols of
     * the target. `*out` is owned: close. */
    status (*open)(head **out, const config *c, body *b, int symbols);
    void (*close)(head *h);
    /* Once the registry is allocated. */
    void (*view)(head *h, const body *b);
    int (*symbols)(const head *h); /* that it chooses from */
    /* Losses of every row that is scored, and of every sentence's length: what of `out`, which
     * is empty, there is. */
    void (*losses)(const head *h, pass *pass, const head_input *in, head_result *out);
    /* The same, and the gradients of their sum, each times its scale: dstates is overwritten,
     * and dmemory [source rows, width] too where the task `reads_memory`, as it does without a
     * decoder; the head's gradients are set, and said to be ready. */
    void (*learn)(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out);
    bool reads_memory;
    /* Without a decoder, the states that the head answers at, in the arena: of every sentence
     * one, or one for every row of it at which `asked`, its truth or marks in the truth's
     * place, is not negative. NULL where a decoder makes them. */
    matrix (*states)(const head *h, pass *pass, const body_memory *memory, const packed *asked);
    /* Where the task copies: what the pointer keeps of a source, made once; and what it attends
     * to at every place. */
    void (*remember)(const head *h, pass *pass, const body_memory *memory, copy_memory *copied);
    void (*attend)(const head *h, pass *pass, const body_memory *memory,
                   const body_decoded *decoded, copy_saved *out);
    /* The symbols at the rows of `states` that are asked for; NULL without a decoder. */
    void (*predict)(const head *h, pass *pass, matrix states, const generator_query *query,
                    int32_t *symbols);
    /* The likeliest symbols of any rows, and all of them, with log p
       (nn/generator_best.h). */
    void (*best)(const head *h, pass *pass, matrix states, const generator_best_query *query,
                 int32_t *symbols, float *log_p);
    void (*log_p)(const head *h, pass *pass, matrix states, const copy_rows *copied,
                  matrix log_p);
    /* As transformer_lengths has it; NULL where outputs grow. `longest`: without specials. */
    void (*lengths)(const head *h, pass *pass, const body_memory *memory, int longest,
                    int count, int32_t *lengths, float *log_p);

    /* ---- what comes out ---- */
    task_output output;
    const char *const *metrics; /* names of those that make sense (metrics/metric.h), in the
                                   order in which they are shown; NULL after the last */
} task;

/* The first row of that name; NULL when there is none. */
const task *task_find(const char *name);

/* The row of `c->model.task`, model.decoder, model.copy, model.length and model.pool. */
const task *task_of(const config *c);

/* Does <end> follow a source? As the task has it; never frames. */
bool task_source_end(const config *c);

#endif
