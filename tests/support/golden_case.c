/* golden_case.c - one file that make_golden.py wrote. */
#include "golden_case.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

static void good(status s)
{
    ck_assert_msg(s == STATUS_OK, "%s", error_message());
}

static int number(const golden_case *c, const char *name)
{
    int64_t value;

    good(store_load_number(c->file, name, &value));
    return (int)value;
}

static int32_t *integers(const golden_case *c, const char *name, int *count)
{
    store_shape shape;

    good(store_shape_of(c->file, name, &shape));
    ck_assert(shape.type == STORE_INT32 && shape.dimensions == 1);
    int32_t *list = memory_create(shape.dims[0], sizeof(*list));
    good(store_load(c->file, name, shape, list));
    *count = (int)shape.dims[0];
    return list;
}

void golden_case_doubles(const golden_case *c, const char *name, int count, double *out)
{
    good(store_load(c->file, name, (store_shape){STORE_DOUBLE, 1, {(uint64_t)count, 0}}, out));
}

static void set_parallel(const golden_case *c, config *options)
{
    int tokens = number(c, "tokens");

    options->model.decoder = DECODER_PARALLEL;
    options->model.decoder_input = number(c, "mask") ? DECODER_INPUT_MASK : DECODER_INPUT_BEGIN;
    options->model.length.kind = tokens > 0 ? LENGTH_FIXED : LENGTH_CLASSIFIER;
    options->model.length.tokens = tokens;
    if (tokens == 0)
        golden_case_doubles(c, "/loss/share_of_lengths", 1, &options->training.length_loss);
}

static void set_task(const golden_case *c, config *options)
{
    options->model.task = number(c, "task");
    options->model.pool = number(c, "begin") ? POOL_BEGIN : POOL_MEAN;
}

static config options_of(const golden_case *c)
{
    config options = {0};

    options.model.width = number(c, "width");
    options.model.heads = number(c, "heads");
    options.model.feed_forward = number(c, "feed_forward");
    options.model.encoder_layers = number(c, "encoder_layers");
    options.model.decoder_layers = number(c, "decoder_layers");
    options.model.norm_position = number(c, "pre_norm") ? NORM_PRE : NORM_POST;
    options.model.encoder_norm = number(c, "encoder_batch") ? NORM_BATCH : NORM_LAYER;
    options.model.decoder_norm = number(c, "decoder_batch") ? NORM_BATCH : NORM_LAYER;
    options.model.activation = number(c, "gelu") ? ACTIVATION_GELU : ACTIVATION_RELU;
    options.model.positions = number(c, "learned") ? POSITIONS_LEARNED : POSITIONS_SINUSOIDAL;
    options.model.tie = (int[]){TIE_NONE, TIE_TARGET, TIE_ALL}[number(c, "tie")];
    options.data.max_length = number(c, "max_length");
    golden_case_doubles(c, "/loss/smoothing", 1, &options.training.label_smoothing);
    options.model.copy = store_has_attribute(c->file, "copy");
    if (store_has_attribute(c->file, "tokens"))
        set_parallel(c, &options);
    if (store_has_attribute(c->file, "frame_width")) {
        options.data.source.kind = INPUT_AUDIO;
        options.data.source.mels = number(c, "frame_width") / 2;
        options.data.source.stack = 2;
    }
    if (store_has_attribute(c->file, "task"))
        set_task(c, &options);
    return options;
}

static void load_frames(golden_case *c)
{
    store_shape shape;

    good(store_shape_of(c->file, "/batch/frames", &shape));
    ck_assert(shape.type == STORE_FLOAT && shape.dimensions == 2);
    c->frame_width = (int)shape.dims[1];
    c->frames = memory_create(shape.dims[0] * shape.dims[1], sizeof(*c->frames));
    good(store_load(c->file, "/batch/frames", shape, c->frames));
}

