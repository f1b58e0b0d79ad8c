/* test_recording.c - recordings written and read back. */
#include "lockstep/scaling/recording.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "scratch_file.h"
#include "unit_check.h"

static recorded_tensor tensors[] = {
    {"table.weight", 10, 4, 2, 3, {0.5, 0.25, 1.0}},
    {"norm.bias", 1, 4, 1, 1, {1.0}},
};

static recorded_event events[] = {
    {RECORDED_NEED, 1, 0, 0.25, 12.5},
    {RECORDED_READY_USE, 0, 2, 0.5, 0.0},
    {RECORDED_READY, 0, 0, 1.5, 3.0},
    {RECORDED_END, 0, 0, 0.125, 0.0},
};

static const recording made = {.ranks = 2,
                               .threads = 3,
                               .grains = 4,
                               .half = true,
                               .steps = 5,
                               .tokens = 1000.5,
                               .rest = 0.0625,
                               .norm = 0.03125,
                               .update = 0.015625,
                               .deviation = 0.01,
                               .tensors = tensors,
                               .tensor_count = 2,
                               .events = events,
                               .event_count = 4};

static void free_list(recording *list, int count)
{
    for (int i = 0; i < count; i++)
        recording_free(&list[i]);
    memory_destroy(list);
}

static void check_same(const recording *r)
{
    ck_assert_int_eq(r->ranks, made.ranks);
    ck_assert_int_eq(r->threads, made.threads);
    ck_assert_int_eq(r->grains, made.grains);
    ck_assert(r->half);
    ck_assert_double_eq(r->tokens, made.tokens);
    ck_assert_double_eq(r->rest + r->norm + r->update, made.rest + made.norm + made.update);
    ck_assert_double_eq(r->deviation, made.deviation);
    ck_assert_int_eq(r->tensor_count, made.tensor_count);
    ck_assert_int_eq(r->event_count, made.event_count);
    for (int i = 0; i < r->tensor_count; i++) {
        ck_assert_str_eq(r->tensors[i].name, tensors[i].name);
        ck_assert_int_eq(r->tensors[i].rows, tensors[i].rows);
        ck_assert_int_eq(r->tensors[i].uses, tensors[i].uses);
        ck_assert_mem_eq(r->tensors[i].filled, tensors[i].filled, sizeof(tensors[i].filled));
    }
    ck_assert_mem_eq(r->events, events, sizeof(events));
}

START_TEST(test_round_trip)
{
    recording *list;
    int count;

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(recording_add(&made, scratch_path), STATUS_OK);
    ck_assert_int_eq(recording_load(&list, &count, scratch_path), STATUS_OK);
    ck_assert_int_eq(count, 2);
    for (int i = 0; i < count; i++)
        check_same(&list[i]);
    free_list(list, count);
}
END_TEST

START_TEST(test_registers)
{
    parameters p;

    parameters_init(&p);
    ck_assert_int_eq(recording_register(&made, &p), STATUS_OK);
    ck_assert_int_eq(p.count, 2);
    ck_assert_int_eq(p.list[0].uses, 3);
    ck_assert_int_eq(p.list[1].dimensions, 1);
    ck_assert_int_eq(recording_register(&made, &p), STATUS_INPUT); /* is there already */
    parameters_free(&p);
}
END_TEST

/* The file, with one text of it replaced. */
static void write_changed(const char *from, const char *to)
{
    char *text, changed[4096];
    size_t size;

    ck_assert_int_eq(recording_add(&made, scratch_path), STATUS_OK);
    ck_assert_int_eq(file_load(scratch_path, &text, &size), STATUS_OK);
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s is not in %s", from, text);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to,
             at + strlen(from));
    ck_assert_int_eq(file_save(scratch_path, changed, strlen(changed)), STATUS_OK);
    memory_destroy(text);
}

static const struct {
    const char *from, *to, *says;
} wrong[] = {
    {"\"ranks\": 2", "\"ranks\": 0", "recording 1: ranks is not a whole number from 1 to"},
    {"\"grains\": 4", "\"grains\": 1.5", "grains is not a whole number"},
    {"\"half\": true", "\"half\": 1", "half is not true or false"},
    {"\"tokens\"", "\"token\"", "tokens is not a number from 0 on"},
    {"\"rest\": 0.0625", "\"rest\": -1", "rest is not a number from 0 on"},
    {"\"deviation\": 0.01", "\"deviation\": null", "deviation is not a number"},
    {"\"cols\": 4", "\"cols\": 0", "tensors/0/cols is not a whole number"},
    {"[0.5, ", "[1.5, ", "tensors/0/filled/0 is above 1"},
    {"\"filled\": [1]", "\"filled\": []", "tensors/1/filled is not there"},
    {"\"what\": \"ready\"", "\"what\": \"done\"", "events/2/what is not need"},
    {"\"use\": 2", "\"use\": 3", "events/1/use is not a whole number from 0 to 2"},
    {"\"tensor\": 1", "\"tensor\": 2", "events/0/tensor is not a whole number from 0 to 1"},
    {"\"events\"", "\"happened\"", "it has no tensors, or no events"},
    {"{\"ranks\"", "\"ranks\"", "no recording stands in it"},
};

START_TEST(test_wrong)
{
    recording *list;
    int count;

    write_changed(wrong[_i].from, wrong[_i].to);
    ck_assert_int_eq(recording_load(&list, &count, scratch_path), STATUS_INPUT);
    ck_assert_msg(strstr(error_message(), wrong[_i].says) != NULL, "%s", error_message());
}
END_TEST

START_TEST(test_no_file)
{
    recording *list;
    int count;

    unlink(scratch_path);
    ck_assert_int_eq(recording_load(&list, &count, scratch_path), STATUS_INPUT);
    ck_assert_int_eq(recording_add(&made, "/no/such/folder/file"), STATUS_IO);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recording");
    TCase *tests = tcase_create("recording");

    tcase_add_checked_fixture(tests, scratch_file_setup, scratch_file_teardown);
    tcase_add_test(tests, test_round_trip);
    tcase_add_test(tests, test_registers);
    tcase_add_loop_test(tests, test_wrong, 0, sizeof(wrong) / sizeof(*wrong));
    tcase_add_test(tests, test_no_file);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
