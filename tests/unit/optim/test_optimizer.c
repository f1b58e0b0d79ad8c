/* test_optimizer.c - every rule: where and how it changes floats. The numbers are compared
 * with PyTorch's in tests/golden/test_optimizers.c. */
#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/optim/optimizer.h"
#include "unit_check.h"

enum { FLOATS = 8 };

typedef struct example {
    const char *name;
    optimizer_settings settings;
    double limit;
} example;

static const example cases[] = {
    {"adam", {.beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-9}, 0.0},
    {"adam", {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-4}, 0.5},
    {"adamw", {.beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-9, .weight_decay = 0.1}, 0.0},
    {"sgd", {.momentum = 0.0}, 0.5},
    {"sgd", {.momentum = 0.9}, 0.0},
    {"sgd", {.momentum = 0.9, .nesterov = true}, 0.5},
    {"rmsprop", {.alpha = 0.99, .epsilon = 1e-8}, 0.0},
};
enum { CASES = sizeof(cases) / sizeof(*cases) };

static float start(int i)
{
    return (float)(i * 37 % 17 - 8) / 8.0f;
}

/* Exact in float; sizes from 2^-14 to 2^3, sparse for one float. */
static float gradient_of(int step, int i)
{
    if (i == 5 && step % 7 != 0)
        return 0.0f;
    return (float)((step * 7919 + i * 104729 + step * i * 31) % 2001 - 1000) /
           (float)(1 << (7 + 2 * (i % 6)));
}

static optimizer_moment moment_of(const example *e, int step)
{
    return (optimizer_moment){.rate = 0.01,
                              .scale = step % 5 != 0 ? 1.0 : 0.25,
                              .limit = e->limit,
                              .step = step,
                              .decays = true};
}

static void begin(optimizer *o, const example *e, size_t count, int threads)
{
    const optimizer_rule *rule = optimizer_find(e->name);

    ck_assert_ptr_nonnull(rule);
    ck_assert_int_eq(optimizer_init(o, rule, &e->settings, count, threads), STATUS_OK);
}

/* One value after `steps` updates by the same gradient. */
static float after(const example *e, optimizer_moment moment, int steps, float value,
                   float gradient)
{
    optimizer o;

    begin(&o, e, 1, 1);
    for (moment.step = 1; moment.step <= steps; moment.step++)
        optimizer_update(&o, &moment, &value, &gradient, 0, 1);
    optimizer_free(&o);
    return value;
}

START_TEST(updates_go_against_the_gradient)
{
    const example *e = &cases[_i];
    optimizer_moment moment = {.rate = 0.01, .scale = 1.0, .limit = e->limit};

    ck_assert_float_lt(after(e, moment, 1, 1.0f, 0.25f), 1.0f);
    ck_assert_float_gt(after(e, moment, 1, 1.0f, -0.25f), 1.0f);
    ck_assert_float_eq(after(e, moment, 3, 1.0f, 0.0f), 1.0f);
}
END_TEST

START_TEST(gradients_are_scaled_and_then_clipped)
{
    const example *e = &cases[_i];
    optimizer_moment plain = {.rate = 0.01, .scale = 1.0};
    optimizer_moment scaled = {.rate = 0.01, .scale = 0.25};
    optimizer_moment clipped = {.rate = 0.01, .scale = 0.25, .limit = 0.5};

    ck_assert_float_eq(after(e, scaled, 3, 1.0f, 3.0f), after(e, plain, 3, 1.0f, 0.75f));
    ck_assert_float_eq(after(e, clipped, 3, 1.0f, 3.0f), after(e, plain, 3, 1.0f, 0.5f));
    ck_assert_float_eq(after(e, clipped, 3, 1.0f, -3.0f), after(e, plain, 3, 1.0f, -0.5f));
    ck_assert_float_eq(after(e, clipped, 3, 1.0f, 1.5f), after(e, plain, 3, 1.0f, 0.375f));
}
END_TEST

