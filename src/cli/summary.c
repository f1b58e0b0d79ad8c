/* summary.c - what a model is worth on a set, printed. */
#include "summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "confusion_table.h"
#include "lockstep/base/json.h"
#include "lockstep/base/number.h"
#include "lockstep/base/plural.h"
#include "lockstep/config/config.h"

void summary_init(summary *out, const task *task)
{
    *out = (summary){.count = 0, .parallel = task->decoder == DECODER_PARALLEL};
    for (; task->metrics[out->count] != NULL; out->count++) {
        CHECK(out->count < SUMMARY_METRICS);
        out->metrics[out->count] = metric_find(task->metrics[out->count]);
        CHECK(out->metrics[out->count] != NULL);
    }
}

static const char *references_word(const summary *s)
{
    return config_word("data.references", s->references);
}

/* What a target consists of. */
static const char *element_word(const summary *s)
{
    return s->task == TASK_LABEL ? "label" : s->task == TASK_TAG ? "tag" : "token";
}

static void print_sequences(const summary *s)
{
    char loss[NUMBER_TEXT];

    printf("  %-11s%10.4f %s, %.4f %s (%.4f by edits)\n", "accuracy", s->losses.accuracy,
           s->parallel ? "place by place" : "fed the truth", s->free_running.accuracy,
           s->parallel ? "of its own outputs" : "fed itself", s->free_running.edit_accuracy);
    if (s->losses.lengths > 0.0)
        printf("  %-11s%10s and %.4f of them right\n", "length loss",
               number_text(s->losses.length_loss, 4, loss), s->losses.length_accuracy);
    if (s->losses.gates > 0.0)
        printf("  %-11s%10.4f generated, the rest copied\n", "gate", s->losses.gate);
    printf("the model's own outputs, in percent, %s (data.references: %s):\n",
           s->references == REFERENCES_LINES ? "line by line" : "source by source",
           references_word(s));
    if (s->free_running.cut_off > 0.0)
        printf("  %-11s%8.2f by decode.max_length or decode.max_ratio\n", "cut off",
               100.0 * s->free_running.cut_off);
}

static void print_table(const summary *s)
{
    char loss[NUMBER_TEXT], perplexity[NUMBER_TEXT];

    printf("%" PRId64 " pair%s, %" PRId64 " different source%s, %.0f target %s%s\n", s->pairs,
           PLURAL(s->pairs), s->sources, PLURAL(s->sources), s->losses.tokens, element_word(s),
           PLURAL(s->losses.tokens));
    printf("the given targets, per %s:\n", element_word(s));
    printf("  %-11s%10s\n", "loss", number_text(s->losses.nll, 4, loss));
    printf("  %-11s%10s\n", "perplexity", number_text(exp(s->losses.nll), 4, perplexity));
    if (s->task == TASK_GENERATE)
        print_sequences(s);
    else
        printf("the model's own outputs, in percent:\n");
    for (int m = 0; m < s->count; m++)
        printf("  %-11s%8.2f\n", s->metrics[m]->name, s->scores[m]);
    if (s->task == TASK_LABEL)
        confusion_table_print(&s->confusion, s->evaluation);
}

static void add_sequences(const summary *s, json *j)
{
    json_add_number(j, "accuracy", s->losses.accuracy, JSON_FLOAT);
    if (s->losses.lengths > 0.0) {
        json_add_number(j, "length_loss", s->losses.length_loss, JSON_FLOAT);
        json_add_number(j, "length_accuracy", s->losses.length_accuracy, JSON_FLOAT);
    }
    if (s->losses.gates > 0.0)
        json_add_number(j, "gate", s->losses.gate, JSON_FLOAT);
    json_add_number(j, "free_accuracy", s->free_running.accuracy, JSON_FLOAT);
    json_add_number(j, "free_edit_accuracy", s->free_running.edit_accuracy, JSON_FLOAT);
    json_add_number(j, "cut_off", s->free_running.cut_off, JSON_FLOAT);
    if (!s->parallel)
        json_add_number(j, "exposure_gap", s->losses.accuracy - s->free_running.accuracy,
                        JSON_FLOAT);
}

static status print_json(const summary *s)
{
    json j = {.failure = STATUS_OK};

    json_begin(&j, NULL);
    json_add_text(&j, "checkpoint", s->checkpoint);
    json_add_integer(&j, "step", s->step);
    json_add_integer(&j, "pairs", s->pairs);
    json_add_integer(&j, "sources", s->sources);
    if (s->task == TASK_GENERATE)
        json_add_text(&j, "references", references_word(s));
    json_add_integer(&j, "left_out", s->left_out);
    json_add_number(&j, "tokens", s->losses.tokens, JSON_FLOAT);
    json_add_number(&j, "loss", s->losses.nll, JSON_FLOAT);
    json_add_number(&j, "perplexity", exp(s->losses.nll), JSON_FLOAT);
    if (s->task == TASK_GENERATE)
        add_sequences(s, &j);
    for (int m = 0; m < s->count; m++)
        json_add_number(&j, s->metrics[m]->name, s->scores[m], JSON_FLOAT);
    if (s->task == TASK_LABEL)
        confusion_table_add(&s->confusion, s->evaluation, &j);
    json_end(&j);
    return json_print(&j);
}

status summary_print(const summary *s, bool as_json)
{
    if (as_json)
        return print_json(s);
    print_table(s);
    return STATUS_OK;
}
