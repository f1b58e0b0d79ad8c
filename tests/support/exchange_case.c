/* exchange_case.c - a made-up model whose gradients are exchanged. */
#include "exchange_case.h"

#include <math.h>
#include <string.h>

#include "lockstep/slab/node.h"
#include "lockstep/slab/tree.h"
#include "mpi_check.h"

enum { BYTES = PARAMETER_BLOCK * sizeof(float), MOST_GRAINS = 8 };

static const struct {
    int grains;
    size_t bucket_bytes;
} shapes[] = {{3, BYTES}, {4, 2 * BYTES}, {5, 5 * BYTES}, {6, 1}, {7, 3 * BYTES}, {8, 1 << 30}};

/* The gradient that one grain gives to one float of a plane: numbers of many
 * sizes, so that another order of additions gives other bits. */
static float leaf(bool half, int batch, int grain, size_t at)
{
    size_t stretch = at / 320;

    if (batch > 0 && at % 20000 > 2000 &&
        (stretch % 7 < 4 || (stretch + (size_t)grain) % 7 < 3))
        return 0.0f;
    uint32_t h = (uint32_t)at * 2654435761u + (uint32_t)(grain + 10 * batch) * 40503u;

    h = (h ^ (h >> 15)) * 2246822519u;
    h = (h ^ (h >> 13)) * 3266489917u;
    h ^= h >> 16;
    float value = ldexpf((float)(h % 20001) - 10000.0f, (int)(h >> 24) % 12 - 16);
    if (half)
        node_round(&value, 1);
    return value;
}

/* The definition of the tree, word for word. */
static float node_value(const exchange_case *c, int batch, int level, int number, size_t at)
{
    if (level == 0)
        return leaf(c->half, batch, number, at);
    float left = node_value(c, batch, level - 1, 2 * number, at);
    if (((2 * number + 1) << (level - 1)) >= c->grains)
        return left;
    float sum = left + node_value(c, batch, level - 1, 2 * number + 1, at);
    if (c->half)
        node_round(&sum, 1);
    return sum;
}

/* Does float `at` of a plane belong to a tensor? */
static bool is_trained(const exchange_case *c, size_t at)
{
    for (int i = 0; i < c->p.count; i++)
        for (int use = 0; use < c->p.list[i].uses; use++)
            if (at >= c->p.list[i].gradient[use] &&
                at < c->p.list[i].gradient[use] + c->p.list[i].count)
                return true;
    return false;
}

/* Every grain's gradient at one place, added as layers do: to nodes. */
static void set_place(exchange_case *c, int batch, const tree_run *run, size_t at)
{
    float slots[MOST_GRAINS];

    for (int k = 0; k < run->last - run->first; k++) {
        int top = run->step[k].slot;

        slots[top] = leaf(c->half, batch, run->first + k, at);
        for (int m = 0; m < run->step[k].merges; m++, top--)
            node_add(&slots[top - 1], &slots[top - 1], &slots[top], 1, c->half);
    }
    for (int node = 0; node < run->nodes; node++)
        c->p.gradients[(size_t)node * c->p.gradient_floats + at] = slots[node];
}

void exchange_case_set_gradients(exchange_case *c, int batch)
{
    int first, last;
    tree_run run;

    tree_split(c->grains, c->rank, c->ranks, &first, &last);
    ck_assert_int_eq(tree_run_init(&run, first, last, c->grains), STATUS_OK);
    for (size_t at = 0; at < c->p.gradient_floats; at++)
        if (is_trained(c, at))
            set_place(c, batch, &run, at);
    tree_run_free(&run);
}

static void add_tensor(parameters *p, const char *name, int rows, int cols, int uses)
{
    int index, use;

    ck_assert_int_eq(parameters_add(p, &index, name, 2, rows, cols, FILL_ZERO), STATUS_OK);
    for (int i = 1; i < uses; i++)
        parameters_add_use(p, index, &use);
}

/* Tensors with one, two and three uses, of sizes that fill no block, first, last
 * and next to each other. */
