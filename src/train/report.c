/* report.c - what a run says while it goes. */
#include "report.h"

#include <math.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/number.h"
#include "start.h"
#include "traffic.h"

status report_open(report *r, const config *c, int64_t step, bool writes)
{
    *r = (report){.config = c, .writes = writes, .opened = clock_seconds(), .loss = NAN};
    if (!writes)
        return STATUS_OK;
    TRY(metrics_file_open(&r->metrics, c->run.folder, step));
    TRY(exposition_open(&r->exposition, c, step, start_count(c->run.folder)));
    if (c->run.tensorboard)
        event_file_open(&r->events, c->run.folder, step);
    return STATUS_OK;
}

void report_close(report *r)
{
    metrics_file_close(&r->metrics);
    event_file_close(&r->events);
    exposition_close(&r->exposition);
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

/* To all who want to know. */
static status write_figures(report *r, const training *t, const figures *f)
{
    if (!r->writes)
        return STATUS_OK;
    event_file_add(&r->events, f);
    exposition_add(&r->exposition, f, t->tokens);
    return metrics_file_add(&r->metrics, f);
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
static void add_pace(figures *f, const training *t, const pace *p)
{
    figures_add(f, "tokens_per_second", p->rate, 6);
    figures_add(f, "communication", p->waited, 4);
    if (world_size(t->world) == 1)
        return;
    figures_add(f, "communication_seconds", p->traffic.in_flight / p->steps, 6);
    figures_add(f, "communication_hidden", traffic_hidden(&p->traffic), 4);
}

static status write_step(report *r, const training *t, int64_t epoch, const step_result *step,
                         const losses *sums, const pace *pace)
{
    figures f = {.step = t->step, .epoch = epoch};

    figures_add(&f, "loss", sums->loss, JSON_FLOAT);
    figures_add(&f, "perplexity", exp(sums->nll), JSON_FLOAT);
    figures_add(&f, "accuracy", sums->accuracy, JSON_FLOAT);
    if (sums->lengths > 0.0) {
        figures_add(&f, "length_loss", sums->length_loss, JSON_FLOAT);
        figures_add(&f, "length_accuracy", sums->length_accuracy, JSON_FLOAT);
    }
    if (sums->gates > 0.0)
        figures_add(&f, "gate", sums->gate, JSON_FLOAT);
    figures_add(&f, "gradient_norm", step->norm, JSON_FLOAT);
    figures_add(&f, "learning_rate", step->rate, JSON_FLOAT);
    add_pace(&f, t, pace);
    figures_add(&f, "seconds", clock_seconds() - r->opened, JSON_FLOAT);
    figures_add(&f, "teacher_forcing", step->teacher_forcing, JSON_FLOAT);
    return write_figures(r, t, &f);
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
    const free_running *itself = &v->free_running;
    figures f = {.step = t->step, .epoch = epoch, .is_validation = true};
    char key[FIGURE_NAME];

    figures_add(&f, "valid_loss", v->losses.nll, JSON_FLOAT);
    figures_add(&f, "valid_perplexity", exp(v->losses.nll), JSON_FLOAT);
    figures_add(&f, "valid_accuracy", v->losses.accuracy, JSON_FLOAT);
    if (v->losses.lengths > 0.0) {
        figures_add(&f, "valid_length_loss", v->losses.length_loss, JSON_FLOAT);
        figures_add(&f, "valid_length_accuracy", v->losses.length_accuracy, JSON_FLOAT);
    }
    if (v->losses.gates > 0.0)
        figures_add(&f, "valid_gate", v->losses.gate, JSON_FLOAT);
    if (v->decoded) {
        figures_add(&f, "valid_free_accuracy", itself->accuracy, JSON_FLOAT);
        figures_add(&f, "valid_free_edit_accuracy", itself->edit_accuracy, JSON_FLOAT);
        figures_add(&f, "exposure_gap", v->losses.accuracy - itself->accuracy, JSON_FLOAT);
    }
    if (v->metric != NULL) {
        snprintf(key, sizeof(key), "valid_%s", v->metric->name);
        figures_add(&f, key, v->score, JSON_FLOAT);
    }
    return write_figures(r, t, &f);
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
