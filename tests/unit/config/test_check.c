/* test_check.c - the rules between keys. */
#include <string.h>

#include "loading.h"
#include "lockstep/base/memory.h"

START_TEST(keys_that_would_be_ignored)
{
    refused(FILES "training:\n  schedule:\n    name: constant\n    warmup: 9\n", NULL,
            "c.yaml:6: training.schedule.warmup would be ignored: it applies "
            "only when training.schedule.name is not constant; remove it");
    set_refused("data.source.algorithm=bpe",
                "data.source.algorithm would be ignored: it applies only when "
                "data.source.kind is text and data.source.vocabulary is sentencepiece and "
                "data.source.model "
                "is not given; remove it");
    set_refused(
        "data.source.model=m",
        "data.source.model would be ignored: it applies only when "
        "data.source.kind is text and data.source.vocabulary is sentencepiece; remove it");
    set_refused("data.source.continuation=+",
                "data.source.continuation would be ignored: it applies only "
                "when data.source.kind is text and data.source.vocabulary is words; remove it");
    set_refused("data.source={vocabulary: sentencepiece, minimum_count: 1}",
                "data.source.minimum_count would be ignored: it applies only "
                "when data.source.kind is text and data.source.vocabulary is characters or "
                "words; remove "
                "it");
    refused(FILES "validation: {every: 0, patience: 3}\n", NULL,
            "c.yaml:3: validation.patience would be ignored: it applies only "
            "when validation.every is above 0; remove it");
    refused(FILES "validation: {every: 0, metric: bleu}\n", NULL,
            "c.yaml:3: validation.metric would be ignored: it applies only "
            "when validation.every is above 0; remove it");
}
END_TEST

/* A file with the section `training: {...}` is refused with a message that begins so. */
static void training_refused(const char *keys, const char *message)
{
    config c;
    char text[1024], expected[1024];

    snprintf(text, sizeof text, FILES "training: {%s}\n", keys);
    snprintf(expected, sizeof expected, "c.yaml:3: %s", message);
    ck_assert_int_eq(config_load_text(&c, "c.yaml", text, NULL, 0), STATUS_CONFIG);
    ck_assert_msg(strncmp(error_message(), expected, strlen(expected)) == 0, "%s",
                  error_message());
}

START_TEST(training_keys_that_would_be_ignored)
{
    training_refused("schedule: {name: constant, decay: 0.5}",
                     "training.schedule.decay would be ignored: it applies only when "
                     "training.schedule.name is exponential, steps or plateau; remove it");
    training_refused("schedule: {name: plateau, until: 9}", "training.schedule.until would be");
    training_refused("schedule: {name: cosine, every: 9}", "training.schedule.every would be");
    training_refused("schedule: {name: linear, patience: 9}",
                     "training.schedule.patience would be");
    training_refused("schedule: {floor: 0.1}", "training.schedule.floor would be");
    training_refused("optimizer: {momentum: 0.5}", "training.optimizer.momentum would be");
    training_refused("optimizer: {name: sgd, epsilon: 1e-8}",
                     "training.optimizer.epsilon would be");
    training_refused("optimizer: {weight_decay: 0.1}",
                     "training.optimizer.weight_decay would be");
    training_refused("optimizer: {alpha: 0.9}", "training.optimizer.alpha would be");
    training_refused(
        "scheduled_sampling: {schedule: constant, value: 0.5, decay: 0.1}",
        "training.scheduled_sampling.decay would be ignored: it applies only when "
        "training.scheduled_sampling.schedule is linear or exponential; remove it");
    training_refused("scheduled_sampling: {schedule: constant, value: 0.5, floor: 0.1}",
                     "training.scheduled_sampling.floor would be");
    training_refused("scheduled_sampling: {schedule: linear, decay: 0.1, k: 9}",
                     "training.scheduled_sampling.k would be");
    training_refused("scheduled_sampling: {schedule: exponential, decay: 0.9, value: 0.5}",
                     "training.scheduled_sampling.value would be");
    training_refused("scheduled_sampling: {passes: 2}",
                     "training.scheduled_sampling.passes would be");
    training_refused("scheduled_sampling: {schedule: inverse_sigmoid, temperature: 2}",
                     "training.scheduled_sampling.temperature would be");
    training_refused("teacher_noise: {schedule: linear}",
                     "training.teacher_noise.schedule would be");
    training_refused("teacher_noise: {drop: 0.1, k: 9}", "training.teacher_noise.k would be");
}
END_TEST

