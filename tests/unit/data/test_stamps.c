/* test_stamps.c - a large file is not read again until it is touched. */
#define _DEFAULT_SOURCE /* usleep */
#include "stamps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "unit_check.h"

static char folder[64];
static char data[96], other[96], file[96], stamps[96];

static void open_folder(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lockstep-stamps-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(data, sizeof(data), "%s/dataset.h5", folder);
    snprintf(other, sizeof(other), "%s/other.tsv", folder);
    snprintf(file, sizeof(file), "%s/train.tsv", folder);
    snprintf(stamps, sizeof(stamps), "%s/dataset.h5.stamps", folder);
}

static void close_folder(void)
{
    unlink(file);
    unlink(other);
    unlink(stamps);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void make(const char *path, size_t size)
{
    char *bytes = memory_create(size, 1);

    ck_assert_int_eq(file_save(path, bytes, size), STATUS_OK);
    memory_destroy(bytes);
}

static uint64_t hash(const char *path)
{
    uint64_t out;

    ck_assert_int_eq(stamps_hash_file(data, path, &out), STATUS_OK);
    return out;
}

static uint64_t read_hash(const char *path)
{
    uint64_t out;

    ck_assert_int_eq(store_hash_file(path, &out), STATUS_OK);
    return out;
}

/* Until its last change is long enough ago; it is read meanwhile. */
static void wait_for_stamp(const char *path)
{
    char *text = NULL;
    size_t size;

    do {
        memory_destroy(text);
        text = NULL;
        ck_assert(hash(path) == read_hash(path));
        usleep(100000);
    } while (!file_exists(stamps) || file_load(stamps, &text, &size) != STATUS_OK ||
             strstr(text, path) == NULL);
    memory_destroy(text);
}

/* Another hash in the stamp of this file. */
static void forge(const char *path)
{
    char *text;
    size_t size;

    ck_assert_int_eq(file_load(stamps, &text, &size), STATUS_OK);
    char *at = strstr(text, path);
    ck_assert_ptr_nonnull(at);
    while (at[-1] != '\n')
        at--;
    memcpy(at, "00000000000000aa", 16);
    ck_assert_int_eq(file_save(stamps, text, size), STATUS_OK);
    memory_destroy(text);
}

static void change_a_byte(const char *path)
{
    FILE *opened = fopen(path, "r+b");

    ck_assert_ptr_nonnull(opened);
    fputc('x', opened);
    fclose(opened);
}

START_TEST(believes_what_nothing_has_touched)
{
    make(file, STAMPS_LEAST);
    ck_assert(hash(file) == read_hash(file));
    ck_assert(!file_exists(stamps)); /* it may be touched again within a tick */
    wait_for_stamp(file);
    forge(file);
    ck_assert(hash(file) == 0xaa);
    change_a_byte(file);
    ck_assert(hash(file) == read_hash(file));
    make(other, STAMPS_LEAST + 1);
    wait_for_stamp(other);
    wait_for_stamp(file);
    forge(other);
    forge(file);
    ck_assert(hash(other) == 0xaa);
    ck_assert(hash(file) == 0xaa);
    make(file, STAMPS_LEAST); /* another file of the same size */
    ck_assert(hash(file) == read_hash(file));
}
END_TEST

START_TEST(reads_what_is_small_or_not_there)
{
    uint64_t out;

    make(file, STAMPS_LEAST - 1);
    for (int i = 0; i < 2; i++)
        ck_assert(hash(file) == read_hash(file));
    ck_assert_int_eq(stamps_hash_file(data, other, &out), STATUS_INPUT);
    ck_assert(!file_exists(stamps));
}
END_TEST

START_TEST(passes_over_stamps_that_are_none)
{
    static const char *const texts[] = {"", "lockstep", "\n\n\n", "xxxxxxxxxxxxxxxx"};

    make(file, STAMPS_LEAST);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(file_save(stamps, texts[i], strlen(texts[i])), STATUS_OK);
        ck_assert(hash(file) == read_hash(file));
    }
    wait_for_stamp(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/stamps");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_folder, close_folder);
    tcase_add_test(tests, believes_what_nothing_has_touched);
    tcase_add_test(tests, reads_what_is_small_or_not_there);
    tcase_add_test(tests, passes_over_stamps_that_are_none);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
