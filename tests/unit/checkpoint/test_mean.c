/* test_mean.c - which checkpoints are chosen, their mean, and what is refused. */
#include "unit_check.h"

#include <math.h>
#include <unistd.h>

#include "lockstep/checkpoint/mean.h"
#include "lockstep/checkpoint/run.h"
#include "sample.h"

static const char config_text[] = "run: {folder: none}\n"
                                  "data: {train: {pairs: a.tsv}, valid: {pairs: b.tsv}}\n";
static const char other_text[] = "run: {folder: none, seed: 2}\n"
                                 "data: {train: {pairs: a.tsv}, valid: {pairs: b.tsv}}\n";

static mean m;
static double loss = 1.0; /* of every validation */
static char path[FILE_PATH_MAX];

static void setup(void)
{
    sample_init(&s);
    s.content.config = config_text;
    s.content.progress.ranking = (ranking){.higher = 1};
    m = (mean){0};
    assert_ok(file_join(path, s.folder, "mean.h5"));
}

static void teardown(void)
{
    mean_free(&m);
    sample_free(&s);
}

/* Parameters from `base` on; a score that is not a number: not validated. */
static void save(int64_t step, float base, double score)
{
    char file[FILE_PATH_MAX];

    sample_fill(&s.p, s.p.values, base);
    s.content.progress.step = step;
    s.content.progress.validated_step = isnan(score) ? 0 : step;
    s.content.progress.validated_metric = score;
    s.content.progress.validated_loss = loss;
    assert_ok(run_checkpoint_path(file, s.folder, step));
    assert_ok(checkpoint_save(file, &s.content));
}

static void assert_chosen(const char *want)
{
    char text[256] = "";

    for (size_t i = 0; i < m.count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ",
                 (int)m.members[i].step);
    ck_assert_str_eq(text, want);
    mean_free(&m);
}

static void assert_values(float base)
{
    checkpoint c;
    parameters q;

    sample_parameters(&q, 5);
    sample_fill(&s.p, s.p.values, base);
    assert_ok(checkpoint_open(&c, path));
    assert_ok(checkpoint_load_parameters(&c, &q));
    ck_assert_mem_eq(q.values, s.p.values, q.floats * sizeof(float));
    ck_assert(!checkpoint_is_averaged(&c));
    ck_assert(!store_has(c.reader, "/optimizer"));
    checkpoint_close(&c);
    parameters_free(&q);
}

START_TEST(test_last)
{
    ck_assert_int_eq(mean_choose_last(&m, s.folder, 1), STATUS_INPUT);
    assert_message("holds no checkpoints");
    mean_free(&m);
    for (int i = 1; i <= 3; i++)
        save(i, (float)i, NAN);
    assert_ok(mean_choose_last(&m, s.folder, 2));
    assert_chosen("2 3 ");
    assert_ok(mean_choose_last(&m, s.folder, 3));
    assert_chosen("1 2 3 ");
    ck_assert_int_eq(mean_choose_last(&m, s.folder, 4), STATUS_INPUT);
    assert_message("holds 3 checkpoints, not 4");
    mean_free(&m);
    ck_assert_int_eq(mean_choose_last(&m, "/nowhere", 1), STATUS_INPUT);
    assert_message("/nowhere: No such file");
}
END_TEST

START_TEST(test_best)
{
    static const double scores[] = {2.0, 1.0, NAN, 3.0, 2.0, 0.5};

    for (int i = 0; i < 6; i++)
        save(i + 1, 0, scores[i]);
    assert_ok(mean_choose_best(&m, s.folder, 2)); /* of two equal ones the earlier */
    ck_assert(m.members[0].score == 2.0 && m.members[1].score == 3.0);
    assert_chosen("1 4 ");
    assert_ok(mean_choose_best(&m, s.folder, 4));
    assert_chosen("1 2 4 5 ");
    s.content.progress.ranking.higher = 0;
    save(7, 0, 4.0);
    assert_ok(mean_choose_best(&m, s.folder, 3));
    assert_chosen("1 2 6 ");
    ck_assert_int_eq(mean_choose_best(&m, s.folder, 7), STATUS_INPUT);
    assert_message("6 of its 7 checkpoints were saved right after a validation, not 7");
}
END_TEST

