/* test_optimizer.c - updates against PyTorch's in float64 (reference.py). */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/optim/optimizer.h"
#include "unit_check.h"

enum { FLOATS = 8, STEPS = 50, RECORDS = 3 };

typedef struct record {
    int step;
    double values[FLOATS];
} record;

typedef struct golden {
    const char *name;
    optimizer_settings settings;
    record after[RECORDS];
} golden;

static const golden cases[] = {
    {"adam",
     {.beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-9},
     {{1,
       {-1.0099999999986027, -0.61500000001358091, -0.25999999993812689, 0.13499999991484407,
        0.50999999870992141, 0.875, -0.86500000000152566, -0.49000000003908395}},
      {10,
       {-1.0900949379338514, -0.52725786084956039, -0.3426529555066592, 0.22115172270578193,
        0.57782612273902434, 0.8583382570881124, -0.78935082231301379, -0.5340848049849577}},
      {50,
       {-1.0908566943827978, -0.51578227391257614, -0.34453192869260602, 0.40186437876977738,
        0.47166585811188416, 0.86096633379335152, -0.80597571139129043,
        -0.54625664438394661}}}},
    {"adam",
     {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-4},
     {{1,
       {-1.0099998602639613, -0.61500135790576982, -0.25999381651473652, 0.13499149165284613,
        0.5098726352317815, 0.875, -0.86500015256024698, -0.49000390686998668}},
      {10,
       {-1.0893693514873319, -0.52683912808966882, -0.34200392303934196, 0.22089083131989487,
        0.57569963657458623, 0.85867743574372346, -0.79017927479597849, -0.53503808691990107}},
      {50,
       {-1.0892500996919479, -0.51509680786578549, -0.33856372614520219, 0.39937151153328165,
        0.46602295018641821, 0.86109772236676441, -0.80729736656684881,
        -0.54737826136943091}}}},
};
enum { CASES = sizeof(cases) / sizeof(*cases) };

/* The same numbers as in reference.py. */
static float start(int i)
{
    return (float)(i * 37 % 17 - 8) / 8.0f;
}

static float gradient_of(int step, int i)
{
    if (i == 5 && step % 7 != 0)
        return 0.0f;
    return (float)((step * 7919 + i * 104729 + step * i * 31) % 2001 - 1000) /
           (float)(1 << (7 + 2 * (i % 6)));
}

static optimizer_moment moment_of(int step)
{
    return (optimizer_moment){
        .rate = step <= 25 ? 0.01 : 0.002, .scale = step % 5 != 0 ? 1.0 : 0.25, .step = step};
}

static void begin(optimizer *o, const golden *g, size_t count, int threads)
{
    const optimizer_rule *rule = optimizer_find(g->name);

    ck_assert_ptr_nonnull(rule);
    ck_assert_int_eq(optimizer_init(o, rule, &g->settings, count, threads), STATUS_OK);
}

static void compare(const record *expected, const float *values)
{
    for (int i = 0; i < FLOATS; i++)
        ck_assert_double_eq_tol(values[i], expected->values[i], 1e-6);
}

START_TEST(fifty_updates_match_pytorch)
{
    const golden *g = &cases[_i];
    float values[FLOATS], gradients[FLOATS];
    optimizer o;

    begin(&o, g, FLOATS, 1);
    for (int i = 0; i < FLOATS; i++)
        values[i] = start(i);
    for (int step = 1, next = 0; step <= STEPS; step++) {
        optimizer_moment moment = moment_of(step);

        for (int i = 0; i < FLOATS; i++)
            gradients[i] = gradient_of(step, i);
        optimizer_update(&o, &moment, values, gradients, 0, FLOATS);
        if (step == g->after[next].step)
            compare(&g->after[next++], values);
    }
    optimizer_free(&o);
}
END_TEST

enum { MANY = 3 * 4096 + 77 };

/* Ten updates of MANY floats, cut at `cut` into two runs whose slots stand the
 * other way round, with the data moved by `shift` floats. */