START_TEST(validation_keys_that_would_be_ignored)
{
    refused(FILES "validation: {every: 0, free_running: true}\n", NULL,
            "c.yaml:3: validation.free_running would be ignored: it applies only when "
            "validation.every is above 0, model.task is generate and model.decoder is "
            "autoregressive; remove it");
    refused(FILES "validation: {every: 0}\ncheckpoint: {keep_best: 2}\n", NULL,
            "c.yaml:4: checkpoint.keep_best would be ignored: it applies only when "
            "validation.every is above 0; remove it");
}
END_TEST

/* The section `model: {decoder: parallel, ...}` and one more line are refused with a message
 * that begins so. */
static void parallel_refused(const char *keys, const char *more, const char *message)
{
    config c;
    char text[1024];

    snprintf(text, sizeof text, FILES "model: {decoder: parallel%s}\n%s\n", keys, more);
    ck_assert_int_eq(config_load_text(&c, "c.yaml", text, NULL, 0), STATUS_CONFIG);
    ck_assert_msg(strncmp(error_message(), message, strlen(message)) == 0, "%s",
                  error_message());
}

START_TEST(what_does_not_go_with_a_parallel_decoder)
{
    parallel_refused("", "training: {scheduled_sampling: {schedule: constant, value: 0.5}}",
                     "c.yaml:4: training.scheduled_sampling.schedule would be ignored: it "
                     "applies only when model.task is generate and model.decoder is "
                     "autoregressive; remove it");
    parallel_refused("", "training: {teacher_noise: {replace: 0.1}}",
                     "c.yaml:4: training.teacher_noise.replace would be");
    parallel_refused("", "training: {teacher_noise: {drop: 0.1}}",
                     "c.yaml:4: training.teacher_noise.drop would be");
    parallel_refused("", "training: {teacher_noise: {swap: 0.1}}",
                     "c.yaml:4: training.teacher_noise.swap would be");
    parallel_refused("", "decode: {search: greedy}",
                     "c.yaml:4: decode.search would be ignored: it applies only when "
                     "model.task is generate and model.decoder is autoregressive; remove it");
    parallel_refused("", "validation: {free_running: true}",
                     "c.yaml:4: validation.free_running would be");
    parallel_refused(", length: {tokens: 300}", "",
                     "c.yaml:3: model.length.tokens would be ignored: it applies only when "
                     "model.decoder is parallel and model.length.kind is fixed; remove it");
    parallel_refused(", length: {kind: fixed}", "",
                     "c.yaml:3: model.length.tokens (0) must be above data.max_length (256)");
    parallel_refused(", length: {kind: fixed, tokens: 256}", "",
                     "c.yaml:3: model.length.tokens (256) must be above data.max_length (256): "
                     "a target of that many tokens and its <end> are to fit");
    parallel_refused(
        ", length: {kind: fixed, tokens: 257}", "training: {length_loss: 0.1}",
        "c.yaml:4: training.length_loss would be ignored: it applies only when "
        "model.decoder is parallel and model.length.kind is classifier; remove it");
}
END_TEST

START_TEST(what_only_a_parallel_decoder_has)
{
    set_refused("model.decoder_input=mask", "model.decoder_input would be ignored: it applies "
                                            "only when model.decoder is parallel; remove it");
    set_refused("model.length.kind=fixed", "model.length.kind would be ignored: it applies "
                                           "only when model.decoder is parallel; remove it");
    set_refused("training.length_loss=1", "training.length_loss would be ignored: it applies "
                                          "only when model.decoder is parallel and "
                                          "model.length.kind is classifier; remove it");
}
END_TEST

/* Nobody feeds it itself, and none of its keys is printed that has no use. */
START_TEST(a_parallel_decoder)
{
    static const char *const keys[] = {"free_running", "search:", "scheduled_sampling",
                                       "teacher_noise", "tokens: 257"};
    config c, again;
    char *text;

    ck_assert_int_eq(
        config_load_text(
            &c, "c.yaml",
            FILES "model: {decoder: parallel, length: {kind: fixed, tokens: 257}}\n", NULL, 0),
        STATUS_OK);
    ck_assert(!c.validation.free_running);
    ck_assert_int_eq(config_print(&c, &text), STATUS_OK);
    for (int i = 0; i < 5; i++)
        ck_assert_msg((strstr(text, keys[i]) != NULL) == (i == 4), "%s", keys[i]);
    ck_assert_int_eq(config_load_text(&again, "again", text, NULL, 0), STATUS_OK);
    ck_assert_int_eq(config_check_resume(&c, &again), STATUS_OK);
    memory_destroy(text);
    config_free(&c);
    config_free(&again);
}
END_TEST

