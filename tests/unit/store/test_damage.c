/* test_damage.c - bad files, full disks and missing memory end in one message. */
#include "unit_check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/store/store.h"

enum { VALUES = 5000 };

static char folder[] = "/tmp/lockstep-damage-XXXXXX";
static char path[FILE_PATH_MAX];
static float values[VALUES];
static const store_shape shape = {STORE_FLOAT, 1, {VALUES}};

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(file_join(path, folder, "test.h5"), STATUS_OK);
    for (int i = 0; i < VALUES; i++)
        values[i] = (float)i;
}

static void teardown(void)
{
    char command[FILE_PATH_MAX];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static status fill(store_writer *w)
{
    const char *const words[2] = {"one", "two"};
    char name[32];

    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "/g%d/values", i);
        TRY(store_add(w, name, shape, values));
    }
    TRY(store_add_strings(w, "/words", words, 2));
    return store_add_text(w, "text", "some text");
}

static status write_sample(const char *to)
{
    store_writer *w;

    TRY(store_create(&w, to, "sample", 3));
    status result = fill(w);
    if (result != STATUS_OK) {
        store_cancel(w);
        return result;
    }
    return store_save(w);
}

static status read_sample(void)
{
    static float got[VALUES];
    store_reader *r;
    char **words;
    size_t count;

    TRY(store_open(&r, path, "sample", 3));
    status result = store_load(r, "/g3/values", shape, got);
    if (result == STATUS_OK)
        result = store_load_strings(r, "/words", &words, &count);
    store_close(r);
    if (result == STATUS_OK)
        memory_destroy(words);
    return result;
}

static void assert_refused(status want, const char *words)
{
    char kind[32];

    ck_assert_int_eq(read_sample(), want);
    ck_assert_msg(strstr(error_message(), words) != NULL, "\"%s\" lacks \"%s\"",
                  error_message(), words);
    ck_assert_ptr_nonnull(strstr(error_message(), "test.h5"));
    (void)!store_kind(path, kind);
}

START_TEST(test_truncated)
{
    char *content;
    size_t size;

    ck_assert_int_eq(write_sample(path), STATUS_OK);
    ck_assert_int_eq(file_load(path, &content, &size), STATUS_OK);
    const size_t sizes[] = {3, 8, 511, 512, 600, 20000, size - 1};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        ck_assert_int_eq(file_save(path, content, sizes[i]), STATUS_OK);
        assert_refused(STATUS_FORMAT, "is truncated");
    }
    ck_assert_int_eq(file_save(path, content, 0), STATUS_OK);
    assert_refused(STATUS_FORMAT, "is empty");
    content = memory_resize(content, size + 1, 1);
    ck_assert_int_eq(file_save(path, content, size + 1), STATUS_OK);
    assert_refused(STATUS_FORMAT, "something was added");
    memory_destroy(content);
}
END_TEST

/* Every byte of the first part, then one in 97. */
START_TEST(test_flipped_bytes)
{
    char *content;
    size_t size;

    ck_assert_int_eq(write_sample(path), STATUS_OK);
    ck_assert_int_eq(file_load(path, &content, &size), STATUS_OK);
    for (size_t at = 0; at < size; at += at < 700 ? 1 : 97) {
        FILE *file = fopen(path, "r+");

        ck_assert_ptr_nonnull(file);
        fseek(file, (long)at, SEEK_SET);
        fputc(content[at] ^ (1 << at % 8), file);
        fclose(file);
        assert_refused(STATUS_FORMAT, at < 8 ? "is not a lockstep file" : "is damaged");
        file = fopen(path, "r+");
        fseek(file, (long)at, SEEK_SET);
        fputc(content[at], file);
        fclose(file);
    }
    ck_assert_int_eq(read_sample(), STATUS_OK);
    memory_destroy(content);
}
END_TEST

START_TEST(test_other_kind_or_version)
{
    store_reader *r;
    char kind[32];

    ck_assert_int_eq(write_sample(path), STATUS_OK);
    ck_assert_int_eq(store_open(&r, path, "dataset", 3), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "is a sample, not a dataset"));
    ck_assert_int_eq(store_open(&r, path, "sample", 2), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "version 3"));
    ck_assert_ptr_nonnull(strstr(error_message(), "up to version 2"));
    ck_assert_int_eq(store_kind(path, kind), STATUS_OK);
    ck_assert_str_eq(kind, "sample");
}
END_TEST

START_TEST(test_not_ours)
{
    char command[FILE_PATH_MAX + 128];

    ck_assert_int_eq(file_save(path, "some words in a file\n", 21), STATUS_OK);
    assert_refused(STATUS_FORMAT, "is not a lockstep file");
    snprintf(command, sizeof(command),
             "/usr/bin/python3 -c 'import h5py; h5py.File(\"%s\", \"w\")[\"x\"] = 1'", path);
    ck_assert_int_eq(system(command), 0);
    assert_refused(STATUS_FORMAT, "is an HDF5 file, but not one that lockstep wrote");
}
END_TEST