START_TEST(only_what_decays_gets_smaller)
{
    const example *e = &cases[_i];
    optimizer_moment moment = {.rate = 0.5, .scale = 1.0, .decays = true};
    double share = e->settings.weight_decay * moment.rate;

    ck_assert(optimizer_find(e->name)->decays == (share > 0.0));
    ck_assert_float_eq_tol(after(e, moment, 2, -4.0f, 0.0f),
                           (float)(-4.0 * (1 - share) * (1 - share)), 1e-6f);
    moment.decays = false;
    ck_assert_float_eq(after(e, moment, 2, -4.0f, 0.0f), -4.0f);
}
END_TEST

/* Two steps of rate 0.5 with gradient 1, by hand. */
START_TEST(momentum_goes_on)
{
    optimizer_moment moment = {.rate = 0.5, .scale = 1.0};
    example e = {.name = "sgd"};

    ck_assert_float_eq(after(&e, moment, 2, 4.0f, 1.0f), 3.0f);
    e.settings.momentum = 0.5; /* 1, then 1.5 */
    ck_assert_float_eq(after(&e, moment, 2, 4.0f, 1.0f), 2.75f);
    e.settings.nesterov = true; /* 1 + 0.5, then 1 + 0.75 */
    ck_assert_float_eq(after(&e, moment, 2, 4.0f, 1.0f), 2.375f);
}
END_TEST

enum { MANY = 3 * 4096 + 77 };

/* Ten updates of MANY floats, cut at `cut` into two runs whose slots stand the
 * other way round, with the data moved by `shift` floats. */
static void run_many(const example *e, int threads, size_t cut, size_t shift, float *out)
{
    float *values = memory_create(MANY + shift, sizeof(float));
    float *gradients = memory_create(MANY + shift, sizeof(float));
    optimizer o;

    begin(&o, e, MANY, threads);
    for (int i = 0; i < MANY; i++)
        values[shift + (size_t)i] = start(i);
    for (int step = 1; step <= 10; step++) {
        optimizer_moment moment = moment_of(e, step);

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
    const example *e = &cases[_i];
    float values[FLOATS] = {1, 2, 3, 4, 5, 6, 7, 8}, gradients[FLOATS] = {1, 1};
    optimizer_moment moment = moment_of(e, 1);
    optimizer o;

    begin(&o, e, FLOATS, 1);
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
    ck_assert(isnan(after(&cases[_i], moment_of(&cases[_i], 1), 1, 1.0f, NAN)));
}
END_TEST

START_TEST(names_are_looked_up)
{
    ck_assert_ptr_null(optimizer_find("adamant"));
    ck_assert_str_eq(optimizer_find("adam")->slot_names[0], "exp_avg");
    ck_assert_str_eq(optimizer_find("adam")->slot_names[1], "exp_avg_sq");
    ck_assert_str_eq(optimizer_find("adamw")->slot_names[1], "exp_avg_sq");
    ck_assert_str_eq(optimizer_find("sgd")->slot_names[0], "momentum_buffer");
    ck_assert_str_eq(optimizer_find("rmsprop")->slot_names[0], "square_avg");
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

    tcase_add_loop_test(tcase, updates_go_against_the_gradient, 0, CASES);
    tcase_add_loop_test(tcase, gradients_are_scaled_and_then_clipped, 0, CASES);
    tcase_add_loop_test(tcase, only_what_decays_gets_smaller, 0, CASES);
    tcase_add_test(tcase, momentum_goes_on);
    tcase_add_loop_test(tcase, bits_depend_on_neither_threads_nor_place, 0, CASES);
    tcase_add_loop_test(tcase, untouched_floats_stay, 0, CASES);
    tcase_add_loop_test(tcase, not_a_number_is_not_hidden, 0, CASES);
    tcase_add_test(tcase, names_are_looked_up);
    tcase_add_test(tcase, lack_of_memory_is_reported);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}
