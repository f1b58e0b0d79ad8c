/* test_checkpoint.c - what is saved is read back. */
#include "unit_check.h"

#include <math.h>

#include "sample.h"

static void assert_tensors(const parameters *p, const float *slab, const float *want)
{
    for (size_t i = 0; i < p->floats; i++)
        ck_assert_msg(slab[i] == want[i], "float %zu", i);
}

START_TEST(test_round_trip)
{
    checkpoint c;
    parameters q;
    float *slab = memory_create(s.p.floats, sizeof(float));

    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    ck_assert_str_eq(c.config, s.content.config);
    ck_assert_str_eq(c.origin.build, "0.1.0 gcc 12");
    ck_assert_str_eq(c.origin.blas, "Haswell");
    ck_assert_str_eq(c.origin.instructions, "x86-64-v3");
    ck_assert(c.origin.arithmetic[0] == 5 && c.origin.arithmetic[1] == -7);
    ck_assert_mem_eq(&c.progress, &s.content.progress, sizeof(c.progress));

    sample_parameters(&q, 5);
    assert_ok(checkpoint_check(&c, &q, &sample_rule));
    assert_ok(checkpoint_load_parameters(&c, &q));
    assert_tensors(&q, q.values, s.p.values);
    slab[s.p.floats - 1] = 9; /* between tensors */
    for (int i = 0; i < 2; i++) {
        assert_ok(checkpoint_load_slot(&c, &q, sample_rule.slot_names[i], slab));
        assert_tensors(&q, slab, s.slots[i]);
    }
    checkpoint_close(&c);
    checkpoint_close(&c);
    parameters_free(&q);
    memory_destroy(slab);
}
END_TEST

START_TEST(test_the_rest)
{
    checkpoint c;

    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    assert_rest(c.reader, 0);
    checkpoint_close(&c);
    s.content.add_rest = NULL;
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    ck_assert(!store_has(c.reader, "/vocabulary"));
    checkpoint_close(&c);
}
END_TEST

/* Whoever opens it finds PyTorch's names and shapes. */
START_TEST(test_layout)
{
    store_reader *r;
    store_shape shape;
    int64_t number;
    double best;
    const store_shape real = {.type = STORE_DOUBLE};

    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(store_open(&r, s.path, "checkpoint", CHECKPOINT_VERSION));
    assert_ok(store_shape_of(r, "/parameters/source_embedding.weight", &shape));
    ck_assert(shape.dimensions == 2 && shape.dims[0] == 7 && shape.dims[1] == 5);
    assert_ok(store_shape_of(r, "/optimizer/second/encoder.norm.weight", &shape));
    ck_assert(shape.dimensions == 1 && shape.dims[0] == 5);
    assert_ok(store_load_number(r, "step", &number));
    ck_assert_int_eq(number, 40);
    assert_ok(store_load_number(r, "version", &number));
    ck_assert_int_eq(number, CHECKPOINT_VERSION);
    assert_ok(store_load(r, "/progress/best_metric", real, &best));
    ck_assert(best == 1.0 / 3);
    store_close(r);
}
END_TEST

static void add_number(store_writer *w, const char *name, int64_t value)
{
    char path[64];

    snprintf(path, sizeof(path), "/progress/%s", name);
    assert_ok(store_add(w, path, (store_shape){.type = STORE_INT64}, &value));
}

/* What version 2 added, without a moving average. */
static void add_version_2(store_writer *w)
{
    static const char *const numbers[] = {"rate_cuts", "since_cut", "mean_of",
                                          "ranking/higher"};
    const int64_t step = 7;
    const double score = 0.5;

    for (int i = 0; i < 4; i++)
        add_number(w, numbers[i], 0);
    add_number(w, "ranking/count", 1);
    assert_ok(store_add(w, "/progress/validated_metric", (store_shape){.type = STORE_DOUBLE},
                        &score));
    assert_ok(
        store_add(w, "/progress/ranking/steps", (store_shape){STORE_INT64, 1, {1, 0}}, &step));
    assert_ok(store_add(w, "/progress/ranking/scores", (store_shape){STORE_DOUBLE, 1, {1, 0}},
                        &score));
}