START_TEST(test_missing_or_folder)
{
    assert_refused(STATUS_INPUT, "No such file");
    ck_assert_int_eq(file_make_folder(path), STATUS_OK);
    assert_refused(STATUS_INPUT, "is a folder");
    ck_assert_int_eq(write_sample(path), STATUS_IO);
    ck_assert_int_eq(write_sample("/nowhere/test.h5"), STATUS_IO);
    ck_assert_str_eq(error_message(),
                     "/nowhere/test.h5: cannot write: No such file or directory");
}
END_TEST

static void assert_only_file(const char *name)
{
    char command[FILE_PATH_MAX + 64];

    snprintf(command, sizeof(command), "test \"$(ls %s)\" = '%s'", folder, name);
    ck_assert_int_eq(system(command), 0);
}

static void limit_files(rlim_t size)
{
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, RLIM_INFINITY}), 0);
}

/* Writing fails at any place; each time the old file stays, and nothing else. */
START_TEST(test_write_errors)
{
    uint64_t size;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(write_sample(path), STATUS_OK);
    ck_assert_int_eq(file_size(path, &size), STATUS_OK);
    for (uint64_t limit = 0; limit < size; limit += 3001) {
        limit_files(limit);
        ck_assert_int_eq(write_sample(path), STATUS_IO);
        limit_files(RLIM_INFINITY);
        ck_assert_ptr_nonnull(strstr(error_message(), "test.h5: cannot write: File too large"));
        assert_only_file("test.h5");
        ck_assert_int_eq(read_sample(), STATUS_OK);
    }
    ck_assert_int_eq(write_sample(path), STATUS_OK);
}
END_TEST

/* Where this process may mount. */
START_TEST(test_full_disk)
{
    char command[FILE_PATH_MAX + 64];

    snprintf(command, sizeof(command), "mount -t tmpfs -o size=32k none %s 2>&-", folder);
    if (system(command) != 0)
        return;
    status result = write_sample(path);
    snprintf(command, sizeof(command), "test -z \"$(ls %s)\"", folder);
    int left = system(command);
    snprintf(command, sizeof(command), "umount %s", folder);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(result, STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_message(), "test.h5: cannot write: No space left"));
    ck_assert_int_eq(left, 0);
}
END_TEST

/* A byte that changes after the file was verified. */
START_TEST(test_tensor_checksum)
{
    static float got[VALUES];
    store_reader *r;
    char *content;
    size_t size, at = 0;

    ck_assert_int_eq(write_sample(path), STATUS_OK);
    ck_assert_int_eq(file_load(path, &content, &size), STATUS_OK);
    while (at + 64 <= size && memcmp(content + at, values, 64) != 0)
        at++;
    ck_assert_uint_lt(at + 64, size);
    content[at + 9] ^= 4; /* in the first of the four tensors */
    ck_assert_int_eq(file_save(path, content, size), STATUS_OK);
    memory_destroy(content);
    ck_assert_int_eq(store_open_verified(&r, path, "sample", 3), STATUS_OK);
    ck_assert_int_eq(store_load(r, "/g0/values", shape, got), STATUS_FORMAT);
    ck_assert_ptr_nonnull(
        strstr(error_message(), "test.h5: /g0/values: is damaged: its checksum"));
    ck_assert_int_eq(store_load(r, "/g1/values", shape, got), STATUS_OK);
    ck_assert(got[17] == 17);
    store_close(r);
}
END_TEST

START_TEST(test_every_allocation_may_fail)
{
    status result = STATUS_NOMEM;
    size_t n;

    for (n = 1; n < 100 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = write_sample(path);
        memory_fail_after(0);
        if (result != STATUS_OK)
            assert_only_file("");
    }
    ck_assert_uint_gt(n, 3);
    ck_assert_int_eq(result, STATUS_OK);
    for (result = STATUS_NOMEM, n = 1; n < 100 && result != STATUS_OK; n++) {
        memory_fail_after(n);
        result = read_sample();
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    ck_assert_uint_gt(n, 4);
    ck_assert_int_eq(result, STATUS_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("damage");
    TCase *tests = tcase_create("damage");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_truncated);
    tcase_add_test(tests, test_flipped_bytes);
    tcase_add_test(tests, test_other_kind_or_version);
    tcase_add_test(tests, test_not_ours);
    tcase_add_test(tests, test_missing_or_folder);
    tcase_add_test(tests, test_write_errors);
    tcase_add_test(tests, test_full_disk);
    tcase_add_test(tests, test_tensor_checksum);
    tcase_add_test(tests, test_every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
