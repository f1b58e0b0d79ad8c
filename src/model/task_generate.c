/* task_generate.c - a sequence whose length the model decides: translation, pronunciation,
 * answers. The decoder is fed <begin> and the truth, and every state predicts what comes next.
 */
#include "symbol_head.h"
#include "tasks.h"

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
    pass_need(pass, h->output.bias);
    symbol_head_losses(h, pass, &in->decoded->target, in->decoded->states, in->gold,
                       &out->rows);
}

static void learn(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out)
{
    (void)dmemory;
    pass_need(pass, h->output.bias);
    symbol_head_learn(h, pass, &in->decoded->target, in->decoded->states, in->gold, scale.row,
                      dstates, &out->rows);
}

const char *const sequence_metrics[] = {"bleu", "chrf", "wer", "per", "cer", "exact", NULL};

const task task_generate = {
    .name = "generate",
    .decoder = DECODER_AUTOREGRESSIVE,
    .source_end = true,
    .truth_end = true,
    .feed = feed_of,
    .open = symbol_head_open,
    .close = symbol_head_close,
    .view = symbol_head_view,
    .symbols = symbol_head_symbols,
    .losses = losses,
    .learn = learn,
    .predict = symbol_head_predict,
    .best = symbol_head_best,
    .log_p = symbol_head_log_p,
    .output = OUTPUT_SEQUENCE,
    .metrics = sequence_metrics,
};
