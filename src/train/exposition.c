/* exposition.c - where a run stands, in Prometheus' text format. */
#include "exposition.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/utf8.h"
#include "lockstep/checkpoint/run.h"

/* ---- lines ---- */

/* The text between the quotes of a label. */
static status add_escaped(buffer *out, const char *text)
{
    size_t size = strlen(text);
    int32_t code_point;

    for (size_t at = 0; at < size;) {
        int step = utf8_step(text + at, size - at, &code_point);

        if (step == 0)
            TRY(buffer_add_text(out, "\xef\xbf\xbd")); /* U+FFFD */
        else if (text[at] == '\n')
            TRY(buffer_add_text(out, "\\n"));
        else if (text[at] == '"' || text[at] == '\\')
            TRY(buffer_add_text(out, "\\%c", text[at]));
        else
            TRY(buffer_add(out, text + at, (size_t)step));
        at += step > 0 ? (size_t)step : 1;
    }
    return STATUS_OK;
}

static status add_head(exposition *e, const char *name, const char *type, const char *help)
{
    return buffer_add_text(&e->text, "# HELP lockstep_%s %s\n# TYPE lockstep_%s %s\n", name,
                           help, name, type);
}

/* `metric`: the label of that name, NULL: without it. */
static status add_sample(exposition *e, const char *name, const char *metric, double value,
                         int digits)
{
    buffer *out = &e->text;

    TRY(buffer_add_text(out, "lockstep_%s{run=\"%s\"", name, e->run.data));
    if (metric != NULL)
        TRY(buffer_add_text(out, ",metric=\"%s\"", metric));
    if (isnan(value))
        return buffer_add_text(out, "} NaN\n");
    if (isinf(value))
        return buffer_add_text(out, "} %cInf\n", value > 0 ? '+' : '-');
    return buffer_add_text(out, "} %.*g\n", digits, value);
}

/* Steps and tokens are no counters: a run that resumes goes back to its checkpoint's, which
 * Prometheus would take for so many new ones. */
static status add_gauge(exposition *e, const char *name, double value, const char *help)
{
    TRY(add_head(e, name, "gauge", help));
    return add_sample(e, name, NULL, value, 15);
}

/* ---- what there is to say ---- */

static const struct {
    const char *figure, *name, *help;
} of_steps[] = {
    {"loss", "loss", "Training loss per target token."},
    {"perplexity", "perplexity", "Training perplexity."},
    {"accuracy", "accuracy_ratio", "Share of target symbols that the model finds likeliest."},
    {"length_loss", "length_loss", "Loss of the length classifier per sentence."},
    {"length_accuracy", "length_accuracy_ratio", "Share of lengths found likeliest."},
    {"gate", "gate_ratio", "Share that is generated, not copied."},
    {"gradient_norm", "gradient_norm", "Norm of the gradient before clipping."},
    {"learning_rate", "learning_rate", "Learning rate of the last step."},
    {"tokens_per_second", "tokens_per_second", "Target tokens trained on per second."},
    {"communication", "communication_ratio",
     "Share of the time that rank 0 waited for others."},
    {"communication_seconds", "communication_seconds",
     "Seconds a step that gradients and parameters were on their way."},
    {"communication_hidden", "communication_hidden_ratio",
     "Share of these seconds that nobody waited for."},
    {"teacher_forcing", "teacher_forcing_ratio", "Share of the truth in the decoder's input."},
};

static status add_steps(exposition *e)
{
    for (size_t k = 0; k < sizeof(of_steps) / sizeof(*of_steps); k++)
        for (int i = 0; i < e->steps.count; i++) {
            const figure *one = &e->steps.all[i];

            if (strcmp(one->name, of_steps[k].figure) != 0)
                continue;
            TRY(add_head(e, of_steps[k].name, "gauge", of_steps[k].help));
            TRY(add_sample(e, of_steps[k].name, NULL, one->value, one->digits));
        }
    return STATUS_OK;
}

static status add_validation(exposition *e)
{
    const figures *v = &e->validation;

    if (v->count == 0)
        return STATUS_OK;
    TRY(add_gauge(e, "validation_step", (double)v->step, "Step of the last validation."));
    TRY(add_head(e, "validation", "gauge", "The last validation, by its metrics' names."));
    for (int i = 0; i < v->count; i++)
        TRY(add_sample(e, "validation", figure_short_name(&v->all[i]), v->all[i].value,
                       v->all[i].digits));
    return STATUS_OK;
}

