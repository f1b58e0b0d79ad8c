/* test_event_file.c - records of event files; what they say is read by
 * tests/system/test_looking.py. */
#include "event_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static char folder[] = "/tmp/lockstep-events-XXXXXX";

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static uint64_t get(const unsigned char *bytes, int count)
{
    uint64_t value = 0;

    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

static uint32_t unmasked(const unsigned char *at)
{
    uint32_t sum = (uint32_t)get(at, 4) - 0xa282ead8;

    return sum << 15 | sum >> 17;
}

/* Whole records with the right sums, and nothing else. */
static int count_records(const char *path)
{
    char *text;
    size_t size;
    int count = 0;

    ck_assert_int_eq(file_load(path, &text, &size), STATUS_OK);
    for (size_t at = 0; at < size; count++) {
        const unsigned char *record = (const unsigned char *)text + at;
        ck_assert_uint_ge(size - at, 16);
        size_t length = get(record, 8);

        ck_assert_uint_ge(size - at - 16, length);
        ck_assert_uint_eq(unmasked(record + 8), crc32c(record, 8));
        ck_assert_uint_eq(unmasked(record + 12 + length), crc32c(record + 12, length));
        at += 16 + length;
    }
    memory_destroy(text);
    return count;
}

START_TEST(test_records)
{
    figures f = {.step = 7};
    event_file e;

    figures_add(&f, "loss", NAN, 9);
    for (int i = 1; i < FIGURES_MAX; i++)
        figures_add(&f, "a_name_that_is_as_long_as_one_may_be_now", 1e300, 9);
    event_file_open(&e, folder, 6);
    ck_assert_ptr_nonnull(e.file);
    ck_assert_int_eq(count_records(e.path), 2); /* version and start, flushed */
    event_file_add(&e, &f);
    ck_assert_int_eq(count_records(e.path), 3);
    event_file_add(&e, &(figures){.step = 8, .is_validation = true});
    ck_assert_int_eq(count_records(e.path), 4);
    event_file_close(&e);
    event_file_add(&e, &f); /* closed: nothing */
    ck_assert_int_eq(count_records(e.path), 4);
}
END_TEST

START_TEST(test_names_rise)
{
    event_file first, second;

    event_file_open(&first, folder, 0);
    event_file_open(&second, folder, 0);
    ck_assert_int_lt(strcmp(first.path, second.path), 0);
    event_file_close(&first);
    event_file_close(&second);
}
END_TEST

START_TEST(test_what_cannot_be_written)
{
    char path[FILE_PATH_MAX];
    event_file e;

    event_file_open(&e, folder, 0);
    fclose(e.file);
    e.file = fopen("/dev/full", "wb");
    event_file_add(&e, &(figures){.step = 1});
    ck_assert_ptr_null(e.file);
    event_file_close(&e);
    ck_assert_int_eq(file_join(path, folder, "file"), STATUS_OK);
    ck_assert_int_eq(file_save(path, "", 0), STATUS_OK);
    event_file_open(&e, path, 0);
    ck_assert_ptr_null(e.file);
    event_file_add(&e, &(figures){.step = 1});
    event_file_close(&e);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event_file");
    TCase *tests = tcase_create("event_file");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_records);
    tcase_add_test(tests, test_names_rise);
    tcase_add_test(tests, test_what_cannot_be_written);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