START_TEST(training_contradictions)
{
    refused(FILES "model: {decoder_norm: batch}\nbatch: {accumulate: 2}\n", NULL,
            "c.yaml:4: batch.accumulate (2) does not go with model.decoder_norm: batch, whose "
            "statistics are those of one batch; make batch.tokens larger instead");
    refused(FILES "training: {schedule: {name: plateau}}\nvalidation: {every: 0}\n", NULL,
            "c.yaml:3: training.schedule.name: plateau needs validations: set "
            "validation.every");
    training_refused("schedule: {name: cosine, floor: 0.01}",
                     "training.schedule.floor (0.01) is not below training.schedule.peak "
                     "(0.001), so the rate would never fall");
    training_refused("steps: 50, schedule: {name: linear, warmup: 50}",
                     "training.schedule.warmup (50) is not below training.steps (50)");
    training_refused("steps: 50, schedule: {name: linear, warmup: 40, until: 40}",
                     "training.schedule.warmup (40) is not below training.schedule.until (40)");
    training_refused("clip_value: 0.5",
                     "training.clip_value (0.5) together with training.clip_norm (1): set one "
                     "of them to 0");
    training_refused("optimizer: {name: sgd, momentum: 0, nesterov: true}",
                     "training.optimizer.nesterov does nothing with "
                     "training.optimizer.momentum 0");
}
END_TEST

START_TEST(contradictions_in_what_the_decoder_is_fed)
{
    training_refused("scheduled_sampling: {schedule: constant}",
                     "training.scheduled_sampling.value must be given below 1");
    training_refused("scheduled_sampling: {schedule: linear}",
                     "training.scheduled_sampling.decay must be given above 0, for example "
                     "0.0001 a step");
    training_refused(
        "scheduled_sampling: {schedule: exponential}",
        "training.scheduled_sampling.decay must be given above 0, for example 0.9999");
    training_refused(
        "scheduled_sampling: {schedule: linear, decay: 0.1, value: 0.4, floor: 0.5}",
        "training.scheduled_sampling.floor (0.5) is not below value (0.4)");
    training_refused(
        "steps: 9, scheduled_sampling: {schedule: inverse_sigmoid, start: 9}",
        "training.scheduled_sampling.start (9) is not below training.steps (9): it "
        "would never begin");
    training_refused("teacher_noise: {replace: 0.5, drop: 0.3, swap: 0.3}",
                     "training.teacher_noise: replace, drop and swap add up to 1.1, above 1");
    training_refused("teacher_noise: {drop: 0.3, schedule: linear}",
                     "training.teacher_noise.decay must be given");
    training_refused("steps: 9, teacher_noise: {drop: 0.3, start: 10}",
                     "training.teacher_noise.start (10) is not below");
}
END_TEST

START_TEST(decoding_keys_that_would_be_ignored)
{
    static const char *const keys[][2] = {
        {"beam=5", "beam"},          {"n_best=1", "beam"},  {"length_penalty=1", "beam"},
        {"temperature=1", "sample"}, {"top_k=0", "sample"}, {"top_p=1", "sample"},
        {"seed=1", "sample"}};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char override[60], message[200];

        snprintf(override, sizeof override, "decode.%s", keys[i][0]);
        snprintf(message, sizeof message,
                 "decode.%.*s would be ignored: it applies only when decode.search is %s; "
                 "remove it",
                 (int)strcspn(keys[i][0], "="), keys[i][0], keys[i][1]);
        set_refused(override, message);
    }
}
END_TEST

/* As those of a checkpoint, which cannot be removed. */
START_TEST(keys_of_the_file_yield_to_overrides)
{
    config c;

    load(&c, FILES "validation: {patience: 3}\n", "validation.every=0");
    ck_assert_int_eq(c.validation.patience, 10);
    config_free(&c);
    refused(
        FILES "validation: {patience: 3}\n", "validation={every: 0, patience: 4}",
        "--set validation={every: 0, patience: 4}: validation.patience would be ignored: it "
        "applies only when validation.every is above 0; remove it");
    refused(FILES "validation: {every: 0, patience: 3}\n", "validation.every=0",
            "c.yaml:3: validation.patience would be ignored: it applies only when "
            "validation.every is above 0; remove it");
    refused(FILES "training: {schedule: {warmup: 9}}\n", "training.schedule.name=constant",
            "c.yaml:3: training.schedule.warmup would be ignored: it applies only when "
            "training.schedule.name is not constant; remove it");
}
END_TEST