/* The newest that is there, whoever has written it, and when. */
static status add_checkpoint(exposition *e)
{
    char path[FILE_PATH_MAX];
    struct stat about;
    int64_t *steps, newest = -1;
    size_t count;

    if (run_list(e->config->run.folder, &steps, &count) != STATUS_OK)
        return STATUS_OK;
    if (count > 0)
        newest = steps[count - 1];
    memory_destroy(steps);
    if (newest < 0 || run_checkpoint_path(path, e->config->run.folder, newest) != STATUS_OK ||
        stat(path, &about) != 0)
        return STATUS_OK;
    TRY(add_gauge(e, "checkpoint_step", (double)newest, "Step of the newest checkpoint."));
    return add_gauge(e, "checkpoint_timestamp_seconds",
                     (double)about.st_mtim.tv_sec + 1e-9 * (double)about.st_mtim.tv_nsec,
                     "When the newest checkpoint was written, seconds since 1970.");
}

static status add_all(exposition *e)
{
    buffer_clear(&e->text);
    TRY(add_gauge(e, "running", e->running,
                  "1 while the run trains, 0 after its end; one that was killed leaves 1."));
    TRY(add_gauge(e, "step", (double)e->step, "Steps of the optimizer that were done."));
    TRY(add_gauge(e, "step_target", (double)e->config->training.steps,
                  "Steps after which training ends."));
    TRY(add_gauge(e, "start_timestamp_seconds", e->started,
                  "When training was started last, seconds since 1970."));
    TRY(add_gauge(e, "report_timestamp_seconds", clock_now(),
                  "When this was written, seconds since 1970."));
    TRY(add_head(e, "restarts_total", "counter", "Starts of training after the first one."));
    TRY(add_sample(e, "restarts_total", NULL, (double)e->starts, 15));
    TRY(add_checkpoint(e));
    if (e->tokens == 0)
        return STATUS_OK;
    TRY(add_gauge(e, "epoch", (double)e->epoch, "Epoch, from 0."));
    TRY(add_gauge(e, "target_tokens", (double)e->tokens, "Target tokens trained on so far."));
    TRY(add_steps(e));
    return add_validation(e);
}

/* ---- the file ---- */

status exposition_check(const config *c)
{
    const char *path = c->run.prometheus;
    char folder[FILE_PATH_MAX];

    if (path == NULL)
        return STATUS_OK;
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
             slash != NULL ? path : ".");
    if (!file_is_folder(folder))
        errno = file_exists(folder) ? ENOTDIR : ENOENT;
    else if (file_is_folder(path))
        errno = EISDIR;
    else if (access(folder, W_OK | X_OK) == 0)
        return STATUS_OK;
    return fail(STATUS_CONFIG,
                "run.prometheus: %s cannot be written: %s; name a file in a folder that is "
                "there and may be written to, as node_exporter's textfile collector has it",
                path, strerror(errno));
}

static status save(exposition *e)
{
    TRY(add_all(e));
    return file_show(e->config->run.prometheus, e->text.data, e->text.size);
}

static void save_or_warn(exposition *e)
{
    if (save(e) == STATUS_OK || e->warned)
        return;
    log_warning("run.prometheus: %s; the run goes on, and tries again at each report",
                error_message());
    e->warned = true;
}

status exposition_open(exposition *e, const config *c, int64_t step, int64_t starts)
{
    *e = (exposition){.step = step, .starts = starts, .started = clock_now(), .running = true};
    if (c->run.prometheus == NULL)
        return STATUS_OK;
    e->config = c;
    TRY(buffer_add(&e->run, "", 0));
    TRY(add_escaped(&e->run, c->run.folder));
    return save(e);
}

void exposition_add(exposition *e, const figures *f, int64_t tokens)
{
    if (e->config == NULL)
        return;
    *(f->is_validation ? &e->validation : &e->steps) = *f;
    e->step = f->step;
    e->epoch = f->epoch;
    e->tokens = tokens;
    save_or_warn(e);
}

void exposition_close(exposition *e)
{
    e->running = false;
    if (e->config != NULL)
        save_or_warn(e);
    buffer_free(&e->text);
    buffer_free(&e->run);
    *e = (exposition){.config = NULL};
}
