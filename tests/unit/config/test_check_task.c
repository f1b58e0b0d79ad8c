/* test_check_task.c - which keys go with labels and tags. */
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/config/config.h"
#include "unit_check.h"

#define FILES                                                                                  \
    "run: {folder: r}\n"                                                                       \
    "data: {train: {pairs: t}, valid: {pairs: v}}\n"

static void task_refused(const char *task, const char *more, const char *message)
{
    config c;
    char text[1024], whole[512];

    snprintf(text, sizeof text, FILES "model: {task: %s}\n", task);
    const char *overrides[] = {more};
    snprintf(whole, sizeof whole, "--set %s: %s", more, message);
    ck_assert_int_eq(config_load_text(&c, "c.yaml", text, overrides, 1), STATUS_CONFIG);
    ck_assert_msg(strncmp(error_message(), whole, strlen(whole)) == 0, "%s", error_message());
}

/* Neither a decoder nor a search, whatever may be said of them. */
START_TEST(what_labels_and_tags_have_no_use_for)
{
    static const char *const tasks[] = {"label", "tag"};
    static const char *const keys[][2] = {
        {"model.decoder", "autoregressive"},
        {"model.decoder", "parallel"},
        {"model.decoder_input", "mask"},
        {"model.length.kind", "fixed"},
        {"model.decoder_layers", "2"},
        {"model.decoder_norm", "batch"},
        {"model.tie", "none"},
        {"training.length_loss", "1"},
        {"training.scheduled_sampling.schedule", "linear"},
        {"training.teacher_noise.drop", "0.1"},
        {"validation.free_running", "true"},
        {"decode.search", "beam"},
        {"decode.beam", "3"},
        {"decode.iterations", "3"},
        {"decode.lengths", "3"},
        {"decode.min_length", "3"},
        {"decode.max_length", "30"},
        {"decode.max_ratio", "2"},
        {"decode.unknown", "false"},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char set[128], message[256];

        snprintf(set, sizeof set, "%s=%s", keys[i][0], keys[i][1]);
        snprintf(message, sizeof message, "%s would be ignored: it applies only when ",
                 keys[i][0]);
        task_refused(tasks[_i], set, message);
    }
}
END_TEST

START_TEST(what_only_labels_have)
{
    const char *const pools[] = {"model.task=label", "model.pool=begin"};
    config c;

    task_refused("tag", "model.pool=begin",
                 "model.pool would be ignored: it applies only when model.task is label; "
                 "remove it");
    task_refused("generate", "model.pool=mean", "model.pool would be ignored: ");
    ck_assert_int_eq(config_load_text(&c, "c.yaml", FILES, pools, 2), STATUS_OK);
    ck_assert_int_eq(c.model.pool, POOL_BEGIN);
    config_free(&c);
}
END_TEST

START_TEST(what_only_tags_have)
{
    const char *const schemes[] = {"model.task=tag", "decode.tags=iob2"};
    config c;

    task_refused("label", "decode.tags=iob2",
                 "decode.tags would be ignored: it applies only when model.task is tag; "
                 "remove it");
    task_refused("generate", "decode.tags=bioes", "decode.tags would be ignored: ");
    ck_assert_int_eq(config_load_text(&c, "c.yaml", FILES, schemes, 2), STATUS_OK);
    ck_assert_int_eq(c.decode.tags, TAGS_IOB2);
    config_free(&c);
}
END_TEST

/* Its configuration, printed, has none of those keys, and is read back. Positions that are
 * learned end with data.max_length, and no decode.max_length says otherwise. */
START_TEST(a_model_of_labels)
{
    static const char *const absent[] = {"decoder",       "tie:",   "scheduled_sampling",
                                         "teacher_noise", "search", "unknown:",
                                         "max_ratio",     "beam",   "free_running"};
    const char *const label[] = {"model.task=label", "model.positions=learned",
                                 "data.max_length=40"};
    config c, again;
    char *text;

    ck_assert_int_eq(config_load_text(&c, "c.yaml", FILES, label, 3), STATUS_OK);
    ck_assert(!c.validation.free_running);
    ck_assert_int_eq(config_print(&c, &text), STATUS_OK);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert_msg(strstr(text, absent[i]) == NULL, "%s", absent[i]);
    ck_assert_ptr_nonnull(strstr(text, "pool: mean"));
    ck_assert_ptr_nonnull(strstr(strstr(text, "decode:"), "batch: 32"));
    ck_assert_int_eq(config_load_text(&again, "again", text, NULL, 0), STATUS_OK);
    ck_assert_int_eq(config_check_resume(&c, &again), STATUS_OK);
    memory_destroy(text);
    config_free(&c);
    config_free(&again);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config/check_task");
    TCase *tests = tcase_create("check_task");

    tcase_add_loop_test(tests, what_labels_and_tags_have_no_use_for, 0, 2);
    tcase_add_test(tests, what_only_labels_have);
    tcase_add_test(tests, what_only_tags_have);
    tcase_add_test(tests, a_model_of_labels);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