static void save_version(int version)
{
    static const char *const numbers[] = {"step",    "epoch",          "window",
                                          "batch",   "tokens",         "best_step",
                                          "dataset", "without_better", "validated_step"};
    static const char *const texts[] = {"config", "build", "blas", "instructions"};
    const double best = 0.5;
    store_writer *w;

    assert_ok(file_join(s.path, s.folder, "old.h5"));
    assert_ok(store_create(&w, s.path, "checkpoint", (int)version));
    assert_ok(store_add_text(w, "format", "lockstep checkpoint"));
    for (int i = 0; i < 4; i++)
        assert_ok(store_add_text(w, texts[i], "old"));
    assert_ok(store_add_number(w, "version", version));
    assert_ok(store_add_number(w, "step", 7));
    for (int i = 0; i < 9; i++)
        add_number(w, numbers[i], 7);
    assert_ok(
        store_add(w, "/progress/best_metric", (store_shape){.type = STORE_DOUBLE}, &best));
    if (version >= 2)
        add_version_2(w);
    assert_ok(store_save(w));
}

/* What an older version did not have is nothing. */
START_TEST(test_older_versions)
{
    checkpoint c;

    save_version(_i);
    assert_ok(checkpoint_open(&c, s.path));
    ck_assert(c.origin.arithmetic[0] == 0);
    ck_assert_int_eq(c.progress.best_step, 7);
    ck_assert_double_eq(c.progress.best_metric, 0.5);
    ck_assert_int_eq(c.progress.plateau.cuts, 0);
    ck_assert(isinf(c.progress.best_loss) && isinf(c.progress.validated_loss));
    ck_assert_int_eq(c.progress.ranking.count, _i - 1);
    if (_i == 1)
        ck_assert(isnan(checkpoint_score(&c.progress)));
    else
        ck_assert(isinf(c.progress.ranking.losses[0]));
    checkpoint_close(&c);
}
END_TEST

START_TEST(test_parameters_alone)
{
    checkpoint c;

    s.content.rule = NULL;
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    assert_ok(checkpoint_check(&c, &s.p, NULL));
    ck_assert_int_eq(checkpoint_check(&c, &s.p, &sample_rule), STATUS_FORMAT);
    assert_message("one.h5: holds no state first of the optimizer adam");
    assert_ok(checkpoint_load_parameters(&c, &s.p));
    checkpoint_close(&c);
}
END_TEST

START_TEST(test_moving_average)
{
    checkpoint c;
    parameters q;
    float *slab = memory_create(s.p.floats, sizeof(float));

    sample_parameters(&q, 5);
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    ck_assert(!checkpoint_is_averaged(&c));
    assert_ok(checkpoint_load_model(&c, &q));
    assert_tensors(&q, q.values, s.p.values);
    ck_assert_int_eq(checkpoint_load_average(&c, &q, slab), STATUS_FORMAT);
    assert_message("/average/source_embedding.weight");
    checkpoint_close(&c);

    s.content.average = s.average;
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    ck_assert(checkpoint_is_averaged(&c));
    assert_ok(checkpoint_check(&c, &q, &sample_rule));
    assert_ok(checkpoint_load_model(&c, &q));
    assert_tensors(&q, q.values, s.average);
    assert_ok(checkpoint_load_parameters(&c, &q));
    assert_tensors(&q, q.values, s.p.values);
    slab[s.p.floats - 1] = 9; /* between tensors */
    assert_ok(checkpoint_load_average(&c, &q, slab));
    assert_tensors(&q, slab, s.average);
    checkpoint_close(&c);
    parameters_free(&q);
    memory_destroy(slab);
}
END_TEST

START_TEST(test_score)
{
    checkpoint_progress *p = &s.content.progress;

    ck_assert(isnan(checkpoint_score(p))); /* validated at 30, saved at 40 */
    p->validated_step = 40;
    ck_assert(checkpoint_score(p) == 0.75);
}
END_TEST

START_TEST(test_an_empty_ranking)
{
    checkpoint c;

    s.content.progress.ranking.count = 0;
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    ck_assert_int_eq(c.progress.ranking.count, 0);
    checkpoint_close(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");

    tcase_add_checked_fixture(tests, sample_setup, sample_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_round_trip);
    tcase_add_test(tests, test_the_rest);
    tcase_add_test(tests, test_layout);
    tcase_add_loop_test(tests, test_older_versions, 1, 3);
    tcase_add_test(tests, test_parameters_alone);
    tcase_add_test(tests, test_moving_average);
    tcase_add_test(tests, test_score);
    tcase_add_test(tests, test_an_empty_ranking);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
