/* task.h - what a model is for: a row of a table says how the decoder is fed, what head stands
 * on the body, and how the result is judged and written (model.task).
 *
 * A new task is a file src/model/task_<name>.c with its row, the row's line in task.c, and a
 * head in nn.
 */
#ifndef LOCKSTEP_MODEL_TASK_H
#define LOCKSTEP_MODEL_TASK_H

#include "lockstep/model/body.h"
#include "lockstep/nn/generator_best.h"

/* What an output is, and so what a line of it looks like. */
typedef enum task_output {
    OUTPUT_SEQUENCE /* symbols of the target's vocabulary up to <end>: a line of text */
} task_output;

/* A head's parameters and settings; of a kind that its task alone knows. */
typedef struct head head;

typedef struct task {
    const char *name;

    /* ---- the sides, as a loader is to deliver them (data/loader.h) ---- */
    bool source_end; /* <end> follows the source */
    bool truth_end;  /* <end> follows the truth, and is scored */

    /* What the decoder is fed for the truth (feed.h): as many rows of the same
     * sentences, whose numbers stand in the arena; `*ids`, unless it is NULL, is them to be
     * changed. */
    packed (*feed)(arena *arena, const packed *truth, int32_t **ids);

    /* ---- the head ---- */

    /* Register its parameters behind the body's, as the last of forward. `*out` is owned:
     * close. `*site` is the next free dropout site. */
    status (*open)(head **out, const config *c, body *b, int *site);
    void (*close)(head *h);
    /* Once the registry is allocated. */
    void (*view)(head *h, const body *b);
    int (*symbols)(const head *h); /* that it chooses from */
    /* Losses of every row of the truth, which `gold` [rows] holds. */
    void (*losses)(const head *h, pass *pass, const stream *stream, matrix states,
                   const int32_t *gold, generator_result *out);
    /* The same, and the gradients of `scale` times their sum: dstates is overwritten, the
     * head's gradients are set, and said to be ready. */
    void (*learn)(const head *h, pass *pass, const stream *stream, matrix states,
                  const int32_t *gold, float scale, matrix dstates, generator_result *out);
    /* The symbols at the rows of `states` that are asked for. */
    void (*predict)(const head *h, pass *pass, matrix states, const generator_query *query,
                    int32_t *symbols);
    /* logits [states.rows, symbols] of any rows. */
    void (*logits)(const head *h, matrix states, matrix logits);
    /* The likeliest symbols of any rows, and all of them, with log p
       (nn/generator_best.h). */
    void (*best)(const head *h, pass *pass, matrix states, const generator_best_query *query,
                 int32_t *symbols, float *log_p);
    void (*log_p)(const head *h, matrix states, matrix log_p);

    /* ---- what comes out ---- */
    task_output output;
    const char *const *metrics; /* names of those that make sense (metrics/metric.h), in the
                                   order in which they are shown; NULL after the last */
} task;

/* NULL when there is none of that name. */
const task *task_find(const char *name);

/* The row of `c->model.task`. */
const task *task_of(const config *c);

#endif
