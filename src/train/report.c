/* report.c - what a run says while it goes. */
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/number.h"
#include "traffic.h"

/* The number after `"step": ` at the beginning of a record; INT64_MAX for another line,
 * such as one that a killed process left unfinished. */
static int64_t step_of(const char *line, size_t size)
{
    static const char head[] = "{\"step\": ";

    if (size < sizeof(head) || strncmp(line, head, sizeof(head) - 1) != 0 ||
        line[size - 1] != '}')
        return INT64_MAX;
    return strtoll(line + sizeof(head) - 1, NULL, 10);
}

static status cut_back(const char *path, int64_t step)
{
    char *text;
    size_t size, kept = 0;

    if (!file_exists(path))
        return STATUS_OK;
    TRY(file_load(path, &text, &size));
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        if (end == NULL || step_of(text + at, (size_t)(end - text) - at) > step)
            break;
        at = kept = (size_t)(end - text) + 1;
    }
    status saved = kept < size ? file_save(path, text, kept) : STATUS_OK;
    memory_destroy(text);
    return saved;
}

status report_open(report *r, const config *c, int64_t step, bool writes)
{
    char path[FILE_PATH_MAX];

    *r = (report){.config = c, .loss = NAN};
    if (!writes)
        return STATUS_OK;
    TRY(file_join(path, c->run.folder, "metrics.jsonl"));
    TRY(cut_back(path, step));
    r->metrics = fopen(path, "a");
    if (r->metrics == NULL)
        return fail(STATUS_IO, "%s: cannot open: %s", path, strerror(errno));
    return STATUS_OK;
}

void report_close(report *r)
{
    if (r->metrics != NULL)
        fclose(r->metrics);
    json_free(&r->record);
    *r = (report){0};
}

void report_begin(report *r, const training *t)
{
    r->since = clock_seconds();
    r->waited = world_waited(t->world);
    r->traffic = traffic_since(t, (exchange_traffic){.bytes = 0.0});
    r->first_step = t->step;
    r->tokens = 0;
}

/* Seconds that the stretch has taken, and the time that all steps left would take. */
static double stretch(const report *r, const training *t, char left[32])
{
    double seconds = clock_seconds() - r->since;
    double steps = (double)(t->step - r->first_step);

    clock_text(seconds / (steps > 0 ? steps : 1) *
                   (double)(r->config->training.steps - t->step),
               left);
    return seconds > 1e-9 ? seconds : 1e-9;
}

/* For people: empty when nothing is ever sampled. */
static const char *forcing_text(const report *r, const step_result *step, char text[48])
{
    text[0] = 0;
    if (r->config->training.scheduled_sampling.schedule != FORCING_NONE)
        snprintf(text, 48, "  teacher forcing %.3f", step->teacher_forcing);
    return text;
}

/* For people: what the heads of some models have. */
static const char *length_text(const losses *sums, char text[64])
{
    char loss[NUMBER_TEXT];

    text[0] = 0;
    if (sums->gates > 0.0)
        snprintf(text, 64, "  gate %.4f", sums->gate);
    if (sums->lengths > 0.0)
        snprintf(text, 64, "  length loss %s accuracy %.4f",
                 number_text(sums->length_loss, 4, loss), sums->length_accuracy);
    return text;
}

void report_step(report *r, const training *t, int64_t epoch, const step_result *step)
{
    char left[32], forcing[48], loss[NUMBER_TEXT];

    r->tokens += step->target_tokens;
    double seconds = stretch(r, t, left);
    log_progress("step %lld/%lld  epoch %lld  loss %s%s  %.0f tokens/s  %s left",
                 (long long)t->step, (long long)r->config->training.steps, (long long)epoch,
                 number_text(r->loss, 4, loss), forcing_text(r, step, forcing),
                 (double)r->tokens / seconds, left);
}

static void begin_record(report *r, const training *t, int64_t epoch)
{
    json_begin(&r->record, NULL);
    json_add_integer(&r->record, "step", t->step); /* first: step_of reads it back */
    json_add_integer(&r->record, "epoch", epoch);
}

static status write_record(report *r)
{
    json_end(&r->record);
    return json_write(&r->record, r->metrics, "metrics.jsonl");
}

/* ---- of steps ---- */

/* What a stretch of steps took. */
typedef struct pace {
    double steps, rate; /* target tokens a second */
    double waited;      /* share of the time */
    exchange_traffic traffic;
} pace;

static pace pace_of(const report *r, const training *t, double seconds)
{
    return (pace){.steps = (double)(t->step - r->first_step),
                  .rate = (double)r->tokens / seconds,
                  .waited = (world_waited(t->world) - r->waited) / seconds,
                  .traffic = traffic_since(t, r->traffic)};
}

/* `communication` is the share of all time that was waited. */
static void add_pace(json *j, const training *t, const pace *p)
{
    json_add_number(j, "tokens_per_second", p->rate, 6);
    json_add_number(j, "communication", p->waited, 4);
    if (world_size(t->world) == 1)
        return;
    json_add_number(j, "communication_seconds", p->traffic.in_flight / p->steps, 6);
    json_add_number(j, "communication_hidden", traffic_hidden(&p->traffic), 4);
}

