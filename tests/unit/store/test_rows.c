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

enum { ROWS = 100, WIDTH = 320, WIDE = 9000 }; /* 25 rows to a piece; a row of 18000 bytes */

static void write_halves(const uint16_t *values, uint64_t rows, uint64_t width)
{
    const store_shape shape = {STORE_HALF, 2, {rows, width}};
    store_writer *w;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add_begin_pieces(w, "/a/long", shape));
    for (uint64_t at = 0; at < rows; at++)
        assert_ok(store_add_rows(w, values + at * width, 1));
    assert_ok(store_add_end(w));
    assert_ok(store_save(w));
}

static void check_halves(const uint16_t *values, uint64_t rows, uint64_t width, uint64_t first,
                         uint64_t count)
{
    static uint16_t got[ROWS * WIDTH];
    store_reader *r;
    store_shape shape;

    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_verify_rows(r, "/a/long"));
    assert_ok(store_load_rows(r, "/a/long", STORE_HALF, first, count, got));
    ck_assert_mem_eq(got, values + first * width, count * width * sizeof(*got));
    assert_ok(store_shape_of(r, "/a/long", &shape));
    ck_assert_int_eq(shape.type, STORE_HALF);
    ck_assert_uint_eq(shape.dims[1], width);
    assert_ok(store_shape_of(r, "/pieces/a/long", &shape));
    ck_assert_uint_eq(shape.dims[0], width == WIDE ? rows : rows / 25);
    ck_assert_int_eq(store_load_rows(r, "/a/long", STORE_HALF, rows - 1, 2, got),
                     STATUS_FORMAT);
    ck_assert_int_eq(store_load_rows(r, "/a/long", STORE_FLOAT, 0, 1, got), STATUS_FORMAT);
    store_close(r);
}

START_TEST(test_rows_of_halves)
{
    static uint16_t values[ROWS * WIDTH];
    store_reader *r;

    for (int i = 0; i < ROWS * WIDTH; i++)
        values[i] = (uint16_t)(i * 7919);
    write_halves(values, ROWS, WIDTH);
    check_halves(values, ROWS, WIDTH, 0, ROWS);
    check_halves(values, ROWS, WIDTH, 24, 2);
    check_halves(values, ROWS, WIDTH, 25, 25);
    write_halves(values, 3, WIDE);
    check_halves(values, 3, WIDE, 1, 1);
    check_halves(values, 3, WIDE, 0, 3);
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_verify_rows(r, "/a/long"));
    int32_t word;
    memcpy(&word, values + WIDE + 4, sizeof(word));
    harm(word);
    assert_ok(store_load_rows(r, "/a/long", STORE_HALF, 0, 1, values));
    ck_assert_int_eq(store_load_rows(r, "/a/long", STORE_HALF, 1, 1, values), STATUS_FORMAT);
    store_close(r);
}
END_TEST

START_TEST(test_rows_without_pieces)
{
    const float floats[6] = {1, 2, 3, 4, 5, 6};
    float got[4] = {0};
    store_writer *w;
    store_reader *r;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add(w, "/x", (store_shape){STORE_FLOAT, 2, {3, 2}}, floats));
    assert_ok(store_save(w));
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_load_rows(r, "/x", STORE_FLOAT, 1, 2, got));
    ck_assert_mem_eq(got, floats + 2, sizeof(got));
    ck_assert_int_eq(store_load_rows(r, "/x", STORE_FLOAT, 2, 2, got), STATUS_FORMAT);
    store_close(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_rows_are_verified);
    tcase_add_test(tests, test_rows_of_halves);
    tcase_add_test(tests, test_rows_without_pieces);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
