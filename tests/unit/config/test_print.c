/* test_print.c - printing that reads back, the reference, resuming. */
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "lockstep/config/config.h"
#include "option.h"
#include "unit_check.h"

#define FILES                                                                                  \
    "run: {folder: r}\n"                                                                       \
    "data: {train: {pairs: t}, valid: {pairs: v}}\n"

static config load(const char *text, const char *override)
{
    config c;
    ck_assert_msg(config_load_text(&c, "c.yaml", text, &override, override ? 1 : 0) ==
                      STATUS_OK,
                  "%s", error_message());
    return c;
}

static char *print(const config *c)
{
    char *text;
    ck_assert_int_eq(config_print(c, &text), STATUS_OK);
    return text;
}

/* Fields without strings may be compared as bytes: the table covers all. */
static void same_values(const config *a, const config *b)
{
    int count;
    const option *table = option_table(&count);
    for (int i = 0; i < count; ++i) {
        const char *x = (const char *)a + table[i].offset;
        const char *y = (const char *)b + table[i].offset;
        if (table[i].type != OPTION_TEXT && table[i].type != OPTION_PATH &&
            table[i].type != OPTION_LIST && table[i].type != OPTION_PATHS) {
            ck_assert_msg(memcmp(x, y, table[i].size) == 0, "%s", table[i].path);
            continue;
        }
        const char *s, *t;
        memcpy(&s, x, sizeof s);
        memcpy(&t, y, sizeof t);
        ck_assert_msg((!s && !t) || (s && t && strcmp(s, t) == 0), "%s", table[i].path);
    }
}

static void reads_back(const char *text, const char *override)
{
    config c = load(text, override);
    char *first = print(&c);
    config again = load(first, NULL);
    char *second = print(&again);
    same_values(&c, &again);
    ck_assert_str_eq(first, second);
    memory_destroy(first);
    memory_destroy(second);
    config_free(&c);
    config_free(&again);
}

START_TEST(what_is_printed_reads_back)
{
    reads_back(FILES, NULL);
    reads_back(FILES, "training.schedule={name: constant, peak: 3.3e-7}");
    reads_back(FILES, "run.folder=\"a: b # \\\\ \\\" \\t \xC3\xA9\"");
    reads_back(FILES, "data={vocabulary: joint, source: {vocabulary: words, "
                      "continuation: '@@', size: 7}}");
    reads_back(FILES, "data.source={vocabulary: sentencepiece, size: 800, "
                      "algorithm: unigram}");
    reads_back(FILES, "data.source={vocabulary: sentencepiece, model: m}");
    reads_back(FILES, "data.dataset=[a.h5, 'b, c', d]");
    reads_back(FILES, "validation.every=0");
    reads_back(FILES, "checkpoint.every=90s");
    reads_back(FILES, "checkpoint={every: 2h}");
    reads_back(FILES, "training.clip_norm=0.30000000000000004");
    reads_back(FILES, "run.seed=9007199254740991");
}
END_TEST

START_TEST(common_numbers_have_no_exponent)
{
    config c = load(FILES, "training={steps: 10, clip_norm: 170}");
    char *text = print(&c);

    ck_assert_ptr_nonnull(strstr(text, "  clip_norm: 170.0\n"));
    memory_destroy(text);
    config_free(&c);
}
END_TEST

START_TEST(keys_that_do_not_apply_are_left_out)
{
    config c = load(FILES, "training.schedule.name=constant");
    char *text = print(&c);
    ck_assert_ptr_null(strstr(text, "warmup"));
    ck_assert_ptr_null(strstr(text, "algorithm"));
    ck_assert_ptr_null(strstr(text, "initialize_from"));
    ck_assert_ptr_nonnull(strstr(text, "run:\n"
                                       "  folder: r\n"
                                       "  seed: 1\n"
                                       "  threads: 1\n  products: auto\n"
                                       "  tensorboard: false\n"
                                       "data:\n"
                                       "  source:\n"
                                       "    kind: text\n"));
    ck_assert_ptr_nonnull(strstr(text, "  optimizer:\n"
                                       "    name: adam\n"
                                       "    beta1: 0.9\n"
                                       "    beta2: 0.98\n"
                                       "    epsilon: 1.0e-09\n"
                                       "  schedule:\n"
                                       "    name: constant\n"
                                       "    peak: 0.001\n"
                                       "  clip_norm: 1.0\n"));
    memory_destroy(text);
    config_free(&c);
    c = load(FILES, "data={vocabulary: joint}");
    text = print(&c);
    ck_assert_ptr_nonnull(strstr(text, "  target:\n    kind: text\n  voc"));
    memory_destroy(text);
    config_free(&c);
}
END_TEST

