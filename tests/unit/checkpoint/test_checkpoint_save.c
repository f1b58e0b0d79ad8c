/* test_checkpoint_save.c - the bytes that are written, and files that cannot be. */
#include "unit_check.h"

#include <signal.h>
#include <sys/resource.h>

#include "sample.h"

START_TEST(test_same_content_same_bytes)
{
    char other[FILE_PATH_MAX];
    uint64_t one, two;

    assert_ok(file_join(other, s.folder, "other.h5"));
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_save(other, &s.content));
    assert_ok(store_hash_file(s.path, &one));
    assert_ok(store_hash_file(other, &two));
    ck_assert_uint_eq(one, two);
}
END_TEST

/* It alone: what is written here is not taken over. */
START_TEST(test_the_rest_of_another)
{
    checkpoint c, copy;
    char other[FILE_PATH_MAX];

    s.joint = 1;
    s.content.average = s.average;
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(checkpoint_open(&c, s.path));
    s.content.average = NULL;
    s.content.rule = NULL;
    s.content.progress.step = 41;
    s.content.progress.ranking.count = 0;
    s.content.add_rest = checkpoint_copy_rest;
    s.content.rest = &c;
    assert_ok(file_join(other, s.folder, "other.h5"));
    assert_ok(checkpoint_save(other, &s.content));
    assert_ok(checkpoint_open(&copy, other));
    assert_rest(copy.reader, 1);
    ck_assert_int_eq(copy.progress.step, 41);
    ck_assert(!store_has(copy.reader, "/average") && !store_has(copy.reader, "/optimizer"));
    checkpoint_close(&copy);
    checkpoint_close(&c);
}
END_TEST

static status add_nothing(const void *rest, store_writer *writer)
{
    (void)rest, (void)writer;
    return fail(STATUS_NOMEM, "no memory for the rest");
}

START_TEST(test_a_failing_rest)
{
    s.content.add_rest = add_nothing;
    ck_assert_int_eq(checkpoint_save(s.path, &s.content), STATUS_NOMEM);
    assert_message("no memory for the rest");
    ck_assert(!file_exists(s.path));
}
END_TEST

/* The old file stays. */
START_TEST(test_failed_save)
{
    checkpoint c;
    char command[256];
    uint64_t size;

    signal(SIGXFSZ, SIG_IGN);
    assert_ok(checkpoint_save(s.path, &s.content));
    assert_ok(file_size(s.path, &size));
    s.content.progress.step = 41;
    for (uint64_t limit = 0; limit < size; limit += size / 7) {
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, RLIM_INFINITY}), 0);
        ck_assert_int_eq(checkpoint_save(s.path, &s.content), STATUS_IO);
        ck_assert_int_eq(
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
        assert_message("one.h5: cannot write: File too large");
        assert_ok(checkpoint_open(&c, s.path));
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
}
END_TEST

START_TEST(test_every_allocation_may_fail)
{
    status result = STATUS_NOMEM;
    checkpoint c;

    for (size_t n = 1; n < 200 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = checkpoint_save(s.path, &s.content);
        memory_fail_after(0);
        ck_assert(file_exists(s.path) == (result == STATUS_OK));
    }
    assert_ok(result);
    result = STATUS_NOMEM;
    for (size_t n = 1; n < 200 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = checkpoint_open(&c, s.path);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    assert_ok(result);
    checkpoint_close(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint_save");
    TCase *tests = tcase_create("checkpoint_save");

    tcase_add_checked_fixture(tests, sample_setup, sample_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_same_content_same_bytes);
    tcase_add_test(tests, test_the_rest_of_another);
    tcase_add_test(tests, test_a_failing_rest);
    tcase_add_test(tests, test_failed_save);
    tcase_add_test(tests, test_unwritable_folder);
    tcase_add_test(tests, test_every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
