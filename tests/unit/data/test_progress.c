/* test_progress.c - the lines that say how far a reading has come. */
#include "progress.h"

#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static char path[] = "/tmp/lockstep-progress-XXXXXX";

/* What is logged of a reading that began so many seconds ago. */
static void check_log(progress p, double seconds, int64_t done, double share,
                      const char *expected)
{
    char *text;
    size_t size;

    p.since -= seconds;
    p.said -= seconds;
    ck_assert_int_eq(file_save(path, "", 0), STATUS_OK);
    log_open();
    ck_assert_int_eq(log_copy_to(path), STATUS_OK);
    progress_show(&p, done, share);
    progress_show(&p, done + 1, share); /* too soon to be said */
    log_close();
    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    ck_assert_str_eq(text, expected);
    memory_destroy(text);
}

START_TEST(a_log_gets_a_line_now_and_then)
{
    progress pairs = progress_begin("train", "pair", -1);
    progress files = progress_begin("valid", "file", 4000);

    log_open();
    if (log_is_live()) /* by hand, on a terminal: that has the live line */
        return;
    close(mkstemp(path));
    check_log(pairs, 20, 1000, 0.25, "train: 1,000 pairs, 25%  50 pairs/s  1m 00s left\n");
    check_log(pairs, 20, 1000, -1.0, "train: 1,000 pairs  50 pairs/s\n");
    check_log(files, 20, 1000, -1.0, "valid: 1,000/4,000 files  50 files/s  1m 00s left\n");
    check_log(pairs, 5, 1000, 0.25, "");
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *group = tcase_create("progress");

    tcase_add_test(group, a_log_gets_a_line_now_and_then);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
