/* test_config.c - loading, overrides, refusals and where they point. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loading.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"

START_TEST(defaults_are_the_documented_ones)
{
    config c;
    load(&c, FILES, NULL);
    ck_assert_str_eq(c.run.folder, "r");
    ck_assert_int_eq(c.run.seed, 1);
    ck_assert_int_eq(c.run.threads, 1);
    ck_assert_int_eq(c.data.source.vocabulary, SYMBOL_CHARACTERS);
    ck_assert_int_eq(c.data.target.vocabulary, SYMBOL_WORDS);
    ck_assert_str_eq(c.data.target.continuation, "");
    ck_assert_ptr_null(c.data.source.model);
    ck_assert_ptr_null(c.data.dataset);
    ck_assert_ptr_null(c.training.initialize_from);
    ck_assert_int_eq(c.data.max_length, 256);
    ck_assert_int_eq(c.data.window, 65536);
    ck_assert_int_eq(c.model.width, 128);
    ck_assert_int_eq(c.model.tie, TIE_TARGET);
    ck_assert_double_eq(c.model.dropout, 0.1);
    ck_assert_int_eq(c.batch.grains, 8);
    ck_assert_double_eq(c.training.optimizer.beta2, 0.98);
    ck_assert_double_eq(c.training.optimizer.epsilon, 1e-9);
    ck_assert_int_eq(c.training.schedule.name, SCHEDULE_INVERSE_SQRT);
    ck_assert_double_eq(c.training.clip_norm, 1.0);
    ck_assert_int_eq(c.validation.patience, 10);
    ck_assert_int_eq(c.checkpoint.keep, 5);
    ck_assert_int_eq(c.distributed.bucket_bytes, 8388608);
    ck_assert_int_eq(c.decode.max_length, 256);
    ck_assert_int_eq(c.decode.unknown, true);
    config_free(&c);
}
END_TEST

START_TEST(file_and_overrides_set_values)
{
    config c;
    load(&c,
         FILES "model:\n  width: 64 # narrow\n  heads: 2\n"
               "training: {optimizer: {beta2: 0.999}, schedule: {name: "
               "constant}}\n",
         "model.width=32");
    ck_assert_int_eq(c.model.width, 32);
    ck_assert_int_eq(c.model.heads, 2);
    ck_assert_double_eq(c.training.optimizer.beta2, 0.999);
    ck_assert_int_eq(c.training.schedule.name, SCHEDULE_CONSTANT);
    config_free(&c);
    load(&c, FILES, "data.train={source: a, target: 'b c', pairs: null}");
    ck_assert_str_eq(c.data.train.source, "a");
    ck_assert_str_eq(c.data.train.target, "b c");
    ck_assert_ptr_null(c.data.train.pairs);
    config_free(&c);
}
END_TEST

START_TEST(an_override_is_the_text_that_stands_there)
{
    static const char *const overrides[] = {"run.folder=/x/set #2/run",
                                            "data.target.continuation=##", "data.dataset={a}",
                                            "data.train.pairs='null'"};
    config c;
    ck_assert_msg(config_load_text(&c, "c.yaml", FILES, overrides, 4) == STATUS_OK, "%s",
                  error_message());
    ck_assert_str_eq(c.run.folder, "/x/set #2/run");
    ck_assert_str_eq(c.data.target.continuation, "##");
    ck_assert_str_eq(c.data.dataset, "{a}");
    ck_assert_str_eq(c.data.train.pairs, "null");
    config_free(&c);
}
END_TEST

START_TEST(a_dataset_is_one_path_or_several)
{
    char path[16];
    config c;
    load(&c, FILES, NULL);
    ck_assert_int_eq(config_paths(c.data.dataset), 0);
    config_free(&c);
    load(&c, FILES, "data.dataset=[a.h5, 'b c.h5', /d]");
    ck_assert_int_eq(config_paths(c.data.dataset), 3);
    ck_assert(config_path_at(c.data.dataset, 0, path, 5));
    ck_assert_str_eq(path, "a.h5");
    ck_assert(config_path_at(c.data.dataset, 1, path, 16));
    ck_assert_str_eq(path, "b c.h5");
    ck_assert(!config_path_at(c.data.dataset, 1, path, 6));
    ck_assert(config_path_at(c.data.dataset, 2, path, 16));
    ck_assert_str_eq(path, "/d");
    config_free(&c);
    load(&c, FILES, "data.dataset=[a]");
    ck_assert_str_eq(c.data.dataset, "a");
    config_free(&c);
    set_refused("data.dataset=[a, b, a]", "data.dataset: a is there twice");
    set_refused(
        "data.dataset=[a, ~/b]",
        "data.dataset: `~/b`: only a shell knows what ~ is; write the whole path (for a "
        "folder that is called ~: ./~)");
    set_refused("data.dataset=\"a\\nb\"", "data.dataset: a path has a line feed in it");
}
END_TEST

START_TEST(the_last_override_wins)
{
    static const char *const overrides[] = {"model.width=64", "model.width=32",
                                            "run.folder=a=b"};
    config c;
    ck_assert_int_eq(config_load_text(&c, "c.yaml", FILES, overrides, 3), STATUS_OK);
    ck_assert_int_eq(c.model.width, 32);
    ck_assert_str_eq(c.run.folder, "a=b");
    config_free(&c);
}
END_TEST

START_TEST(null_is_the_default)
{
    static const char text[] = FILES "training:\n  schedule: {name: inverse_sqrt, warmup: 5}\n"
                                     "model:\nbatch: {grains: null}\n";
    static const char *const overrides[] = {"training.schedule.warmup=",
                                            "training.schedule.name=constant"};
    config c;
    ck_assert_msg(config_load_text(&c, "c.yaml", text, overrides, 2) == STATUS_OK, "%s",
                  error_message());
    ck_assert_int_eq(c.training.schedule.warmup, 2000);
    ck_assert_int_eq(c.batch.grains, 8);
    config_free(&c);
}
END_TEST

START_TEST(unknown_keys_name_the_nearest)
{
    refused(FILES "model:\n  widht: 3\n", NULL,
            "c.yaml:4: unknown key `model.widht`; did you mean `model.width`?");
    refused(FILES "modle:\n  width: 3\n", NULL,
            "c.yaml:3: unknown section `modle`; did you mean `model`?");
    refused(FILES "width: 3\n", NULL,
            "c.yaml:3: unknown key `width`; did you mean `model.width`?");
    refused(FILES "zzzzzzzz: 3\n", NULL,
            "c.yaml:3: unknown key `zzzzzzzz`; `lockstep config --reference` "
            "lists all keys");
    set_refused("model.head=3", "unknown key `model.head`; did you mean `model.heads`?");
}
END_TEST

START_TEST(wrong_types_and_ranges)
{
    refused(FILES "model:\n  width: wide\n", NULL,
            "c.yaml:4: model.width: `wide` is not allowed; give an integer of "
            "at least 1 and at most 65536");
    refused(FILES "model:\n  heads: 0\n", NULL,
            "c.yaml:4: model.heads: `0` is not allowed; give an integer of at "
            "least 1 and at most 1024");
    refused(FILES "model: {dropout: 1.0}\n", NULL,
            "c.yaml:3: model.dropout: `1.0` is not allowed; give a number of "
            "at least 0 and below 1");
    refused(FILES "model: 3\n", NULL, "c.yaml:3: model is a section, not one value");
    refused(FILES "model:\n  width: {is: 3}\n", NULL,
            "c.yaml:4: model.width is one value, not a section");
    refused(FILES "model: {width: \"64\"}\n", NULL,
            "c.yaml:3: model.width: a number stands in quotes; write it "
            "without");
    refused(FILES "model: {width: 64, width: 64}\n", NULL,
            "c.yaml:3: model.width: given twice");
    set_refused("model.norm_position=middle",
                "model.norm_position: `middle` is not allowed; give post | "
                "pre");
    set_refused("model.task=tags", "model.task: `tags` is not allowed; give generate | label | "
                                   "tag");
    set_refused("model.width", "write --set section.key=value");
    set_refused("=3", "write --set section.key=value");
    set_refused("training=null", "sets nothing, for training is a section; write --set "
                                 "training.key=value");
    set_refused("data.train={}", "sets nothing, for data.train is a section; write --set "
                                 "data.train.key=value");
    set_refused("training=3", "training is a section, not one value");
    set_refused("model.width=32 # narrow",
                "model.width: `32 # narrow` is not allowed; give an integer of at least 1 and "
                "at most 65536");
    set_refused("run.seed=9007199254740993",
                "run.seed: `9007199254740993` is not allowed; give an integer of at least 0 "
                "and at most 9007199254740992");
}
END_TEST

START_TEST(files_that_are_no_configuration)
{
    char path[] = "/tmp/lockstep-config-XXXXXX";
    static const char zero[] = "run:\0\0";
    config c;
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    ck_assert_int_eq(config_load(&c, path, NULL, 0), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), ": holds no keys"));
    ck_assert_int_eq(file_save(path, zero, sizeof zero), STATUS_OK);
    ck_assert_int_eq(config_load(&c, path, NULL, 0), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), ": a binary file"));
    char *big = memory_create(1000000, 1);
    memset(big, 'a', 1000000);
    ck_assert_int_eq(file_save(path, big, 1000000), STATUS_OK);
    memory_destroy(big);
    ck_assert_int_eq(config_load(&c, path, NULL, 0), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "1000000 bytes are too"));
    ck_assert_int_eq(file_save(path, FILES, strlen(FILES)), STATUS_OK);
    ck_assert_int_eq(config_load(&c, path, NULL, 0), STATUS_OK);
    config_free(&c);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(config_load(&c, path, NULL, 0), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), path));
}
END_TEST

/* Each allocation fails once; nothing leaks and nothing is half loaded. */
START_TEST(memory_may_end_anywhere)
{
    static const char *const override = "model.width=64";
    config c;
    status result = STATUS_NOMEM;
    for (size_t n = 1; result != STATUS_OK; ++n) {
        ck_assert_uint_lt(n, 1000);
        memory_fail_after(n);
        result = config_load_text(&c, "c.yaml", FILES, &override, 1);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    config_free(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");
    tcase_add_test(tests, defaults_are_the_documented_ones);
    tcase_add_test(tests, file_and_overrides_set_values);
    tcase_add_test(tests, an_override_is_the_text_that_stands_there);
    tcase_add_test(tests, a_dataset_is_one_path_or_several);
    tcase_add_test(tests, the_last_override_wins);
    tcase_add_test(tests, null_is_the_default);
    tcase_add_test(tests, unknown_keys_name_the_nearest);
    tcase_add_test(tests, wrong_types_and_ranges);
    tcase_add_test(tests, files_that_are_no_configuration);
    tcase_add_test(tests, memory_may_end_anywhere);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