START_TEST(the_reference_has_every_key)
{
    char *text;
    int count;
    const option *table = option_table(&count);
    ck_assert_int_eq(config_reference(&text), STATUS_OK);
    for (int i = 0; i < count; ++i) {
        const char *at = strstr(text, table[i].path);
        ck_assert_msg(at && strstr(at, table[i].help), "%s", table[i].path);
    }
    ck_assert_ptr_nonnull(strstr(text, "a class of a classifier on the encoder: there is no "
                                       "decoder.\n\n"
                                       "- value: generate | label | tag\n"
                                       "- default: generate\n"
                                       "- fixed: a resumed run keeps it\n"));
    ck_assert_ptr_nonnull(
        strstr(text, "- value: an integer of at least 0 and at most 9007199254740992\n"
                     "- default: 2000\n"
                     "- applies when: training.schedule.name is not "
                     "constant\n"
                     "- fixed: a resumed run keeps it\n"));
    memory_destroy(text);
}
END_TEST

static void resumes(const char *override, const char *refusal)
{
    config run = load(FILES, NULL), asked = load(FILES, override);
    status result = config_check_resume(&run, &asked);
    if (refusal) {
        ck_assert_int_eq(result, STATUS_CONFIG);
        ck_assert_str_eq(error_message(), refusal);
    } else {
        ck_assert_msg(result == STATUS_OK, "%s", error_message());
    }
    config_free(&run);
    config_free(&asked);
}

START_TEST(a_resumed_run_keeps_what_is_fixed)
{
    resumes(NULL, NULL);
    resumes("training.steps=5", NULL);
    resumes("checkpoint.keep=1", NULL);
    resumes("checkpoint.every=1", NULL);
    resumes("checkpoint.every=10min", NULL);
    resumes("training.report_every=1", NULL);
    resumes("distributed.stall_seconds=1", NULL);
    resumes("decode={max_length: 10, min_length: 2, unknown: false, batch: 8}", NULL);
    resumes("run={threads: 2, tensorboard: true, prometheus: a.prom}", NULL);
    resumes("run.folder=elsewhere", NULL);
    resumes("validation={every: 7, patience: 1}", NULL);
    resumes("validation.every=0", NULL);
    resumes("data.train.pairs=moved", NULL);
    resumes("data.dataset=d.h5", NULL);
    resumes("model.width=64", "model.width: the run in r has 128, asked for is 64; it cannot "
                              "change on resume: put it back, or choose another run.folder");
    resumes("training.schedule.name=constant",
            "training.schedule.name: the run in r has inverse_sqrt, asked for "
            "is constant; it cannot change on resume: put it back, or choose "
            "another run.folder");
    resumes("training.initialize_from=x.h5",
            "training.initialize_from: the run in r has null, asked for is "
            "x.h5; it cannot change on resume: put it back, or choose another "
            "run.folder");
}
END_TEST

static status note(void *text, const char *key, const char *before, const char *now)
{
    return strcmp(key, "model.width") == 0
               ? fail(STATUS_INPUT, "enough")
               : buffer_add_text(text, "%s: %s %s;", key, before, now);
}

static void changes(const char *override, const char *want)
{
    config run = load(FILES, NULL), asked = load(FILES, override);
    buffer text = {0};
    ck_assert_int_eq(config_list_changes(&run, &asked, note, &text), STATUS_OK);
    ck_assert_str_eq(text.size > 0 ? text.data : "", want);
    buffer_free(&text);
    config_free(&run);
    config_free(&asked);
}

START_TEST(what_has_changed)
{
    changes(NULL, "");
    changes("run={threads: 2, prometheus: a.prom}",
            "run.threads: 1 2;run.prometheus: null a.prom;");
    changes("decode={search: beam, beam: 7}", "decode.search: greedy beam;");
    config run = load(FILES, NULL), asked = load(FILES, "model.width=64");
    buffer text = {0};
    ck_assert_int_eq(config_list_changes(&run, &asked, note, &text), STATUS_INPUT);
    buffer_free(&text);
    config_free(&run);
    config_free(&asked);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("print");
    TCase *tests = tcase_create("print");
    tcase_add_test(tests, what_is_printed_reads_back);
    tcase_add_test(tests, common_numbers_have_no_exponent);
    tcase_add_test(tests, common_numbers_have_no_exponent);
    tcase_add_test(tests, keys_that_do_not_apply_are_left_out);
    tcase_add_test(tests, the_reference_has_every_key);
    tcase_add_test(tests, what_has_changed);
    tcase_add_test(tests, a_resumed_run_keeps_what_is_fixed);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
