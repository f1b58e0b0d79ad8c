/* test_trace.c - spans, nesting, the ring, the file. */
#include "unit_check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"

static char path[] = "/tmp/lockstep-trace-XXXXXX";

static void setup(void)
{
    int descriptor = mkstemp(path);

    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
}

static void teardown(void)
{
    unlink(path);
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0, size = strlen(word);

    for (; *text != '\0'; text++)
        n += *text == *word && strncmp(text, word, size) == 0;
    return n;
}

START_TEST(test_closed_does_nothing)
{
    size_t before = memory_allocations();

    trace_begin(TRACE_LOAD);
    trace_end();
    trace_end();
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_uint_eq(memory_allocations(), before);
}
END_TEST

START_TEST(test_spans)
{
    char *text;
    size_t size;
    double outer_ts, outer_dur, inner_ts, inner_dur;

    ck_assert_int_eq(trace_open(path, 3), STATUS_OK);
    size_t before = memory_allocations();
    trace_begin(TRACE_LEARNING);
    trace_begin(TRACE_ATTENTION);
    trace_end();
    trace_end();
    ck_assert_uint_eq(memory_allocations(), before);
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    const char *inner = strstr(text, "{\"name\": \"attention\"");
    const char *outer = strstr(text, "{\"name\": \"forward and backward\"");
    ck_assert_ptr_nonnull(inner);
    ck_assert_ptr_nonnull(outer);
    ck_assert_int_eq(
        sscanf(strstr(inner, "\"ts\""), "\"ts\": %lf, \"dur\": %lf", &inner_ts, &inner_dur), 2);
    ck_assert_int_eq(
        sscanf(strstr(outer, "\"ts\""), "\"ts\": %lf, \"dur\": %lf", &outer_ts, &outer_dur), 2);
    ck_assert(inner_ts >= outer_ts);
    ck_assert(inner_ts + inner_dur <= outer_ts + outer_dur + 0.01);
    ck_assert_uint_eq(count(text, "\"pid\": 3"), 3);
    ck_assert_str_eq(text + size - 4, "\n]}\n");
    memory_destroy(text);
}
END_TEST

static const char *const names[] = {"load",
                                    "sampling",
                                    "forward and backward",
                                    "embedding",
                                    "attention",
                                    "feed-forward",
                                    "output",
                                    "sum gradients",
                                    "norm",
                                    "update",
                                    "gather parameters",
                                    "swap parameters",
                                    "compare parameters",
                                    "save"};

START_TEST(test_names)
{
    char *text;
    size_t size;

    ck_assert_int_eq(trace_open(path, 0), STATUS_OK);
    for (int name = 0; name < TRACE_NAMES; name++) {
        trace_begin((trace_name)name);
        trace_end();
    }
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    ck_assert_uint_eq(TRACE_NAMES, sizeof(names) / sizeof(*names));
    const char *at = text;
    for (int name = 0; name < TRACE_NAMES; name++) { /* in the order of their ends */
        char line[64];

        snprintf(line, sizeof(line), "\n{\"name\": \"%s\", \"ph\": \"X\"", names[name]);
        at = strstr(at, line);
        ck_assert_msg(at != NULL, "%s", line);
    }
    memory_destroy(text);
}
END_TEST

START_TEST(test_ring_keeps_the_newest)
{
    char *text;
    size_t size;

    ck_assert_int_eq(trace_open(path, 0), STATUS_OK);
    trace_begin(TRACE_LOAD);
    trace_end();
    for (int i = 0; i < TRACE_SPANS; i++) {
        trace_begin(TRACE_NORM);
        trace_end();
    }
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    ck_assert_uint_eq(count(text, "\"load\""), 0);
    ck_assert_uint_eq(count(text, "\"norm\""), TRACE_SPANS);
    memory_destroy(text);
}
END_TEST

static void spend(double seconds)
{
    double end = clock_seconds() + seconds;

    while (clock_seconds() < end)
        continue;
}

