/* test_optimizers.c - updates and learning rates against PyTorch's in float64
 * (make_optimizers.py). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/optim/clip.h"
#include "lockstep/optim/optimizer.h"
#include "lockstep/optim/plateau.h"
#include "lockstep/optim/schedule.h"
#include "lockstep/store/store.h"
#include "unit_check.h"

/* As in make_optimizers.py; the matrix comes first. */
enum { STEPS = 50, MATRIX = 18, FLOATS = MATRIX + 11, RATE_STEPS = 80, NAME = 64 };
enum { BETA1, BETA2, ALPHA, EPSILON, MOMENTUM, NESTEROV, DECAY, NORM, VALUE, SETTINGS };
enum { PEAK, FLOOR, FACTOR, WARMUP, UNTIL, EVERY, PATIENCE, KEYS };

/* A case of the file is a rule or a schedule, or begins with one and an underscore. */
static const char *const optimizers[] = {"adam",
                                         "adam_by_norm",
                                         "adamw",
                                         "adamw_by_value",
                                         "sgd",
                                         "sgd_by_value",
                                         "sgd_momentum",
                                         "sgd_nesterov",
                                         "sgd_nesterov_by_norm",
                                         "rmsprop",
                                         "rmsprop_by_value"};
static const char *const schedules[] = {
    "constant",    "inverse_sqrt", "linear",           "linear_cold", "cosine",
    "cosine_cold", "exponential",  "exponential_cold", "steps",       "steps_cold"};
static const char *const plateaus[] = {"plateau", "plateau_impatient"};
#define COUNT(list) ((int)(sizeof(list) / sizeof(*(list))))

static store_reader *file;

static void good(status s)
{
    ck_assert_msg(s == STATUS_OK, "%s", error_message());
}

static void load(const char *group, const char *name, store_type type, int rows, int cols,
                 void *out)
{
    char path[2 * NAME];
    store_shape shape = {type, cols > 0 ? 2 : 1, {(uint64_t)rows, (uint64_t)cols}};

    snprintf(path, sizeof(path), "/%s/%s", group, name);
    good(store_load(file, path, shape, out));
}

static void load_settings(const char *group, const char *name, int count, double *out)
{
    char path[NAME];

    snprintf(path, sizeof(path), "%s/%s", group, name);
    load(path, "settings", STORE_DOUBLE, count, 0, out);
}

static void open_file(void)
{
    good(store_open(&file, "optimizers.h5", "golden", 1));
}

static void close_file(void)
{
    store_close(file);
}

/* ---- optimizers ---- */

static const optimizer_rule *rule_of(const char *name)
{
    char rule[NAME];

    snprintf(rule, sizeof(rule), "%.*s", (int)strcspn(name, "_"), name);
    ck_assert_ptr_nonnull(optimizer_find(rule));
    return optimizer_find(rule);
}

static optimizer_settings settings_of(const double s[SETTINGS])
{
    return (optimizer_settings){.beta1 = s[BETA1],
                                .beta2 = s[BETA2],
                                .alpha = s[ALPHA],
                                .epsilon = s[EPSILON],
                                .momentum = s[MOMENTUM],
                                .weight_decay = s[DECAY],
                                .nesterov = s[NESTEROV] != 0.0};
}

typedef struct recorded {
    float start[FLOATS], gradients[STEPS][FLOATS]; /* sums over the step's tokens */
    int32_t tokens[STEPS];
    double rates[STEPS];
} recorded;

static recorded load_recorded(void)
{
    recorded r;

    load("recorded", "start", STORE_FLOAT, FLOATS, 0, r.start);
    load("recorded", "gradients", STORE_FLOAT, STEPS, FLOATS, r.gradients);
    load("recorded", "tokens", STORE_INT32, STEPS, 0, r.tokens);
    load("recorded", "rates", STORE_DOUBLE, STEPS, 0, r.rates);
    return r;
}

static optimizer_moment moment_of(const recorded *r, int step, const double s[SETTINGS])
{
    double squares = 0.0, tokens = r->tokens[step];

    for (int i = 0; i < FLOATS; i++)
        squares += (double)r->gradients[step][i] * r->gradients[step][i];
    return (optimizer_moment){.rate = r->rates[step],
                              .scale = clip_factor(sqrt(squares) / tokens, s[NORM]) / tokens,
                              .limit = s[VALUE],
                              .step = step + 1};
}

/* The matrix decays, the vector does not. */
static void update(optimizer *o, optimizer_moment moment, float *values, const float *gradients)
{
    moment.decays = true;
    optimizer_update(o, &moment, values, gradients, 0, MATRIX);
    moment.decays = false;
    optimizer_update(o, &moment, values + MATRIX, gradients + MATRIX, MATRIX, FLOATS - MATRIX);
}

