/* test_log.c - who prints what, and the copy in a file. */
#include "unit_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

static char copy[] = "/tmp/lockstep-log-XXXXXX";
static char screen[] = "/tmp/lockstep-screen-XXXXXX";

/* Standard error goes to a file. */
static void setup(void)
{
    int descriptor = mkstemp(screen);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_ge(dup2(descriptor, STDERR_FILENO), 0);
    close(descriptor);
    descriptor = mkstemp(copy);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
}

static void teardown(void)
{
    unlink(screen);
    unlink(copy);
}

static void assert_content(const char *path, const char *want)
{
    char *content;
    size_t size;

    ck_assert_int_eq(file_load(path, &content, &size), STATUS_OK);
    ck_assert_str_eq(content, want);
    memory_destroy(content);
}

START_TEST(test_silent_until_opened)
{
    ck_assert_int_eq(log_copy_to("/nowhere/log"), STATUS_OK);
    log_line("one");
    log_warning("two");
    log_progress("three");
    log_error("four %d", 4);
    assert_content(screen, "lockstep: error: four 4\n");
}
END_TEST

START_TEST(test_lines_and_copy)
{
    log_open();
    log_line("before");
    ck_assert_int_eq(log_copy_to(copy), STATUS_OK);
    log_line("step %d", 1);
    log_progress("live");
    log_warning("odd");
    log_error("bad");
    log_close();
    log_line("after");
    assert_content(screen, "before\nstep 1\nwarning: odd\nlockstep: error: bad\n");
    assert_content(copy, "step 1\nwarning: odd\nlockstep: error: bad\n");
}
END_TEST

/* Lines of several ranks come through one pipe: each must arrive whole. A socket of
 * packets keeps writes apart. */
START_TEST(test_a_line_is_one_write)
{
    enum { LONG = 4000 };
    int pair[2];
    char message[LONG + 1], packet[2 * LONG];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    ck_assert_int_ge(dup2(pair[1], STDERR_FILENO), 0);
    memset(message, 'x', LONG);
    message[LONG] = '\0';
    log_error("rank %d: %s", 3, message);
    ssize_t size = recv(pair[0], packet, sizeof(packet), MSG_DONTWAIT);
    ck_assert_int_eq(size, LONG + (ssize_t)strlen("lockstep: error: rank 3: \n"));
    ck_assert_int_eq(packet[size - 1], '\n');
    close(pair[0]);
    close(pair[1]);
}
END_TEST

START_TEST(test_copy_appends)
{
    for (int i = 0; i < 2; i++) {
        log_open();
        ck_assert_int_eq(log_copy_to(copy), STATUS_OK);
        log_line("run %d", i);
        log_close();
    }
    assert_content(copy, "run 0\nrun 1\n");
}
END_TEST

START_TEST(test_copy_fails)
{
    log_open();
    ck_assert_int_eq(log_copy_to("/nowhere/log"), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_message(), "/nowhere/log"));
    log_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_silent_until_opened);
    tcase_add_test(tests, test_lines_and_copy);
    tcase_add_test(tests, test_a_line_is_one_write);
    tcase_add_test(tests, test_copy_appends);
    tcase_add_test(tests, test_copy_fails);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