golden_case golden_case_open(const char *path)
{
    golden_case c = {0};
    int count;

    good(store_open(&c.file, path, "golden", 1));
    c.options = options_of(&c);
    c.source_symbols = number(&c, "source_symbols");
    c.target_symbols = number(&c, "target_symbols");
    if (store_has(c.file, "/batch/frames"))
        load_frames(&c);
    else
        c.source_ids = integers(&c, "/batch/source", &count);
    c.target_ids = integers(&c, "/batch/target", &count);
    c.gold = integers(&c, "/batch/gold", &c.target_rows);
    ck_assert_int_eq(count, c.target_rows);
    c.tokens = store_has_attribute(c.file, "truth_tokens") ? number(&c, "truth_tokens") : count;
    c.source_offsets = integers(&c, "/batch/source_offsets", &count);
    c.target_offsets = integers(&c, "/batch/target_offsets", &count);
    c.sequences = count - 1;
    c.grain_sequences = integers(&c, "/batch/grain_sequences", &count);
    c.grains = count - 1;
    ck_assert_int_eq(c.grain_sequences[c.grains], c.sequences);
    return c;
}

void golden_case_close(golden_case *c)
{
    int32_t *const lists[] = {c->source_ids,     c->target_ids,     c->gold,
                              c->source_offsets, c->target_offsets, c->grain_sequences};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        memory_destroy(lists[i]);
    memory_destroy(c->frames);
    store_close(c->file);
}

packed_run golden_case_source(const golden_case *c, int first, int last)
{
    packed_run run =
        packed_run_create(c->source_ids, c->source_offsets, c->grain_sequences, first, last);

    run.packed.frame_width = c->frame_width;
    if (c->frames != NULL)
        run.packed.frames = c->frames + (size_t)run.first_row * (size_t)c->frame_width;
    return run;
}

static store_shape shape_of(const parameter *p)
{
    if (p->dimensions == 1)
        return (store_shape){STORE_FLOAT, 1, {(uint64_t)p->cols, 0}};
    return (store_shape){STORE_FLOAT, 2, {(uint64_t)p->rows, (uint64_t)p->cols}};
}

float *golden_case_tensor(const golden_case *c, const char *group, const parameter *p)
{
    char name[PARAMETER_NAME + 32];
    float *values = memory_create(p->count, sizeof(*values));

    snprintf(name, sizeof(name), "/%s/%s", group, p->name);
    good(store_load(c->file, name, shape_of(p), values));
    return values;
}

static status count_parameter(void *user, const char *name, const store_shape *shape)
{
    (void)shape;
    *(int *)user += strncmp(name, "/parameters/", 12) == 0;
    return STATUS_OK;
}

transformer *golden_case_model(const golden_case *c, int nodes)
{
    transformer *t;
    int stored = 0;

    good(transformer_create(&t, &c->options, c->source_symbols, c->target_symbols, nodes));
    parameters *p = transformer_parameters(t);
    parameters_initialize(p, 1); /* the buffers; the parameters are loaded */
    good(store_walk(c->file, "/", count_parameter, &stored));
    ck_assert_int_eq(p->count, stored);
    for (int i = 0; i < p->count; i++) {
        float *values = golden_case_tensor(c, "parameters", &p->list[i]);
        memcpy(parameters_values(p, i), values, p->list[i].count * sizeof(float));
        memory_destroy(values);
    }
    return t;
}

double golden_case_largest(const float *values, size_t count)
{
    double most = 0.0;

    for (size_t k = 0; k < count; k++)
        most = fmax(most, fabs(values[k]));
    return most;
}

/* Is the true gradient of the k-th number 0? So it is for the bias of the keys, and for what
 * adds the same to every row before a batch norm: then only rounding is left, which Adam
 * makes large. */
static bool vanishes(const golden_case *c, const parameter *p, const float *gradient, size_t k)
{
    bool projection = strstr(p->name, "in_proj_bias") != NULL;
    size_t width = (size_t)c->options.model.width;

    if (projection)
        return golden_case_largest(gradient + k / width * width, width) < 1e-9;
    return golden_case_largest(gradient, p->count) < 1e-9;
}

void golden_case_compare(const golden_case *c, const parameter *p, const float *got,
                         const float *want, double tolerance, bool gradients)
{
    float *gradient = golden_case_tensor(c, "gradients", p);

    for (size_t k = 0; k < p->count; k++) {
        bool zero = vanishes(c, p, gradient, k);
        if (zero && !gradients)
            continue;
        double limit = zero ? 1e-6 : tolerance;
        double difference = fabs((double)got[k] - (zero ? 0.0 : want[k]));
        if (!(difference <= limit)) /* asserting each would take Check seconds */
            ck_abort_msg("%s: %s[%zu] is %.9g, not %.9g: off by %.2g of %.2g",
                         store_path(c->file), p->name, k, got[k], want[k], difference, limit);
    }
    memory_destroy(gradient);
}
