/* task.h - what a model is for: a row of a table says how the decoder is fed, what head stands
 * on the body, and how the result is judged and written (model.task and model.decoder).
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
    OUTPUT_SEQUENCE /* symbols of the target's vocabulary up to <end>: a line of text */
} task_output;

/* What the decoder is fed for a batch, and what is scored of what it makes of it; in the pass's
 * arena, or the truth's own. */
typedef struct feed {
    packed fed;          /* the truth's sentences, in its grains; with rows of their own */
    int32_t *ids;        /* fed.ids, to be changed */
    const int32_t *gold; /* [fed.rows] what each row is scored against; -1: it is not scored */
    int scored;          /* rows that are */
} feed;

/* What a head makes losses of. */
typedef struct head_input {
    const body_memory *memory;
    const body_decoded *decoded;
    const int32_t *gold; /* [decoded rows] as a feed has it */
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
    int decoder;      /* decoder_kind that it is for */
    int length;       /* length_kind, of a parallel decoder */
    bool copies;      /* parts of an output may be copied from its source (model.copy) */

    /* ---- the sides, as a loader is to deliver them (data/loader.h) ---- */
    bool source_end; /* <end> follows the source */
    bool truth_end;  /* <end> follows the truth, and is scored */

    /* What the decoder is fed for the truth, and scored against. With `draws` what training
     * leaves to chance follows from the pass's seed and draw and each row's place in its
     * grain; without, nothing is left to chance. */
    feed (*feed)(const head *h, pass *pass, const packed *truth, bool draws);
    int32_t (*filler)(const head *h); /* as transformer_filler; NULL where outputs grow */

    /* ---- the head ---- */

    /* Register its parameters behind the body's, as the last of forward. `*out` is owned:
     * close. `*site` is the next free dropout site. */
    status (*open)(head **out, const config *c, body *b, int *site);
    void (*close)(head *h);
    /* Once the registry is allocated. */
    void (*view)(head *h, const body *b);
    int (*symbols)(const head *h); /* that it chooses from */
    /* Losses of every row that is scored, and of every sentence's length. */
    void (*losses)(const head *h, pass *pass, const head_input *in, head_result *out);
    /* The same, and the gradients of their sum, each times its scale: dstates is overwritten,
     * and dmemory [source rows, width] too where the task `reads_memory`; the head's gradients
     * are set, and said to be ready. */
    void (*learn)(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out);
    bool reads_memory;
    /* Where the task copies: what the pointer keeps of a source, made once; and what it attends
     * to at every place. */
    void (*remember)(const head *h, pass *pass, const body_memory *memory, copy_memory *copied);
    void (*attend)(const head *h, pass *pass, const body_memory *memory,
                   const body_decoded *decoded, copy_saved *out);
    /* The symbols at the rows of `states` that are asked for. */
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

/* The row of `c->model.task`, model.decoder and model.length. */
const task *task_of(const config *c);

#endif
