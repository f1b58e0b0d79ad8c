/* test_rows.c - rows are verified as they are read. */
#include "unit_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/store/store.h"

static char folder[] = "/tmp/lockstep-rows-XXXXXX";
static char path[FILE_PATH_MAX];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(file_join(path, folder, "rows.h5"), STATUS_OK);
}

static void teardown(void)
{
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(remove(folder), 0);
}

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

enum { LONG = 10000 }; /* several pieces, the last one not full */

static void write_long(const int32_t *values)
{
    const store_shape list = {STORE_INT32, 1, {LONG}};
    store_writer *w;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add_begin_pieces(w, "/a/long", list));
    for (int at = 0; at < LONG; at += 1000)
        assert_ok(store_add_rows(w, values + at, 1000));
    assert_ok(store_add_end(w));
    assert_ok(store_save(w));
}

static char *find(char *bytes, size_t size, int32_t value)
{
    for (size_t at = 0; at + sizeof(value) <= size; at++)
        if (memcmp(bytes + at, &value, sizeof(value)) == 0)
            return bytes + at;
    return NULL;
}

/* A byte of `value` as it stands in the file is changed. */
static void harm(int32_t value)
{
    char *bytes;
    size_t size;

    assert_ok(file_load(path, &bytes, &size));
    char *at = find(bytes, size, value);
    ck_assert_ptr_nonnull(at);
    FILE *file = fopen(path, "r+b");
    fseek(file, at - bytes, SEEK_SET);
    fputc(*at ^ 1, file);
    fclose(file);
    memory_destroy(bytes);
}

START_TEST(test_rows_are_verified)
{
    static int32_t values[LONG], got[LONG];
    const int first[] = {0, 4095, 4096, 1, 9999, 0}, count[] = {4096, 2, 4096, 9000, 1, LONG};
    store_reader *r;

    for (int i = 0; i < LONG; i++)
        values[i] = 0x5a000000 + i;
    write_long(values);
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_verify_rows(r, "/a/long"));
    for (int i = 0; i < 6; i++) {
        assert_ok(store_load_rows(r, "/a/long", STORE_INT32, (uint64_t)first[i],
                                  (uint64_t)count[i], got));
        ck_assert_mem_eq(got, values + first[i], (size_t)count[i] * sizeof(*got));
    }
    store_close(r);
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_verify_rows(r, "/a/long"));
    harm(values[5000]);
    assert_ok(store_load_rows(r, "/a/long", STORE_INT32, 0, 4096, got));
    assert_ok(store_load_rows(r, "/a/long", STORE_INT32, 8192, LONG - 8192, got));
    ck_assert_int_eq(store_load_rows(r, "/a/long", STORE_INT32, 4097, 1, got), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/a/long: was changed while it is read"));
    store_close(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_rows_are_verified);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