START_TEST(test_best_by_loss)
{
    static const double losses[] = {0.5, 0.25, HUGE_VAL, 0.25};

    for (int i = 0; i < 4; i++) {
        loss = losses[i];
        save(i + 1, 0, 100.0);
    }
    loss = 1.0;
    for (int count = 1; count <= 4; count++) {
        assert_ok(mean_choose_best(&m, s.folder, count));
        assert_chosen(((const char *[]){"2 ", "2 4 ", "1 2 4 ", "1 2 3 4 "})[count - 1]);
    }
}
END_TEST

START_TEST(test_best_without_validation)
{
    save(1, 0, NAN);
    save(2, 0, NAN);
    ck_assert_int_eq(mean_choose_best(&m, s.folder, 1), STATUS_INPUT);
    assert_message("none of its 2 checkpoints was saved right after a validation");
}
END_TEST

START_TEST(test_arithmetic)
{
    checkpoint c;

    save(10, 0.25f, 1.0);
    save(20, 3.5f, 2.0);
    s.joint = 1;
    save(30, 0.75f, NAN);
    assert_ok(mean_choose_last(&m, s.folder, 3));
    assert_ok(mean_save(&m, s.folder, path, NULL));
    assert_values(1.5f);
    assert_ok(checkpoint_open(&c, path));
    ck_assert_int_eq(c.progress.step, 30);
    ck_assert_int_eq(c.progress.mean_of, 3);
    ck_assert_int_eq(c.progress.best_step, -1);
    ck_assert_int_eq(c.progress.dataset, -77);
    ck_assert(isnan(checkpoint_score(&c.progress)));
    ck_assert_str_eq(c.config, config_text);
    assert_rest(c.reader, 1); /* as in the newest */
    checkpoint_close(&c);
}
END_TEST

/* Each as it would be used. */
START_TEST(test_of_moving_averages)
{
    save(1, 100.0f, NAN);
    s.content.average = s.average;
    save(2, -7.0f, NAN); /* its average begins with -0.25 */
    assert_ok(mean_choose_last(&m, s.folder, 2));
    assert_ok(mean_save(&m, s.folder, path, NULL));
    assert_values(49.875f);
}
END_TEST

START_TEST(test_of_buffers)
{
    checkpoint c;
    parameters p;
    int index;
    store_shape shape = {STORE_FLOAT, 1, {3, 0}};
    float values[3];

    parameters_init(&p);
    assert_ok(parameters_add(&p, &index, "norm.weight", 1, 1, 3, FILL_ZERO));
    assert_ok(parameters_add_buffer(&p, &index, "norm.running_var", 3, FILL_ONE));
    assert_ok(parameters_allocate(&p, 0));
    sample_replace(&s, p);
    for (int i = 1; i <= 2; i++) {
        s.p.buffers->values[2] = (float)i;
        save(i, 0, NAN);
    }
    assert_ok(mean_choose_last(&m, s.folder, 2));
    assert_ok(mean_save(&m, s.folder, path, NULL));
    assert_ok(checkpoint_open(&c, path));
    assert_ok(store_load(c.reader, "/buffers/norm.running_var", shape, values));
    ck_assert(values[2] == 1.5f && values[0] == 0.0f);
    checkpoint_close(&c);
}
END_TEST

static void assert_refused(const char *file, const char *words)
{
    assert_ok(mean_choose_last(&m, s.folder, 2));
    ck_assert_int_eq(mean_save(&m, s.folder, path, NULL), STATUS_FORMAT);
    assert_message(file);
    assert_message(words);
    ck_assert(!file_exists(path));
    mean_free(&m);
}