static void create_parameters(exchange_case *c)
{
    int first, last;
    tree_run run;

    parameters_init(&c->p);
    c->p.half = c->half;
    add_tensor(&c->p, "embedding", 99, 50, 2);
    add_tensor(&c->p, "small", 3, 7, 1);
    add_tensor(&c->p, "large", 130, 101, 1);
    add_tensor(&c->p, "shared", 70, 180, 3);
    add_tensor(&c->p, "tied", 5, 5, 2);
    add_tensor(&c->p, "tail", 11, 400, 1);
    tree_split(c->grains, c->rank, c->ranks, &first, &last);
    ck_assert_int_eq(tree_run_init(&run, first, last, c->grains), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&c->p, run.nodes), STATUS_OK);
    tree_run_free(&run);
}

size_t exchange_case_bucket_bytes(int number)
{
    return shapes[number].bucket_bytes;
}

bool exchange_case_open(exchange_case *c, int number, exchange_settings settings)
{
    c->rank = world_rank(test_world);
    c->ranks = world_size(test_world);
    c->grains = settings.grains = shapes[number].grains;
    c->half = settings.half;
    settings.bucket_bytes = shapes[number].bucket_bytes;
    if (c->ranks > c->grains)
        return false;
    create_parameters(c);
    ck_assert_all(exchange_create(&c->x, test_world, &c->p, settings) == STATUS_OK);
    return true;
}

void exchange_case_init(exchange_case *c, int number, bool accumulate)
{
    ck_assert(exchange_case_open(c, number, (exchange_settings){.accumulate = accumulate}));
}

int exchange_case_radices(int ranks, int number, int *radices)
{
    int count = 0;

    /* The number's lowest digit says which of the divisors comes first. */
    for (; ranks > 1; count++) {
        int choices = 0, choice;

        for (int r = 2; r <= ranks; r++)
            choices += ranks % r == 0;
        choice = number % choices;
        number /= choices;
        for (int r = 2; r <= ranks; r++)
            if (ranks % r == 0 && choice-- == 0)
                radices[count] = r;
        ranks /= radices[count];
    }
    return number > 0 ? -1 : count;
}

void exchange_case_free(exchange_case *c)
{
    exchange_destroy(c->x);
    parameters_free(&c->p);
}

void exchange_case_reduce(exchange_case *c, int batch, bool add)
{
    exchange_case_set_gradients(c, batch);
    exchange_begin(c->x, add);
    for (int b = exchange_buckets(c->x) - 1; b >= 0; b--)
        exchange_ready(c->x, b);
    exchange_end(c->x);
}

float exchange_case_sum(const exchange_case *c, int batch, size_t at)
{
    const parameter *tensor = NULL;
    float sum = 0.0f;

    for (int i = 0; i < c->p.count; i++)
        if (at >= c->p.list[i].first && at < c->p.list[i].first + c->p.list[i].count)
            tensor = &c->p.list[i];
    if (tensor == NULL)
        return 0.0f;
    for (int use = 0; use < tensor->uses; use++) {
        float tree = node_value(c, batch, 3, 0, tensor->gradient[use] + at - tensor->first);

        sum = use == 0 ? tree : sum + tree;
    }
    return sum;
}

int exchange_case_wrong(const exchange_case *c, int batches)
{
    const slice *slices = exchange_slices(c->x);
    int wrong = 0;

    for (int b = 0; b < exchange_buckets(c->x); b++)
        for (size_t i = 0; i < slices[b].count; i++) {
            float sum = exchange_case_sum(c, 0, slices[b].first + i);

            for (int batch = 1; batch < batches; batch++)
                sum += exchange_case_sum(c, batch, slices[b].first + i);
            wrong +=
                memcmp(&exchange_gradients(c->x)[slices[b].owned + i], &sum, sizeof(sum)) != 0;
        }
    return wrong;
}

float exchange_case_value(size_t at)
{
    return (float)at + 0.5f;
}

int exchange_case_wrong_values(const exchange_case *c, const float *values)
{
    int wrong = 0;

    for (size_t at = 0; at < c->p.floats; at++)
        wrong += values[at] != exchange_case_value(at);
    return wrong;
}

void exchange_case_set_values(exchange_case *c)
{
    const slice *slices = exchange_slices(c->x);

    for (size_t at = 0; at < c->p.floats; at++)
        c->p.values[at] = -1.0f;
    for (int b = 0; b < exchange_buckets(c->x); b++)
        for (size_t i = slices[b].first; i < slices[b].first + slices[b].count; i++)
            c->p.values[i] = exchange_case_value(i);
}
