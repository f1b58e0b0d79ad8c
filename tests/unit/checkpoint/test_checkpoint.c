/* test_checkpoint.c - saved, loaded, refused. */
#include "unit_check.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "sample.h"

static sample s;
static char path[FILE_PATH_MAX];

static void setup(void)
{
    sample_init(&s);
    assert_ok(file_join(path, s.folder, "checkpoints/one.h5"));
}

static void teardown(void)
{
    sample_free(&s);
}

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

    assert_ok(checkpoint_save(path, &s.content));
    ck_assert_int_eq(s.calls, 2);
    assert_ok(checkpoint_open(&c, path));
    ck_assert_str_eq(c.config, s.content.config);
    ck_assert_str_eq(c.origin.build, "0.1.0 gcc 12");
    ck_assert_str_eq(c.origin.blas, "Haswell");
    ck_assert_str_eq(c.origin.instructions, "x86-64-v3");
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

START_TEST(test_vocabularies)
{
    checkpoint c;
    checkpoint_vocabulary v;

    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(checkpoint_open(&c, path));
    assert_ok(checkpoint_load_vocabulary(&c, "source", &v));
    ck_assert_int_eq(v.kind, 2);
    ck_assert_uint_eq(v.count, 4);
    ck_assert_str_eq(v.symbols[3], "é");
    ck_assert_uint_eq(v.model_size, 3);
    ck_assert_mem_eq(v.model, sample_model, 3);
    checkpoint_vocabulary_free(&v);
    assert_ok(checkpoint_load_vocabulary(&c, "target", &v));
    ck_assert_int_eq(v.kind, 1);
    ck_assert_uint_eq(v.count, 3);
    ck_assert_str_eq(v.symbols[0], "<unk>");
    ck_assert_ptr_null(v.model);
    checkpoint_vocabulary_free(&v);
    ck_assert_int_eq(checkpoint_load_vocabulary(&c, "third", &v), STATUS_FORMAT);
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

    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(store_open(&r, path, "checkpoint", CHECKPOINT_VERSION));
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

START_TEST(test_same_content_same_bytes)
{
    char other[FILE_PATH_MAX];
    uint64_t one, two;

    assert_ok(file_join(other, s.folder, "other.h5"));
    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(checkpoint_save(other, &s.content));
    assert_ok(store_hash_file(path, &one));
    assert_ok(store_hash_file(other, &two));
    ck_assert_uint_eq(one, two);
}
END_TEST

/* What version 1 did not have is nothing. */
START_TEST(test_version_1)
{
    static const char *const numbers[] = {"step",    "epoch",          "window",
                                          "batch",   "tokens",         "best_step",
                                          "dataset", "without_better", "validated_step"};
    static const char *const texts[] = {"config", "build", "blas", "instructions"};
    store_writer *w;
    checkpoint c;
    int64_t seven = 7;
    double best = 0.5;

    assert_ok(file_join(path, s.folder, "old.h5"));
    assert_ok(store_create(&w, path, "checkpoint", 1));
    assert_ok(store_add_text(w, "format", "lockstep checkpoint"));
    for (int i = 0; i < 4; i++)
        assert_ok(store_add_text(w, texts[i], "old"));
    assert_ok(store_add_number(w, "version", 1));
    assert_ok(store_add_number(w, "step", seven));
    for (int i = 0; i < 9; i++) {
        char name[64];
        snprintf(name, sizeof(name), "/progress/%s", numbers[i]);
        assert_ok(store_add(w, name, (store_shape){.type = STORE_INT64}, &seven));
    }
    assert_ok(
        store_add(w, "/progress/best_metric", (store_shape){.type = STORE_DOUBLE}, &best));
    assert_ok(store_save(w));
    assert_ok(checkpoint_open(&c, path));
    ck_assert_int_eq(c.progress.best_step, 7);
    ck_assert_double_eq(c.progress.best_metric, best);
    ck_assert_int_eq(c.progress.plateau.cuts, 0);
    ck_assert_int_eq(c.progress.ranking.count, 0);
    ck_assert(isnan(checkpoint_score(&c.progress)));
    checkpoint_close(&c);
}
END_TEST

/* Ranks without a path walk along and touch nothing. */
START_TEST(test_other_ranks)
{
    checkpoint_content content = {.rule = &sample_rule, .whole = sample_whole, .user = &s};

    assert_ok(checkpoint_save(NULL, &content));
    ck_assert_int_eq(s.calls, 2);
    ck_assert(!file_exists(path));
}
END_TEST

START_TEST(test_parameters_alone)
{
    checkpoint c;

    s.content.rule = NULL;
    assert_ok(checkpoint_save(path, &s.content));
    ck_assert_int_eq(s.calls, 0);
    assert_ok(checkpoint_open(&c, path));
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
    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(checkpoint_open(&c, path));
    ck_assert(!checkpoint_is_averaged(&c));
    assert_ok(checkpoint_load_model(&c, &q));
    assert_tensors(&q, q.values, s.p.values);
    ck_assert_int_eq(checkpoint_load_average(&c, &q, slab), STATUS_FORMAT);
    assert_message("/average/source_embedding.weight");
    checkpoint_close(&c);

    s.content.averaged = true;
    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(checkpoint_open(&c, path));
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

START_TEST(test_a_mean_is_not_gone_on_from)
{
    checkpoint c;

    s.content.progress.mean_of = 3;
    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(checkpoint_open(&c, path));
    assert_ok(checkpoint_check(&c, &s.p, NULL));
    ck_assert_int_eq(checkpoint_check(&c, &s.p, &sample_rule), STATUS_FORMAT);
    assert_message("one.h5: is the mean of 3 checkpoints");
    assert_message("training.initialize_from");
    checkpoint_close(&c);
}
END_TEST

START_TEST(test_an_empty_ranking)
{
    checkpoint c;

    s.content.progress.ranking.count = 0;
    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(checkpoint_open(&c, path));
    ck_assert_int_eq(c.progress.ranking.count, 0);
    checkpoint_close(&c);
}
END_TEST

/* Refused, and the live values stay. */
static void assert_another_model(parameters *q, const char *words)
{
    checkpoint c;

    assert_ok(checkpoint_open(&c, path));
    sample_fill(q, q->values, -3);
    ck_assert_int_eq(checkpoint_load_parameters(&c, q), STATUS_FORMAT);
    assert_message("one.h5: is another model's");
    assert_message(words);
    ck_assert(q->values[0] == -3);
    checkpoint_close(&c);
    parameters_free(q);
}

START_TEST(test_another_models)
{
    parameters q;
    int index;

    assert_ok(checkpoint_save(path, &s.content));
    sample_parameters(&q, 6);
    assert_another_model(&q, "its /parameters/source_embedding.weight is float [7, 5], this "
                             "model's is float [7, 6]");

    parameters_init(&q);
    assert_ok(parameters_add(&q, &index, "source_embedding.weight", 2, 7, 5, FILL_ZERO));
    assert_ok(parameters_add(&q, &index, "target_embedding.weight", 2, 7, 5, FILL_ZERO));
    assert_ok(parameters_allocate(&q, 0));
    assert_another_model(&q, "it holds no /parameters/target_embedding.weight");

    parameters_init(&q);
    assert_ok(parameters_add(&q, &index, "source_embedding.weight", 2, 7, 5, FILL_ZERO));
    assert_ok(parameters_allocate(&q, 0));
    assert_another_model(&q, "it holds /parameters/encoder.norm.weight, which this model "
                             "lacks");
}
END_TEST

START_TEST(test_missing_or_other_kind)
{
    store_writer *w;
    checkpoint c;

    ck_assert_int_eq(checkpoint_open(&c, path), STATUS_INPUT);
    assert_message("one.h5: No such file");
    assert_ok(file_make_folder(path));
    ck_assert_int_eq(checkpoint_open(&c, path), STATUS_INPUT);
    ck_assert_int_eq(checkpoint_save(path, &s.content), STATUS_IO);
    assert_ok(file_join(path, s.folder, "data.h5"));
    assert_ok(store_create(&w, path, "dataset", 1));
    assert_ok(store_save(w));
    ck_assert_int_eq(checkpoint_open(&c, path), STATUS_FORMAT);
    assert_message("data.h5: is a dataset, not a checkpoint");
    assert_ok(store_create(&w, path, "checkpoint", 1));
    assert_ok(store_save(w));
    ck_assert_int_eq(checkpoint_open(&c, path), STATUS_FORMAT);
    assert_message("data.h5: has no attribute format");
    assert_ok(store_create(&w, path, "checkpoint", CHECKPOINT_VERSION + 1));
    assert_ok(store_save(w));
    ck_assert_int_eq(checkpoint_open(&c, path), STATUS_FORMAT);
    assert_message("version 3");
}
END_TEST

START_TEST(test_damaged)
{
    checkpoint c;
    char *content;
    size_t size;

    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(file_load(path, &content, &size));
    for (size_t at = 0; at < size; at += 211) {
        content[at] ^= 0x20;
        assert_ok(file_save(path, content, size));
        ck_assert_int_eq(checkpoint_open(&c, path), STATUS_FORMAT);
        content[at] ^= 0x20;
    }
    assert_ok(file_save(path, content, size / 2));
    ck_assert_int_eq(checkpoint_open(&c, path), STATUS_FORMAT);
    assert_message("truncated");
    memory_destroy(content);
}
END_TEST

/* The hooks run to the end, the old file stays. */
START_TEST(test_failed_save)
{
    checkpoint c;
    char command[256];
    uint64_t size;

    signal(SIGXFSZ, SIG_IGN);
    assert_ok(checkpoint_save(path, &s.content));
    assert_ok(file_size(path, &size));
    s.content.progress.step = 41;
    for (uint64_t limit = 0; limit < size; limit += size / 7) {
        s.calls = 0;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, RLIM_INFINITY}), 0);
        ck_assert_int_eq(checkpoint_save(path, &s.content), STATUS_IO);
        ck_assert_int_eq(
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
        assert_message("one.h5: cannot write: File too large");
        ck_assert_int_eq(s.calls, 2);
        assert_ok(checkpoint_open(&c, path));
        ck_assert_int_eq(c.progress.step, 40);
        checkpoint_close(&c);
    }
    snprintf(command, sizeof(command), "test $(ls %s/checkpoints) = one.h5", s.folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(test_unwritable_folder)
{
    ck_assert_int_eq(checkpoint_save("/proc/nowhere/one.h5", &s.content), STATUS_IO);
    assert_message("/proc/nowhere");
    ck_assert_int_eq(s.calls, 2);
}
END_TEST

START_TEST(test_every_allocation_may_fail)
{
    status result = STATUS_NOMEM;
    checkpoint c;

    for (size_t n = 1; n < 200 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = checkpoint_save(path, &s.content);
        memory_fail_after(0);
        ck_assert(file_exists(path) == (result == STATUS_OK));
    }
    assert_ok(result);
    result = STATUS_NOMEM;
    for (size_t n = 1; n < 200 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = checkpoint_open(&c, path);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    assert_ok(result);
    checkpoint_close(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_round_trip);
    tcase_add_test(tests, test_vocabularies);
    tcase_add_test(tests, test_layout);
    tcase_add_test(tests, test_same_content_same_bytes);
    tcase_add_test(tests, test_version_1);
    tcase_add_test(tests, test_other_ranks);
    tcase_add_test(tests, test_parameters_alone);
    tcase_add_test(tests, test_moving_average);
    tcase_add_test(tests, test_score);
    tcase_add_test(tests, test_a_mean_is_not_gone_on_from);
    tcase_add_test(tests, test_an_empty_ranking);
    tcase_add_test(tests, test_another_models);
    tcase_add_test(tests, test_missing_or_other_kind);
    tcase_add_test(tests, test_damaged);
    tcase_add_test(tests, test_failed_save);
    tcase_add_test(tests, test_unwritable_folder);
    tcase_add_test(tests, test_every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