START_TEST(contradictions)
{
    set_refused("model.heads=3", "model.width (128) is not a multiple of model.heads (3)");
    refused(FILES "model: {width: 33, heads: 1}\n", NULL,
            "c.yaml:3: model.width (33) is odd, sinusoidal positions need an "
            "even one");
    set_refused("model.tie=all", "model.tie: all needs data.vocabulary: joint");
    refused(FILES "model: {positions: learned}\ndecode:\n  max_length: 300\n", NULL,
            "c.yaml:5: decode.max_length (300) is above data.max_length (256), "
            "up to which positions are learned");
    set_refused("decode.min_length=300",
                "decode.min_length (300) is above decode.max_length (256)");
    set_refused("data.source.vocabulary=sentencepiece",
                "data.source.size must be given for a sentencepiece "
                "vocabulary, for example 8000");
    set_refused("run.prometheus=d/run.txt", "run.prometheus: d/run.txt does not end in .prom, "
                                            "and node_exporter reads no other files");
    set_refused("run.prometheus=prom", "run.prometheus: prom does not end in .prom, "
                                       "and node_exporter reads no other files");
}
END_TEST

START_TEST(files_must_fit)
{
    refused("data: {train: {pairs: t}, valid: {pairs: v}}\n", NULL,
            "c.yaml: run.folder must be given");
    refused("run: {folder: r}\n", NULL,
            "c.yaml: data.train must be given: pairs, or source and target");
    refused("run: {folder: r}\ndata: {train: {pairs: t}}\n", NULL,
            "c.yaml: data.valid must be given (pairs, or source and target), "
            "or validation.every set to 0");
    refused(FILES "validation: {every: 5}\n", "data.valid.pairs=null",
            "c.yaml:3: data.valid must be given (pairs, or source and target), "
            "or validation.every set to 0");
    refused(FILES, "data.train.target=x",
            "c.yaml:2: data.train: pairs together with target; give pairs, or "
            "source and target");
    set_refused("data.test.source=x", "data.test.source is given without data.test.target");
    set_refused("data.test.target=x", "data.test.target is given without data.test.source");
    config c;
    load(&c, "run: {folder: r}\ndata: {train: {source: a, target: b}}\n", "validation.every=0");
    ck_assert_str_eq(c.data.train.target, "b");
    config_free(&c);
}
END_TEST

START_TEST(a_joint_vocabulary_is_one)
{
    static const char text[] = "run: {folder: r}\n"
                               "data:\n"
                               "  vocabulary: joint\n"
                               "  source: {vocabulary: words, size: 9, continuation: '@@'}\n"
                               "  train: {pairs: t}\n"
                               "validation: {every: 0}\n";
    config c;
    load(&c, text, NULL);
    ck_assert_int_eq(c.data.target.vocabulary, SYMBOL_WORDS);
    ck_assert_int_eq(c.data.target.size, 9);
    ck_assert_str_eq(c.data.target.continuation, "@@");
    ck_assert_ptr_ne(c.data.target.continuation, c.data.source.continuation);
    config_free(&c);
    load(&c, text, "data.target={vocabulary: words, size: 9}");
    config_free(&c);
    refused(
        text, "data.target.size=10",
        "--set data.target.size=10: data.target.size: 10 differs from data.source.size: 9; a "
        "joint vocabulary is described by data.source, remove the key");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tests = tcase_create("check");
    tcase_add_test(tests, keys_that_would_be_ignored);
    tcase_add_test(tests, decoding_keys_that_would_be_ignored);
    tcase_add_test(tests, keys_of_the_file_yield_to_overrides);
    tcase_add_test(tests, contradictions);
    tcase_add_test(tests, training_keys_that_would_be_ignored);
    tcase_add_test(tests, validation_keys_that_would_be_ignored);
    tcase_add_test(tests, what_does_not_go_with_a_parallel_decoder);
    tcase_add_test(tests, what_only_a_parallel_decoder_has);
    tcase_add_test(tests, a_parallel_decoder);
    tcase_add_test(tests, training_contradictions);
    tcase_add_test(tests, contradictions_in_what_the_decoder_is_fed);
    tcase_add_test(tests, files_must_fit);
    tcase_add_test(tests, a_joint_vocabulary_is_one);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
