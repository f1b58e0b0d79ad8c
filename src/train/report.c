/* report.c - what a run says while it goes. */
#include "lockstep/train/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

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
    *r = (report){0};
}

void report_begin(report *r, const training *t)
{
    r->since = clock_seconds();
    r->waited = world_waited(t->world);
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

void report_step(report *r, const training *t, int64_t epoch, const step_result *step)
{
    char left[32], forcing[48];

    r->tokens += step->target_tokens;
    double seconds = stretch(r, t, left);
    log_progress("step %lld/%lld  epoch %lld  loss %.4f%s  %.0f tokens/s  %s left",
                 (long long)t->step, (long long)r->config->training.steps, (long long)epoch,
                 r->loss, forcing_text(r, step, forcing), (double)r->tokens / seconds, left);
}

/* JSON has no infinity. */
static double perplexity(double nll)
{
    return exp(fmin(nll, 700.0));
}

static status write_failed(void)
{
    return fail(STATUS_IO, "metrics.jsonl: cannot write: %s", strerror(errno));
}

status report_add(report *r, training *t, int64_t epoch, const step_result *step)
{
    char left[32], forcing[48];
    double seconds = stretch(r, t, left), rate = (double)r->tokens / seconds;
    double waited = (world_waited(t->world) - r->waited) / seconds;
    losses sums = tally_take(&t->tally, t->world);

    r->loss = sums.loss;
    log_line(
        "step %lld/%lld  epoch %lld  loss %.4f  perplexity %.3f  accuracy %.4f  norm %.3f  "
        "rate %.3g%s  %.0f tokens/s  waiting %.1f%%  %s left",
        (long long)t->step, (long long)r->config->training.steps, (long long)epoch, sums.loss,
        perplexity(sums.nll), sums.accuracy, step->norm, step->rate,
        forcing_text(r, step, forcing), rate, 100.0 * waited, left);
    report_begin(r, t);
    if (r->metrics == NULL)
        return STATUS_OK;
    int wrote = fprintf(
        r->metrics,
        "{\"step\": %lld, \"epoch\": %lld, \"loss\": %.9g, \"perplexity\": %.9g, "
        "\"accuracy\": %.9g, \"gradient_norm\": %.9g, \"learning_rate\": %.9g, "
        "\"tokens_per_second\": %.6g, \"communication\": %.4g, \"teacher_forcing\": %.9g}\n",
        (long long)t->step, (long long)epoch, sums.loss, perplexity(sums.nll), sums.accuracy,
        step->norm, step->rate, rate, waited, step->teacher_forcing);
    return wrote < 0 || fflush(r->metrics) != 0 ? write_failed() : STATUS_OK;
}

/* What the model gets right when it is fed itself, for the log and for the record. */
static void describe_free_running(const validation_result *v, char said[96], char record[192])
{
    const free_running *f = &v->free_running;

    said[0] = record[0] = 0;
    if (!v->decoded)
        return;
    snprintf(said, 96, " fed the truth, %.4f fed itself (%.4f by edits)", f->accuracy,
             f->edit_accuracy);
    snprintf(record, 192,
             ", \"valid_free_accuracy\": %.9g, \"valid_free_edit_accuracy\": %.9g, "
             "\"exposure_gap\": %.9g",
             f->accuracy, f->edit_accuracy, v->losses.accuracy - f->accuracy);
}

status report_validation(report *r, const training *t, int64_t epoch,
                         const validation_result *v)
{
    char score[64] = "", record[96] = "", itself[96], itself_record[192];

    describe_free_running(v, itself, itself_record);
    if (v->metric != NULL) {
        snprintf(score, sizeof(score), "  %s %.2f", v->metric->name, v->score);
        snprintf(record, sizeof(record), ", \"valid_%s\": %.9g", v->metric->name, v->score);
    }
    log_line("step %lld  validation: loss %.4f  perplexity %.3f  accuracy %.4f%s%s%s",
             (long long)t->step, v->losses.nll, perplexity(v->losses.nll), v->losses.accuracy,
             itself, score, v->best ? "  (best so far)" : "");
    if (r->metrics == NULL)
        return STATUS_OK;
    int wrote = fprintf(r->metrics,
                        "{\"step\": %lld, \"epoch\": %lld, \"valid_loss\": %.9g, "
                        "\"valid_perplexity\": %.9g, \"valid_accuracy\": %.9g%s%s}\n",
                        (long long)t->step, (long long)epoch, v->losses.nll,
                        perplexity(v->losses.nll), v->losses.accuracy, itself_record, record);
    return wrote < 0 || fflush(r->metrics) != 0 ? write_failed() : STATUS_OK;
}