static status write_step(report *r, const training *t, int64_t epoch, const step_result *step,
                         const losses *sums, const pace *pace)
{
    json *j = &r->record;

    if (r->metrics == NULL)
        return STATUS_OK;
    begin_record(r, t, epoch);
    json_add_number(j, "loss", sums->loss, JSON_FLOAT);
    json_add_number(j, "perplexity", exp(sums->nll), JSON_FLOAT);
    json_add_number(j, "accuracy", sums->accuracy, JSON_FLOAT);
    if (sums->lengths > 0.0) {
        json_add_number(j, "length_loss", sums->length_loss, JSON_FLOAT);
        json_add_number(j, "length_accuracy", sums->length_accuracy, JSON_FLOAT);
    }
    if (sums->gates > 0.0)
        json_add_number(j, "gate", sums->gate, JSON_FLOAT);
    json_add_number(j, "gradient_norm", step->norm, JSON_FLOAT);
    json_add_number(j, "learning_rate", step->rate, JSON_FLOAT);
    add_pace(j, t, pace);
    json_add_number(j, "teacher_forcing", step->teacher_forcing, JSON_FLOAT);
    return write_record(r);
}

status report_add(report *r, training *t, int64_t epoch, const step_result *step)
{
    char left[32], forcing[48], loss[NUMBER_TEXT], perplexity[NUMBER_TEXT], norm[NUMBER_TEXT];
    char length[64], traffic[TRAFFIC_TEXT];
    pace pace = pace_of(r, t, stretch(r, t, left));
    losses sums = tally_take(&t->tally, t->world);

    r->loss = sums.loss;
    log_line("step %lld/%lld  epoch %lld  loss %s  perplexity %s  accuracy %.4f%s  norm %s  "
             "rate %.3g%s  %.0f tokens/s  waiting %.1f%%%s  %s left",
             (long long)t->step, (long long)r->config->training.steps, (long long)epoch,
             number_text(sums.loss, 4, loss), number_text(exp(sums.nll), 3, perplexity),
             sums.accuracy, length_text(&sums, length), number_text(step->norm, 3, norm),
             step->rate, forcing_text(r, step, forcing), pace.rate, 100.0 * pace.waited,
             traffic_text(&pace.traffic, pace.steps, traffic), left);
    report_begin(r, t);
    return write_step(r, t, epoch, step, &sums, &pace);
}

/* ---- of a validation ---- */

static status write_validation(report *r, const training *t, int64_t epoch,
                               const validation_result *v)
{
    const free_running *f = &v->free_running;
    json *j = &r->record;
    char key[32];

    if (r->metrics == NULL)
        return STATUS_OK;
    begin_record(r, t, epoch);
    json_add_number(j, "valid_loss", v->losses.nll, JSON_FLOAT);
    json_add_number(j, "valid_perplexity", exp(v->losses.nll), JSON_FLOAT);
    json_add_number(j, "valid_accuracy", v->losses.accuracy, JSON_FLOAT);
    if (v->losses.lengths > 0.0) {
        json_add_number(j, "valid_length_loss", v->losses.length_loss, JSON_FLOAT);
        json_add_number(j, "valid_length_accuracy", v->losses.length_accuracy, JSON_FLOAT);
    }
    if (v->losses.gates > 0.0)
        json_add_number(j, "valid_gate", v->losses.gate, JSON_FLOAT);
    if (v->decoded) {
        json_add_number(j, "valid_free_accuracy", f->accuracy, JSON_FLOAT);
        json_add_number(j, "valid_free_edit_accuracy", f->edit_accuracy, JSON_FLOAT);
        json_add_number(j, "exposure_gap", v->losses.accuracy - f->accuracy, JSON_FLOAT);
    }
    if (v->metric != NULL) {
        snprintf(key, sizeof(key), "valid_%s", v->metric->name);
        json_add_number(j, key, v->score, JSON_FLOAT);
    }
    return write_record(r);
}

status report_validation(report *r, const training *t, int64_t epoch,
                         const validation_result *v)
{
    const free_running *f = &v->free_running;
    char score[64] = "", itself[96] = "", loss[NUMBER_TEXT], perplexity[NUMBER_TEXT];
    char length[64];

    if (v->decoded)
        snprintf(itself, sizeof(itself), " fed the truth, %.4f fed itself (%.4f by edits)",
                 f->accuracy, f->edit_accuracy);
    if (v->metric != NULL)
        snprintf(score, sizeof(score), "  %s %.2f", v->metric->name, v->score);
    log_line("step %lld  validation: loss %s  perplexity %s  accuracy %.4f%s%s%s%s",
             (long long)t->step, number_text(v->losses.nll, 4, loss),
             number_text(exp(v->losses.nll), 3, perplexity), v->losses.accuracy, itself,
             length_text(&v->losses, length), score, v->best ? "  (best so far)" : "");
    return write_validation(r, t, epoch, v);
}
