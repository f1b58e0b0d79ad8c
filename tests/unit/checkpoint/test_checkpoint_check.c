/* test_checkpoint_check.c - what is refused: another model's, another kind of file, damage. */
#include "unit_check.h"

#include "sample.h"

/* Refused, and the live values stay. */
static void assert_another_model(parameters *q, const char *words)
{
    checkpoint c;

    assert_ok(checkpoint_open(&c, s.path));
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

    assert_ok(checkpoint_save(s.path, &s.content));
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

START_TEST(test_a_mean_is_not_gone_on_from)
{
    checkpoint c;

    s.content.progress.mean_of = 3;
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    assert_ok(checkpoint_check(&c, &s.p, NULL));
    ck_assert_int_eq(checkpoint_check(&c, &s.p, &sample_rule), STATUS_FORMAT);
    assert_message("one.h5: is the mean of 3 checkpoints");
    assert_message("training.initialize_from");
    checkpoint_close(&c);
}
END_TEST

START_TEST(test_missing_or_other_kind)
{
    store_writer *w;
    checkpoint c;

    ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_INPUT);
    assert_message("one.h5: No such file");
    assert_ok(file_make_folder(s.path));
    ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_INPUT);
    ck_assert_int_eq(checkpoint_save(s.path, &s.content), STATUS_IO);
    assert_ok(file_join(s.path, s.folder, "data.h5"));
    assert_ok(store_create(&w, s.path, "dataset", 1));
    assert_ok(store_save(w));
    ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_FORMAT);
    assert_message("data.h5: is a dataset, not a checkpoint");
    assert_ok(store_create(&w, s.path, "checkpoint", 1));
    assert_ok(store_save(w));
    ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_FORMAT);
    assert_message("data.h5: has no attribute format");
    assert_ok(store_create(&w, s.path, "checkpoint", CHECKPOINT_VERSION + 1));
    assert_ok(store_save(w));
    ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_FORMAT);
    assert_message("version 3");
}
END_TEST

START_TEST(test_damaged)
{
    checkpoint c;
    char *content;
    size_t size;

    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(file_load(s.path, &content, &size));
    for (size_t at = 0; at < size; at += 211) {
        content[at] ^= 0x20;
        assert_ok(file_save(s.path, content, size));
        ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_FORMAT);
        content[at] ^= 0x20;
    }
    assert_ok(file_save(s.path, content, size / 2));
    ck_assert_int_eq(checkpoint_open(&c, s.path), STATUS_FORMAT);
    assert_message("truncated");
    memory_destroy(content);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint_check");
    TCase *tests = tcase_create("checkpoint_check");

    tcase_add_checked_fixture(tests, sample_setup, sample_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_another_models);
    tcase_add_test(tests, test_a_mean_is_not_gone_on_from);
    tcase_add_test(tests, test_missing_or_other_kind);
    tcase_add_test(tests, test_damaged);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