static void run_many(const golden *g, int threads, size_t cut, size_t shift, float *out)
{
    float *values = memory_create(MANY + shift, sizeof(float));
    float *gradients = memory_create(MANY + shift, sizeof(float));
    optimizer o;

    begin(&o, g, MANY, threads);
    for (int i = 0; i < MANY; i++)
        values[shift + (size_t)i] = start(i);
    for (int step = 1; step <= 10; step++) {
        optimizer_moment moment = moment_of(step);

        for (int i = 0; i < MANY; i++)
            gradients[shift + (size_t)i] = gradient_of(step, i % 1000);
        optimizer_update(&o, &moment, values + shift, gradients + shift, MANY - cut, cut);
        optimizer_update(&o, &moment, values + shift + cut, gradients + shift + cut, 0,
                         MANY - cut);
    }
    memcpy(out, values + shift, MANY * sizeof(float));
    optimizer_free(&o);
    memory_destroy(values);
    memory_destroy(gradients);
}

START_TEST(bits_depend_on_neither_threads_nor_place)
{
    static float expected[MANY], got[MANY];

    run_many(&cases[_i], 1, MANY, 0, expected);
    run_many(&cases[_i], 3, MANY, 0, got);
    ck_assert_mem_eq(got, expected, sizeof(got));
    run_many(&cases[_i], 2, 4099, 3, got);
    ck_assert_mem_eq(got, expected, sizeof(got));
    run_many(&cases[_i], 1, 0, 1, got);
    ck_assert_mem_eq(got, expected, sizeof(got));
}
END_TEST

START_TEST(untouched_floats_stay)
{
    const golden *g = &cases[_i];
    float values[FLOATS] = {1, 2, 3, 4, 5, 6, 7, 8}, gradients[FLOATS] = {1, 1};
    optimizer_moment moment = moment_of(1);
    optimizer o;

    begin(&o, g, FLOATS, 1);
    optimizer_update(&o, &moment, values, gradients, 3, 2);
    for (int slot = 0; slot < o.rule->slots; slot++)
        for (int i = 0; i < FLOATS; i++)
            ck_assert((o.slots[slot][i] != 0.0f) == (i == 3 || i == 4));
    for (int i = 2; i < FLOATS; i++)
        ck_assert(values[i] == (float)(i + 1));
    optimizer_free(&o);
}
END_TEST

START_TEST(not_a_number_is_not_hidden)
{
    float value = 1.0f, gradient = NAN;
    optimizer_moment moment = moment_of(1);
    optimizer o;

    begin(&o, &cases[_i], 1, 1);
    optimizer_update(&o, &moment, &value, &gradient, 0, 1);
    ck_assert(isnan(value));
    optimizer_free(&o);
}
END_TEST

START_TEST(names_are_looked_up)
{
    ck_assert_ptr_null(optimizer_find("adamant"));
    ck_assert_str_eq(optimizer_find("adam")->slot_names[0], "exp_avg");
    ck_assert_str_eq(optimizer_find("adam")->slot_names[1], "exp_avg_sq");
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    optimizer o;

    memory_fail_after(2);
    status code = optimizer_init(&o, optimizer_find("adam"), &cases[0].settings, 100, 1);
    memory_fail_after(0);
    ck_assert_int_eq(code, STATUS_NOMEM);
    ck_assert_ptr_nonnull(strstr(error_message(), "adam"));
    optimizer_free(&o);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("optimizer");
    TCase *tcase = tcase_create("core");

    tcase_add_loop_test(tcase, fifty_updates_match_pytorch, 0, CASES);
    tcase_add_loop_test(tcase, bits_depend_on_neither_threads_nor_place, 0, CASES);
    tcase_add_loop_test(tcase, untouched_floats_stay, 0, CASES);
    tcase_add_loop_test(tcase, not_a_number_is_not_hidden, 0, CASES);
    tcase_add_test(tcase, names_are_looked_up);
    tcase_add_test(tcase, lack_of_memory_is_reported);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}