START_TEST(fifty_updates_are_those_of_pytorch)
{
    const char *name = optimizers[_i];
    double s[SETTINGS], (*after)[FLOATS] = memory_create(STEPS, sizeof(*after));
    char group[NAME];
    recorded r = load_recorded();
    optimizer o;

    load_settings("optimizers", name, SETTINGS, s);
    snprintf(group, sizeof(group), "optimizers/%s", name);
    load(group, "after", STORE_DOUBLE, STEPS, FLOATS, after);
    optimizer_settings settings = settings_of(s);
    good(optimizer_init(&o, rule_of(name), &settings, FLOATS, 1));
    for (int step = 0; step < STEPS; step++) {
        update(&o, moment_of(&r, step, s), r.start, r.gradients[step]);
        for (int i = 0; i < FLOATS; i++)
            ck_assert_msg(fabs(r.start[i] - after[step][i]) <= 1e-6,
                          "%s: step %d: number %d is %.9g, not %.9g", name, step + 1, i,
                          r.start[i], after[step][i]);
    }
    optimizer_free(&o);
    memory_destroy(after);
}
END_TEST

/* ---- schedules ---- */

static const schedule *schedule_of(const char *name)
{
    const char *end = strchr(name, '_');
    char first[NAME];

    if (schedule_find(name) != NULL)
        return schedule_find(name);
    snprintf(first, sizeof(first), "%.*s", (int)(end - name), name);
    return schedule_find(first);
}

/* Its settings without cuts, and the expected rates. */
static schedule_settings load_schedule(const char *name, double keys[KEYS],
                                       double rates[RATE_STEPS])
{
    char group[NAME];

    load_settings("schedules", name, KEYS, keys);
    snprintf(group, sizeof(group), "schedules/%s", name);
    load(group, "rates", STORE_DOUBLE, RATE_STEPS, 0, rates);
    return (schedule_settings){.peak = keys[PEAK],
                               .floor = keys[FLOOR],
                               .decay = keys[FACTOR],
                               .warmup = (int64_t)keys[WARMUP],
                               .until = (int64_t)keys[UNTIL],
                               .every = (int64_t)keys[EVERY]};
}

START_TEST(rates_are_those_of_pytorch)
{
    double keys[KEYS], want[RATE_STEPS];
    schedule_settings settings = load_schedule(schedules[_i], keys, want);
    const schedule *s = schedule_of(schedules[_i]);

    for (int step = 1; step <= RATE_STEPS; step++) {
        double rate = s->rate(&settings, step);
        ck_assert_msg(fabs(rate - want[step - 1]) <= 1e-6 * want[step - 1],
                      "%s: step %d: the rate is %.9g, not %.9g", schedules[_i], step, rate,
                      want[step - 1]);
    }
}
END_TEST

START_TEST(plateaus_are_those_of_pytorch)
{
    double keys[KEYS], want[RATE_STEPS], losses[RATE_STEPS], best = INFINITY;
    schedule_settings settings = load_schedule(plateaus[_i], keys, want);
    plateau p = {0};

    load("recorded", "losses", STORE_DOUBLE, RATE_STEPS, 0, losses);
    for (int i = 0; i < RATE_STEPS; i++) {
        plateau_add(&p, losses[i] < best, (int64_t)keys[PATIENCE]);
        best = fmin(best, losses[i]);
        settings.cuts = p.cuts;
        double rate = schedule_find("plateau")->rate(&settings, i + 1);
        ck_assert_msg(fabs(rate - want[i]) <= 1e-6 * want[i],
                      "%s: validation %d: the rate is %.9g, not %.9g", plateaus[_i], i + 1,
                      rate, want[i]);
    }
    ck_assert_int_gt(p.cuts, 3);
}
END_TEST

/* ---- nothing in the file is left out ---- */

static status count_case(void *user, const char *name, const store_shape *shape)
{
    (void)shape;
    *(int *)user += strstr(name, "/settings") != NULL;
    return STATUS_OK;
}

START_TEST(every_case_is_tested)
{
    int stored = 0;

    good(store_walk(file, "/", count_case, &stored));
    ck_assert_int_eq(stored, COUNT(optimizers) + COUNT(schedules) + COUNT(plateaus));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden/optimizers");
    TCase *tests = tcase_create("optimizers");

    tcase_add_checked_fixture(tests, open_file, close_file);
    tcase_add_loop_test(tests, fifty_updates_are_those_of_pytorch, 0, COUNT(optimizers));
    tcase_add_loop_test(tests, rates_are_those_of_pytorch, 0, COUNT(schedules));
    tcase_add_loop_test(tests, plateaus_are_those_of_pytorch, 0, COUNT(plateaus));
    tcase_add_test(tests, every_case_is_tested);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
