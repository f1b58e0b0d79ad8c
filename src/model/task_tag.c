/* task_tag.c - one symbol for each word of the source: its part of speech, its slot. There is
 * no decoder: the head answers at what the encoder made of each word's first symbol. The truth
 * has a row for each of the source's, -1 where no word begins.
 */
#include "scored_rows.h"
#include "symbol_head.h"
#include "tasks.h"

static feed feed_of(const head *h, pass *pass, const packed *truth, bool draws)
{
    (void)draws;
    return feed_answers(pass, truth, h->first);
}

static matrix states(const head *h, pass *pass, const body_memory *memory, const packed *asked)
{
    CHECK(asked->rows == memory->memory.rows);
    scored_rows rows = scored_rows_push(pass, &memory->source, asked->ids);

    (void)h;
    return scored_rows_gather(&rows, pass, memory->memory);
}

static void losses(const head *h, pass *pass, const head_input *in, head_result *out)
{
    CHECK(in->decoded->target.packed.rows == in->memory->memory.rows);
    pass_need(pass, h->output.bias);
    symbol_head_losses_scored(h, pass, &in->memory->source, in->memory->memory, in->gold,
                              &out->rows);
}

static void learn(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out)
{
    (void)dstates;
    CHECK(in->decoded->target.packed.rows == in->memory->memory.rows);
    pass_need(pass, h->output.bias);
    symbol_head_learn_scored(h, pass, &in->memory->source, in->memory->memory, in->gold,
                             scale.row, dmemory, &out->rows);
}

static const char *const metrics[] = {"accuracy", "span_f1", NULL};

const task task_tag = {
    .name = "tag",
    .decoder = NO_DECODER,
    .feed = feed_of,
    .open = symbol_head_open_classifier,
    .close = symbol_head_close,
    .view = symbol_head_view,
    .symbols = symbol_head_symbols,
    .losses = losses,
    .learn = learn,
    .reads_memory = true,
    .states = states,
    .best = symbol_head_best,
    .log_p = symbol_head_log_p,
    .output = OUTPUT_TAGS,
    .metrics = metrics,
};
