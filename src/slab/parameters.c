/* parameters.c - every parameter of a model, in one flat slab of values and one
 * of gradients, and the registry of their names. */
#include "lockstep/slab/parameters.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"

enum { PARAMETER_ALIGN = 16 }; /* floats: one cache line */

void parameters_init(parameters *p)
{
    *p = (parameters){0};
}

void parameters_free(parameters *p)
{
    if (p->buffers != NULL)
        parameters_free(p->buffers);
    memory_destroy(p->buffers);
    memory_destroy(p->list);
    memory_destroy(p->values);
    memory_destroy(p->gradients);
    *p = (parameters){0};
}

status parameters_add(parameters *p, int *out, const char *name, int dimensions, int rows,
                      int cols, parameter_fill fill)
{
    size_t length = strlen(name);

    CHECK(p->values == NULL && length < PARAMETER_NAME);
    CHECK(parameters_find(p, name) == -1);
    CHECK(rows > 0 && cols > 0);
    CHECK(dimensions == 2 || (dimensions == 1 && rows == 1));

    parameter *list = memory_resize(p->list, (size_t)p->count + 1, sizeof(*list));
    if (list == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to register it", name);
    p->list = list;
    list[p->count] = (parameter){.rows = rows,
                                 .cols = cols,
                                 .dimensions = dimensions,
                                 .fill = fill,
                                 .uses = 1,
                                 .count = (size_t)rows * (size_t)cols};
    memcpy(list[p->count].name, name, length + 1);
    *out = p->count++;
    return STATUS_OK;
}

status parameters_add_buffer(parameters *p, int *out, const char *name, int width,
                             parameter_fill fill)
{
    if (p->buffers == NULL) {
        p->buffers = memory_create(1, sizeof(*p->buffers));
        if (p->buffers == NULL)
            return fail(STATUS_NOMEM, "%s: no memory to register it", name);
        parameters_init(p->buffers);
    }
    return parameters_add(p->buffers, out, name, 1, 1, width, fill);
}

void parameters_add_use(parameters *p, int index, int *use)
{
    CHECK(p->values == NULL && 0 <= index && index < p->count);
    CHECK(p->list[index].uses < PARAMETER_USES);
    *use = p->list[index].uses++;
}

void parameters_multiply(parameters *p, int index)
{
    p->list[index].multiplies = true;
}

static size_t round_up(size_t floats, size_t unit)
{
    return (floats + unit - 1) / unit * unit;
}

/* A tied tensor fills whole blocks, so that no block mixes gradients which are
 * summed use by use with others which are not. */
static void place_values(parameters *p)
{
    size_t next = 0;

    for (int i = 0; i < p->count; i++) {
        parameter *tensor = &p->list[i];
        size_t unit = tensor->uses > 1 ? PARAMETER_BLOCK : PARAMETER_ALIGN;

        tensor->first = round_up(next, unit);
        next = round_up(tensor->first + tensor->count, unit);
    }
    p->floats = round_up(next, PARAMETER_BLOCK);
}

static void place_gradients(parameters *p)
{
    size_t next = p->floats;

    for (int i = 0; i < p->count; i++) {
        parameter *tensor = &p->list[i];

        tensor->gradient[0] = tensor->first;
        for (int use = 1; use < tensor->uses; use++) {
            tensor->gradient[use] = next;
            next += round_up(tensor->count, PARAMETER_BLOCK);
        }
    }
    p->gradient_floats = next;
}

status parameters_allocate(parameters *p, int nodes)
{
    CHECK(p->values == NULL && nodes >= 0);
    place_values(p);
    place_gradients(p);
    p->nodes = nodes;

    p->values = memory_create(p->floats + PARAMETER_SLACK, sizeof(float));
    if (p->values == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for %zu parameters: make the model "
                    "smaller",
                    p->floats);
    if (p->buffers != NULL)
        TRY(parameters_allocate(p->buffers, 0));
    if (nodes == 0)
        return STATUS_OK;
    p->gradients = memory_create((size_t)nodes, p->gradient_floats * sizeof(float));
    if (p->gradients == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for %d x %zu gradients: use a number of ranks "
                    "that divides batch.grains, or a smaller model",
                    nodes, p->gradient_floats);
    return STATUS_OK;
}

/* In (0, 1), never an end of it: the logarithm below needs that. */
static double open_uniform(uint32_t bits)
{
    return ((double)bits + 0.5) / 4294967296.0;
}

/* Two independent normal numbers of two uniform ones (Box and Muller 1958). */
static void normal_pair(uint32_t a, uint32_t b, double out[2])
{
    double radius = sqrt(-2.0 * log(open_uniform(a)));
    double angle = 6.283185307179586 * open_uniform(b);

    out[0] = radius * cos(angle);
    out[1] = radius * sin(angle);
}

/* Elements 4 * block .. 4 * block + 3 of tensor `index`. */
static void draw(const parameter *tensor, uint64_t seed, int index, size_t block, double out[4])
{
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)block,
                                 (uint32_t)((uint64_t)block >> 32), 0};
    uint32_t bits[4];

    random_block(seed, RANDOM_INITIALIZE, counter, bits);
    if (tensor->fill == FILL_XAVIER) {
        double bound = sqrt(6.0 / ((double)tensor->rows + tensor->cols));

        for (int i = 0; i < 4; i++)
            out[i] = bound * (2.0 * open_uniform(bits[i]) - 1.0);
        return;
    }
    normal_pair(bits[0], bits[1], out);
    normal_pair(bits[2], bits[3], out + 2);
    for (int i = 0; i < 4; i++)
        out[i] /= sqrt(tensor->cols);
}

static void fill_random(const parameter *tensor, uint64_t seed, int index, float *values)
{
    for (size_t first = 0; first < tensor->count; first += 4) {
        double four[4];

        draw(tensor, seed, index, first / 4, four);
        for (size_t i = first; i < first + 4 && i < tensor->count; i++)
            values[i] = (float)four[i - first];
    }
}

static void fill_constant(const parameter *tensor, float *values)
{
    for (size_t i = 0; i < tensor->count; i++)
        values[i] = tensor->fill == FILL_ONE ? 1.0f : 0.0f;
}

void parameters_initialize(parameters *p, uint64_t seed)
{
    for (int i = 0; i < p->count; i++) {
        const parameter *tensor = &p->list[i];
        float *values = parameters_values(p, i);

        if (tensor->fill == FILL_XAVIER || tensor->fill == FILL_NORMAL)
            fill_random(tensor, seed, i, values);
        else
            fill_constant(tensor, values);
    }
    if (p->buffers != NULL)
        parameters_initialize(p->buffers, seed);
}

int parameters_find(const parameters *p, const char *name)
{
    for (int i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, name) == 0)
            return i;
    return -1;
}

float *parameters_values(const parameters *p, int index)
{
    CHECK(p->values != NULL && 0 <= index && index < p->count);
    return p->values + p->list[index].first;
}

gradient parameters_gradient(const parameters *p, int index, int use)
{
    CHECK(p->values != NULL && 0 <= index && index < p->count);
    CHECK(0 <= use && use < p->list[index].uses);
    if (p->gradients == NULL)
        return (gradient){0};
    return (gradient){p->gradients + p->list[index].gradient[use], p->gradient_floats, p->half};
}

size_t parameters_total(const parameters *p)
{
    size_t total = 0;

    for (int i = 0; i < p->count; i++)
        total += p->list[i].count;
    return total;
}