START_TEST(test_refused)
{
    char file[FILE_PATH_MAX];
    parameters p;

    save(2, 0, NAN);
    s.content.config = other_text;
    save(1, 0, NAN);
    assert_refused("step-0000000001.h5: is of another run than",
                   "step-0000000002.h5: they differ in run.seed");
    s.content.config = config_text;
    s.content.progress.dataset = 5;
    save(1, 0, NAN);
    assert_refused("step-0000000001.h5: is of another run than", "their data differ");
    s.content.progress.dataset = -77;
    s.content.progress.mean_of = 2;
    save(1, 0, NAN);
    assert_refused("step-0000000001.h5", "is a mean of checkpoints itself");
    s.content.progress.mean_of = 0;
    sample_parameters(&p, 6);
    sample_replace(&s, p);
    save(1, 0, NAN);
    assert_refused("step-0000000001.h5", "is another model's");
    assert_ok(run_checkpoint_path(file, s.folder, 1));
    assert_ok(file_save(file, "LOCKSTEP", 8));
    assert_refused("step-0000000001.h5", "is truncated");
    ck_assert_int_eq(mean_choose_best(&m, s.folder, 1), STATUS_FORMAT);
    assert_message("step-0000000001.h5: is truncated");
}
END_TEST

static void assert_kept(const char *place, const char *words)
{
    ck_assert_int_eq(mean_save(&m, s.folder, place, NULL), STATUS_INPUT);
    assert_message(place);
    assert_message(words);
}

/* Only an older mean of the run is replaced. */
START_TEST(test_what_is_there)
{
    char own[FILE_PATH_MAX], other[FILE_PATH_MAX];

    save(1, 0.5f, NAN);
    save(2, 1.5f, NAN);
    assert_ok(run_checkpoint_path(own, s.folder, 3));
    assert_ok(file_join(other, s.folder, "other.h5"));
    assert_ok(mean_choose_last(&m, s.folder, 2));
    assert_kept(own, "a run's own checkpoint");
    assert_ok(file_save(other, "text", 4));
    assert_kept(other, "not a lockstep file");
    assert_ok(checkpoint_save(other, &s.content));
    assert_kept(other, "is a run's own checkpoint");
    s.content.progress.mean_of = 2;
    s.content.progress.dataset = 5;
    assert_ok(checkpoint_save(other, &s.content));
    assert_kept(other, "their data differ");
    s.content.progress.dataset = -77;
    assert_ok(checkpoint_save(other, &s.content));
    assert_ok(mean_save(&m, s.folder, other, NULL));
    ck_assert(mean_is_there(&m, s.folder));
    assert_ok(run_checkpoint_path(own, s.folder, 2));
    ck_assert_int_eq(unlink(own), 0);
    ck_assert(!mean_is_there(&m, s.folder));
}
END_TEST

START_TEST(test_every_allocation_may_fail)
{
    status result = STATUS_NOMEM;

    save(1, 0.5f, 1.0);
    save(2, 1.5f, 2.0);
    for (size_t n = 1; n < 2000 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = mean_choose_best(&m, s.folder, 2);
        if (result == STATUS_OK)
            result = mean_save(&m, s.folder, path, NULL);
        memory_fail_after(0);
        mean_free(&m);
        ck_assert(file_exists(path) == (result == STATUS_OK));
    }
    assert_ok(result);
    assert_values(1.0f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mean");
    TCase *tests = tcase_create("mean");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_last);
    tcase_add_test(tests, test_best);
    tcase_add_test(tests, test_best_by_loss);
    tcase_add_test(tests, test_best_without_validation);
    tcase_add_test(tests, test_arithmetic);
    tcase_add_test(tests, test_of_moving_averages);
    tcase_add_test(tests, test_of_buffers);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_what_is_there);
    tcase_add_test(tests, test_every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
