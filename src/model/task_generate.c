/* task_generate.c - a sequence whose length the model decides: translation, pronunciation,
 * answers. The decoder is fed <begin> and the truth, and every state predicts what comes next.
 */
#include "sequence_head.h"
#include "tasks.h"

static status open(head **out, const config *c, body *b, int *site)
{
    (void)site; /* nothing is dropped here */
    return sequence_head_open(out, c, b);
}

static feed feed_of(const head *h, pass *pass, const packed *truth, bool draws)
{
    feed f = {.gold = truth->ids, .scored = truth->rows};

    (void)h;
    (void)draws;
    f.fed = feed_truth(pass->arena, truth, &f.ids);
    return f;
}

static void losses(const head *h, pass *pass, const head_input *in, head_result *out)
{
    *out = (head_result){.sentences = {.nll = NULL}};
    pass_need(pass, h->output.bias);
    sequence_head_losses(h, pass, &in->decoded->target, in->decoded->states, in->gold,
                         &out->rows);
}

static void learn(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out)
{
    (void)dmemory;
    *out = (head_result){.sentences = {.nll = NULL}};
    pass_need(pass, h->output.bias);
    sequence_head_learn(h, pass, &in->decoded->target, in->decoded->states, in->gold, scale.row,
                        dstates, &out->rows);
}

const task task_generate = {
    .name = "generate",
    .decoder = DECODER_AUTOREGRESSIVE,
    .source_end = true,
    .truth_end = true,
    .feed = feed_of,
    .open = open,
    .close = sequence_head_close,
    .view = sequence_head_view,
    .symbols = sequence_head_symbols,
    .losses = losses,
    .learn = learn,
    .predict = sequence_head_predict,
    .best = sequence_head_best,
    .log_p = sequence_head_log_p,
    .output = OUTPUT_SEQUENCE,
    .metrics = sequence_metrics,
};