START_TEST(test_sums)
{
    ck_assert_int_eq(trace_open(NULL, 0), STATUS_OK);
    size_t before = memory_allocations();
    trace_begin(TRACE_LEARNING);
    for (int i = 0; i < 2; i++) {
        trace_begin(TRACE_ATTENTION);
        spend(0.01);
        trace_end();
    }
    spend(0.01);
    trace_end();
    ck_assert_uint_eq(memory_allocations(), before);
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_double_ge(trace_seconds(TRACE_ATTENTION), 0.02);
    ck_assert_double_ge(trace_seconds(TRACE_LEARNING), trace_seconds(TRACE_ATTENTION) + 0.01);
    ck_assert_double_eq(trace_seconds(TRACE_SAVE), 0.0);
    ck_assert_double_eq(trace_seconds_within(TRACE_LEARNING, TRACE_ATTENTION),
                        trace_seconds(TRACE_ATTENTION));
    ck_assert_double_eq(trace_seconds_within(TRACE_LEARNING, TRACE_LEARNING),
                        trace_seconds(TRACE_LEARNING));
    ck_assert_double_eq(trace_seconds_within(TRACE_ATTENTION, TRACE_ATTENTION), 0.0);
    ck_assert_int_eq(trace_open(path, 0), STATUS_OK);
    ck_assert_double_eq(trace_seconds(TRACE_ATTENTION), 0.0);
    trace_begin(TRACE_ATTENTION);
    trace_end();
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_double_gt(trace_seconds(TRACE_ATTENTION), 0.0);
}
END_TEST

static double reading;

static double read_gauge(void)
{
    return reading;
}

START_TEST(test_what_a_gauge_says)
{
    trace_gauge(read_gauge);
    reading = 7.0;
    ck_assert_int_eq(trace_open(NULL, 0), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        trace_begin(TRACE_LEARNING);
        reading += 1.0;
        trace_begin(TRACE_ATTENTION);
        reading += 0.25;
        trace_end();
        trace_end();
        reading += 16.0;
    }
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_double_eq(trace_gauged_within(TRACE_LEARNING, TRACE_ATTENTION), 0.5);
    ck_assert_double_eq(trace_gauged_within(TRACE_LEARNING, TRACE_LEARNING), 2.5);
    ck_assert_double_eq(trace_gauged_within(TRACE_ATTENTION, TRACE_ATTENTION), 0.0);
    trace_gauge(NULL);
    ck_assert_int_eq(trace_open(NULL, 0), STATUS_OK);
    trace_begin(TRACE_LEARNING);
    trace_end();
    ck_assert_int_eq(trace_close(), STATUS_OK);
    ck_assert_double_eq(trace_gauged_within(TRACE_LEARNING, TRACE_LEARNING), 0.0);
}
END_TEST

START_TEST(test_sums_within_outermost_spans)
{
    ck_assert_int_eq(trace_open(NULL, 0), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        trace_begin(i == 0 ? TRACE_LEARNING : TRACE_SAMPLING);
        trace_begin(TRACE_OUTPUT);
        trace_begin(TRACE_ATTENTION);
        spend(i == 0 ? 0.01 : 0.02);
        trace_end();
        trace_end();
        trace_end();
    }
    ck_assert_int_eq(trace_close(), STATUS_OK);
    double one = trace_seconds_within(TRACE_LEARNING, TRACE_ATTENTION);
    double other = trace_seconds_within(TRACE_SAMPLING, TRACE_ATTENTION);
    ck_assert_double_ge(one, 0.01);
    ck_assert_double_ge(other, 0.02);
    ck_assert_double_eq(trace_seconds(TRACE_ATTENTION), one + other);
    ck_assert_double_eq(trace_seconds_within(TRACE_OUTPUT, TRACE_ATTENTION), 0.0);
}
END_TEST

START_TEST(test_unbalanced_aborts)
{
    teardown(); /* nothing comes after the end */
    if (trace_open(NULL, 0) == STATUS_OK)
        trace_end();
}
END_TEST

START_TEST(test_failures)
{
    memory_fail_after(2);
    ck_assert_int_eq(trace_open(path, 0), STATUS_NOMEM);
    memory_fail_after(0);
    ck_assert_int_eq(trace_open("/nowhere/trace.json", 0), STATUS_OK);
    ck_assert_int_eq(trace_close(), STATUS_IO);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *tests = tcase_create("trace");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_closed_does_nothing);
    tcase_add_test(tests, test_spans);
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_ring_keeps_the_newest);
    tcase_add_test(tests, test_sums);
    tcase_add_test(tests, test_what_a_gauge_says);
    tcase_add_test(tests, test_sums_within_outermost_spans);
    tcase_add_test_raise_signal(tests, test_unbalanced_aborts, SIGABRT);
    tcase_add_test(tests, test_failures);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
