/* check.c - the rules between keys. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "value.h"

/* ---- one vocabulary for both sides ---- */

/* The row of data.source that describes a joint vocabulary in place of this row
 * of data.target; NULL for other rows. */
static const option *source_of(const option *target)
{
    static const char prefix[] = "data.target.";
    if (strncmp(target->path, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *name = target->path + sizeof prefix - 1;
    if (strcmp(name, "kind") == 0)
        return NULL;
    char path[OPTION_PATH_MAX];
    snprintf(path, sizeof path, "data.source.%s", name);
    return option_find(path);
}

static status compare_sides(const config *c, const given *g, const option *target,
                            const option *source)
{
    buffer a = {0}, b = {0};
    status result = value_add(target, c, &a);
    if (result == STATUS_OK)
        result = value_add(source, c, &b);
    if (result == STATUS_OK && strcmp(a.data, b.data) != 0) {
        fail(STATUS_CONFIG,
             "%s: %s differs from %s: %s; a joint vocabulary is described by "
             "data.source, remove the key",
             target->path, a.data, source->path, b.data);
        result = given_refuse(g, target->path);
    }
    buffer_free(&a);
    buffer_free(&b);
    return result;
}

status check_joint(config *c, given *g)
{
    int count;
    const option *table = option_table(&count);
    if (c->data.vocabulary != VOCABULARIES_JOINT)
        return STATUS_OK;
    for (int i = 0; i < count; ++i) {
        const option *source = source_of(&table[i]);
        if (!source)
            continue;
        if (given_has(g, &table[i]))
            TRY(compare_sides(c, g, &table[i], source));
        given_forget(g, &table[i]);
        TRY(value_copy(source, &table[i], c));
    }
    return STATUS_OK;
}

/* ---- each key for itself ---- */

static status check_applies(const config *c, const given *g, const option *o)
{
    if (!given_has(g, o) || option_applies(o, c))
        return STATUS_OK;
    fail(STATUS_CONFIG, "%s would be ignored: it applies only when %s; remove it", o->path,
         o->applies->sentence);
    return given_refuse(g, o->path);
}

static status check_required(const config *c, const given *g, const option *o)
{
    if (!o->required || !value_is_null(o, c))
        return STATUS_OK;
    fail(STATUS_CONFIG, "%s must be given", o->path);
    return given_refuse(g, o->path);
}

/* ---- keys against each other ---- */

static status check_width(const config *c, const given *g)
{
    int width = c->model.width, heads = c->model.heads;
    if (width % heads != 0) {
        fail(STATUS_CONFIG, "model.width (%d) is not a multiple of model.heads (%d)", width,
             heads);
        bool named = given_has(g, option_find("model.heads"));
        return given_refuse(g, named ? "model.heads" : "model.width");
    }
    if (c->model.positions == POSITIONS_SINUSOIDAL && width % 2 != 0) {
        fail(STATUS_CONFIG, "model.width (%d) is odd, sinusoidal positions need an even one",
             width);
        return given_refuse(g, "model.width");
    }
    return STATUS_OK;
}

static status check_length(const config *c, const given *g)
{
    int tokens = c->model.length.tokens, longest = c->data.max_length;
    if (c->model.decoder != DECODER_PARALLEL || c->model.length.kind != LENGTH_FIXED ||
        tokens > longest)
        return STATUS_OK;
    fail(STATUS_CONFIG,
         "model.length.tokens (%d) must be above data.max_length (%d): a target of that many "
         "tokens and its <end> are to fit",
         tokens, longest);
    bool named = given_has(g, option_find("model.length.tokens"));
    return given_refuse(g, named ? "model.length.tokens" : "model.length.kind");
}

static status check_copy(const config *c, const given *g)
{
    int source = c->data.source.vocabulary, target = c->data.target.vocabulary;
    bool text = c->data.source.kind == INPUT_TEXT;

    if (!c->model.copy || (text && source == target && source != SYMBOL_SENTENCEPIECE))
        return STATUS_OK;
    fail(STATUS_CONFIG, "model.copy: true needs data.source and data.target to be text, and "
                        "both vocabularies words, or both characters");
    return given_refuse(g, "model.copy");
}

static status check_model(const config *c, const given *g)
{
    TRY(check_copy(c, g));
    TRY(check_width(c, g));
    TRY(check_length(c, g));
    if (c->model.pool == POOL_BEGIN && c->data.source.kind == INPUT_AUDIO) {
        fail(STATUS_CONFIG,
             "model.pool: begin puts a symbol before the source, and a source of "
             "audio has none; take mean");
        return given_refuse(g, "model.pool");
    }
    if (c->model.tie == TIE_ALL && c->data.vocabulary != VOCABULARIES_JOINT) {
        fail(STATUS_CONFIG, "model.tie: all needs data.vocabulary: joint");
        return given_refuse(g, "model.tie");
    }
    if (c->model.task == TASK_GENERATE && c->model.positions == POSITIONS_LEARNED &&
        c->decode.max_length > c->data.max_length) {
        fail(STATUS_CONFIG,
             "decode.max_length (%d) is above data.max_length (%d), up to "
             "which positions are learned",
             c->decode.max_length, c->data.max_length);
        return given_refuse(g, "decode.max_length");
    }
    return STATUS_OK;
}

/* ---- training ---- */

static status check_batch_norm(const config *c, const given *g)
{
    bool encoder = c->model.encoder_norm == NORM_BATCH;

    if (c->batch.accumulate > 1 && (encoder || c->model.decoder_norm == NORM_BATCH)) {
        fail(STATUS_CONFIG,
             "batch.accumulate (%d) does not go with model.%s_norm: batch, whose statistics "
             "are those of one batch; make batch.tokens larger instead",
             c->batch.accumulate, encoder ? "encoder" : "decoder");
        return given_refuse(g, "batch.accumulate");
    }
    return STATUS_OK;
}

static status check_optimizer(const config *c, const given *g)
{
    if (c->training.optimizer.name == OPTIMIZER_SGD && c->training.optimizer.nesterov &&
        c->training.optimizer.momentum == 0.0) {
        fail(STATUS_CONFIG,
             "training.optimizer.nesterov does nothing with training.optimizer.momentum 0");
        return given_refuse(g, "training.optimizer.nesterov");
    }
    if (c->training.clip_norm > 0.0 && c->training.clip_value > 0.0) {
        fail(STATUS_CONFIG,
             "training.clip_value (%g) together with training.clip_norm (%g): set one of "
             "them to 0",
             c->training.clip_value, c->training.clip_norm);
        return given_refuse(g, "training.clip_value");
    }
    return STATUS_OK;
}

static status check_schedule(const config *c, const given *g)
{
    int name = c->training.schedule.name;
    double floor = c->training.schedule.floor, peak = c->training.schedule.peak;
    bool ends = name == SCHEDULE_LINEAR || name == SCHEDULE_COSINE;

    if (name == SCHEDULE_PLATEAU && c->validation.every == 0) {
        fail(STATUS_CONFIG,
             "training.schedule.name: plateau needs validations: set validation.every");
        return given_refuse(g, "training.schedule.name");
    }
    if (name != SCHEDULE_CONSTANT && name != SCHEDULE_INVERSE_SQRT && floor >= peak) {
        fail(STATUS_CONFIG,
             "training.schedule.floor (%g) is not below training.schedule.peak (%g), so the "
             "rate would never fall",
             floor, peak);
        return given_refuse(g, "training.schedule.floor");
    }
    if (ends && c->training.schedule.warmup >= c->training.schedule.until) {
        fail(STATUS_CONFIG,
             "training.schedule.warmup (%lld) is not below training.%s (%lld), where the rate "
             "has come down",
             (long long)c->training.schedule.warmup,
             c->derived.until_follows ? "steps" : "schedule.until",
             (long long)c->training.schedule.until);
        return given_refuse(g, "training.schedule.warmup");
    }
    return STATUS_OK;
}

static status check_start(const config *c, const given *g, const char *path, int64_t start)
{
    if (start >= c->training.steps) {
        fail(STATUS_CONFIG,
             "%s (%lld) is not below training.steps (%lld): it would never begin", path,
             (long long)start, (long long)c->training.steps);
        return given_refuse(g, path);
    }
    return STATUS_OK;
}

static status check_decay(const given *g, const char *section, int schedule, double decay)
{
    bool decays = schedule == FORCING_LINEAR || schedule == FORCING_EXPONENTIAL;
    char path[OPTION_PATH_MAX];

    if (!decays || decay > 0.0)
        return STATUS_OK;
    snprintf(path, sizeof path, "%s.schedule", section);
    fail(STATUS_CONFIG, "%s.decay must be given above 0, for example %s", section,
         schedule == FORCING_LINEAR ? "0.0001 a step" : "0.9999");
    return given_refuse(g, path);
}

static status check_sampling(const config *c, const given *g)
{
    int schedule = c->training.scheduled_sampling.schedule;
    double value = c->training.scheduled_sampling.value;
    double floor = c->training.scheduled_sampling.floor;

    if (schedule == FORCING_NONE)
        return STATUS_OK;
    if (schedule == FORCING_CONSTANT && value == 1.0) {
        fail(STATUS_CONFIG,
             "training.scheduled_sampling.value must be given below 1 with a constant "
             "schedule: with 1 nothing is ever sampled");
        return given_refuse(g, "training.scheduled_sampling.schedule");
    }
    if (schedule == FORCING_LINEAR && floor >= value) {
        fail(STATUS_CONFIG,
             "training.scheduled_sampling.floor (%g) is not below value (%g), which the fall "
             "begins with",
             floor, value);
        return given_refuse(g, "training.scheduled_sampling.floor");
    }
    TRY(check_decay(g, "training.scheduled_sampling", schedule,
                    c->training.scheduled_sampling.decay));
    return check_start(c, g, "training.scheduled_sampling.start",
                       c->training.scheduled_sampling.start);
}

static status check_noise(const config *c, const given *g)
{
    double all = c->training.teacher_noise.replace + c->training.teacher_noise.drop +
                 c->training.teacher_noise.swap;

    if (all == 0.0)
        return STATUS_OK;
    if (all > 1.0) {
        fail(STATUS_CONFIG,
             "training.teacher_noise: replace, drop and swap add up to %g, above 1", all);
        return given_refuse(g, "training.teacher_noise.replace");
    }
    TRY(check_decay(g, "training.teacher_noise", c->training.teacher_noise.schedule,
                    c->training.teacher_noise.decay));
    return check_start(c, g, "training.teacher_noise.start", c->training.teacher_noise.start);
}

/* The task of which the metric of outputs tells something; -1: of all. */
static int task_of_metric(int metric)
{
    switch (metric) {
    case METRIC_LOSS:
    case METRIC_ACCURACY:
        return -1;
    case METRIC_MACRO_F1:
        return TASK_LABEL;
    case METRIC_SPAN_F1:
        return TASK_TAG;
    default:
        return TASK_GENERATE;
    }
}

static status check_metric(const config *c, const given *g)
{
    int task = task_of_metric(c->validation.metric);

    if (c->validation.every == 0 || task < 0 || task == c->model.task)
        return STATUS_OK;
    fail(STATUS_CONFIG, "validation.metric: %s goes with model.task %s, not %s",
         config_word("validation.metric", c->validation.metric),
         config_word("model.task", task), config_word("model.task", c->model.task));
    return given_refuse(g, "validation.metric");
}

static status check_prometheus(const config *c, const given *g)
{
    static const char ending[] = ".prom";
    const char *path = c->run.prometheus;
    size_t size = path ? strlen(path) : 0;

    if (!path ||
        (size >= sizeof ending && strcmp(path + size + 1 - sizeof ending, ending) == 0))
        return STATUS_OK;
    fail(STATUS_CONFIG,
         "run.prometheus: %s does not end in .prom, and node_exporter reads no other files",
         path);
    return given_refuse(g, "run.prometheus");
}

static status check_training(const config *c, const given *g)
{
    TRY(check_batch_norm(c, g));
    TRY(check_optimizer(c, g));
    TRY(check_schedule(c, g));
    TRY(check_sampling(c, g));
    return check_noise(c, g);
}

static void follow_steps(config *c)
{
    c->training.schedule.until = c->training.steps;
    c->derived.until_follows = true;
}

void check_resolve(config *c)
{
    if (c->model.task != TASK_GENERATE || c->model.decoder == DECODER_PARALLEL)
        c->validation.free_running = false;
    if (c->training.schedule.until == 0 && (c->training.schedule.name == SCHEDULE_LINEAR ||
                                            c->training.schedule.name == SCHEDULE_COSINE))
        follow_steps(c);
}

status check_keys(const config *c, const given *g)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i)
        TRY(check_applies(c, g, &table[i]));
    for (int i = 0; i < count; ++i)
        TRY(check_required(c, g, &table[i]));
    TRY(check_prometheus(c, g));
    TRY(check_data(c, g));
    TRY(check_audio(c, g));
    TRY(check_model(c, g));
    TRY(check_training(c, g));
    TRY(check_metric(c, g));
    return check_decode(c, g);
}
