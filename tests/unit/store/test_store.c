/* test_store.c - what is written is read back; the bytes are reproducible. */
#include "unit_check.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/store/store.h"

static char folder[] = "/tmp/lockstep-store-XXXXXX";
static char path[FILE_PATH_MAX];

static const float floats[6] = {1, -2, 0.5f, 3e38f, -0.0f, 1e-40f};
static const double doubles[2] = {3.14159265358979, -1e300};
static const int32_t ints[3] = {INT32_MIN, 0, INT32_MAX};
static const int64_t longs[4] = {INT64_MIN, -1, 1, INT64_MAX};
static const unsigned char bytes[5] = {0, 1, 127, 128, 255};
static const uint16_t halves[3] = {0x3c00, 0x7e01, 0x0001}; /* 1, a NaN, 2^-24 */
static const char *const words[4] = {"<unk>", "", "Zürich", "日本 語"};

static const store_shape f23 = {STORE_FLOAT, 2, {2, 3}}, d2 = {STORE_DOUBLE, 1, {2}},
                         i3 = {STORE_INT32, 1, {3}}, l22 = {STORE_INT64, 2, {2, 2}},
                         b5 = {STORE_BYTE, 1, {5}}, h3 = {STORE_HALF, 1, {3}},
                         f05 = {STORE_FLOAT, 2, {0, 5}}, f50 = {STORE_FLOAT, 2, {5, 0}},
                         e0 = {STORE_INT32, 1, {0}}, scalar = {STORE_DOUBLE, 0, {0}};

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(file_join(path, folder, "test.h5"), STATUS_OK);
}

static void teardown(void)
{
    char command[FILE_PATH_MAX];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

static status write_sample(const char *to)
{
    store_writer *w;

    TRY(store_create(&w, to, "sample", 3));
    assert_ok(store_add(w, "/a/b/floats", f23, floats));
    assert_ok(store_add(w, "/a/doubles", d2, doubles));
    assert_ok(store_add(w, "/ints", i3, ints));
    assert_ok(store_add(w, "/a/b/longs", l22, longs));
    assert_ok(store_add(w, "/bytes.with.dots", b5, bytes));
    assert_ok(store_add(w, "/halves", h3, halves));
    assert_ok(store_add(w, "/empty/rows", f05, NULL));
    assert_ok(store_add(w, "/empty/columns", f50, NULL));
    assert_ok(store_add(w, "/empty/list", e0, NULL));
    assert_ok(store_add(w, "/scalar", scalar, doubles));
    assert_ok(store_add_strings(w, "/words", words, 4));
    assert_ok(store_add_strings(w, "/empty/words", NULL, 0));
    assert_ok(store_add_text(w, "text", "line 1\nzwölf: 2\n"));
    assert_ok(store_add_text(w, "nothing", ""));
    assert_ok(store_add_number(w, "step", -1234567890123));
    return store_save(w);
}

static void assert_reads(store_reader *r, const char *name, store_shape shape, const void *want,
                         size_t size)
{
    unsigned char got[64] = {0};
    store_shape found;

    assert_ok(store_load(r, name, shape, got));
    ck_assert_mem_eq(got, want, size);
    assert_ok(store_shape_of(r, name, &found));
    ck_assert_int_eq(found.type, shape.type);
    ck_assert_int_eq(found.dimensions, shape.dimensions);
    for (int i = 0; i < shape.dimensions; i++)
        ck_assert_uint_eq(found.dims[i], shape.dims[i]);
}

START_TEST(test_round_trip_of_tensors)
{
    store_reader *r;

    assert_ok(write_sample(path));
    assert_ok(store_open(&r, path, "sample", 3));
    ck_assert_str_eq(store_path(r), path);
    assert_reads(r, "/a/b/floats", f23, floats, sizeof(floats));
    assert_reads(r, "/a/doubles", d2, doubles, sizeof(doubles));
    assert_reads(r, "/ints", i3, ints, sizeof(ints));
    assert_reads(r, "/a/b/longs", l22, longs, sizeof(longs));
    assert_reads(r, "/bytes.with.dots", b5, bytes, sizeof(bytes));
    assert_reads(r, "/halves", h3, halves, sizeof(halves));
    assert_reads(r, "/empty/rows", f05, "", 0);
    assert_reads(r, "/empty/columns", f50, "", 0);
    assert_reads(r, "/empty/list", e0, "", 0);
    assert_reads(r, "/scalar", scalar, doubles, sizeof(double));
    ck_assert(store_has(r, "/ints"));
    ck_assert(store_has(r, "/a/b"));
    ck_assert(!store_has(r, "/a/c/floats"));
    ck_assert(!store_has(r, "/ints2"));
    ck_assert(!store_has(r, ""));
    store_close(r);
    store_close(NULL);
}
END_TEST

START_TEST(test_round_trip_of_text)
{
    store_reader *r;
    char *text, **strings;
    size_t count;
    int64_t number;

    assert_ok(write_sample(path));
    assert_ok(store_open(&r, path, "sample", 4)); /* an older version */
    assert_ok(store_load_text(r, "text", &text));
    ck_assert_str_eq(text, "line 1\nzwölf: 2\n");
    memory_destroy(text);
    assert_ok(store_load_text(r, "nothing", &text));
    ck_assert_str_eq(text, "");
    memory_destroy(text);
    assert_ok(store_load_number(r, "step", &number));
    ck_assert_int_eq(number, -1234567890123);
    assert_ok(store_load_strings(r, "/words", &strings, &count));
    ck_assert_uint_eq(count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(strings[i], words[i]);
    memory_destroy(strings);
    assert_ok(store_load_strings(r, "/empty/words", &strings, &count));
    ck_assert_uint_eq(count, 0);
    memory_destroy(strings);
    store_close(r);
}
END_TEST

/* More than the 64 KiB of an object header. */
START_TEST(test_long_text)
{
    const size_t size = 300000;
    char *text = memory_create(size + 1, 1), *got;
    store_writer *w;
    store_reader *r;

    memset(text, 'y', size);
    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add_text(w, "config", text));
    assert_ok(store_save(w));
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_load_text(r, "config", &got));
    ck_assert_str_eq(got, text);
    store_close(r);
    memory_destroy(got);
    memory_destroy(text);
}
END_TEST

START_TEST(test_rows)
{
    const store_shape shape = {STORE_FLOAT, 2, {3, 2}}, list = {STORE_INT32, 1, {3}},
                      deep = {STORE_FLOAT, 4, {3, 1, 2, 1}};
    float got[6] = {0};
    int32_t one = 0;
    store_writer *w;
    store_reader *r;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add_begin(w, "/x", shape));
    assert_ok(store_add_rows(w, floats, 2));
    assert_ok(store_add_rows(w, floats, 0));
    assert_ok(store_add_rows(w, floats + 4, 1));
    assert_ok(store_add_end(w));
    assert_ok(store_add_begin(w, "/deep", deep));
    assert_ok(store_add_rows(w, floats, 1));
    assert_ok(store_add_rows(w, floats + 2, 2));
    assert_ok(store_add_end(w));
    assert_ok(store_add_begin(w, "/y", list));
    assert_ok(store_add_rows(w, ints, 1));
    assert_ok(store_add_rows(w, ints + 1, 2));
    assert_ok(store_add_end(w));
    assert_ok(store_save(w));

    assert_ok(store_open_verified(&r, path, "sample", 1));
    assert_ok(store_load(r, "/x", shape, got));
    ck_assert_mem_eq(got, floats, sizeof(floats));
    assert_reads(r, "/deep", deep, floats, sizeof(floats));
    memset(got, 0, sizeof(got));
    ck_assert_int_eq(store_load_rows(r, "/deep", STORE_FLOAT, 1, 2, got), STATUS_FORMAT);
    ck_assert_int_eq(store_load_rows(r, "/y", STORE_INT64, 1, 2, got), STATUS_FORMAT);
    ck_assert(got[0] == 0);
    assert_ok(store_load_rows(r, "/y", STORE_INT32, 2, 1, &one));
    ck_assert_int_eq(one, INT32_MAX);
    assert_ok(store_load_rows(r, "/y", STORE_INT32, 3, 0, NULL));
    ck_assert_int_eq(store_load_rows(r, "/y", STORE_INT32, 2, 2, got), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/y: rows 2 to 4 are wanted of 3"));
    store_close(r);
}
END_TEST

static status collect(void *user, const char *name, const store_shape *shape)
{
    char *list = user;
    size_t used = strlen(list);

    snprintf(list + used, 512 - used, "%s:%d ", name, (int)shape->type);
    return STATUS_OK;
}

static status refuse(void *user, const char *name, const store_shape *shape)
{
    (void)name, (void)shape;
    *(int *)user += 1;
    return STATUS_STOPPED;
}

START_TEST(test_walk)
{
    store_reader *r;
    char list[512] = "";
    int visits = 0;

    assert_ok(write_sample(path));
    assert_ok(store_open(&r, path, "sample", 3));
    assert_ok(store_walk(r, "/", collect, list));
    ck_assert_str_eq(list, "/a/b/floats:0 /a/b/longs:3 /a/doubles:1 /bytes.with.dots:4 "
                           "/empty/columns:0 /empty/list:2 /empty/rows:0 /empty/words:6 "
                           "/halves:5 /ints:2 /scalar:1 /words:6 ");
    ck_assert_int_eq(store_walk(r, "/", refuse, &visits), STATUS_STOPPED);
    ck_assert_int_eq(visits, 1);
    store_close(r);
}
END_TEST

START_TEST(test_wrong_questions)
{
    store_reader *r;
    float values[6];
    char *text, **strings;
    size_t count;
    int64_t number;
    store_shape wrong = {STORE_FLOAT, 2, {3, 2}}, found;

    assert_ok(write_sample(path));
    assert_ok(store_open(&r, path, "sample", 3));
    ck_assert_int_eq(store_load(r, "/a/b/floats", wrong, values), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(
        error_message(), "test.h5: /a/b/floats: is float [2, 3], expected float [3, 2]"));
    ck_assert_int_eq(store_load(r, "/nothing", wrong, values), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "test.h5: holds no /nothing"));
    ck_assert_int_eq(store_shape_of(r, "/a/b", &found), STATUS_FORMAT);
    ck_assert_int_eq(store_load_text(r, "no", &text), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "has no attribute no"));
    ck_assert_int_eq(store_load_text(r, "step", &text), STATUS_FORMAT);
    ck_assert_int_eq(store_load_number(r, "text", &number), STATUS_FORMAT);
    ck_assert_int_eq(store_load_strings(r, "/ints", &strings, &count), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/ints: does not hold strings"));
    store_close(r);
}
END_TEST

START_TEST(test_same_content_same_bytes)
{
    char other[FILE_PATH_MAX];
    uint64_t one, two;

    assert_ok(file_join(other, folder, "other.h5"));
    assert_ok(write_sample(path));
    mallopt(M_PERTURB, 0x5a); /* what was never set must not reach the file */
    sleep(1);                 /* nor the time */
    assert_ok(write_sample(other));
    assert_ok(store_hash_file(path, &one));
    assert_ok(store_hash_file(other, &two));
    ck_assert_uint_eq(one, two);
}
END_TEST

START_TEST(test_cancel_leaves_nothing)
{
    char command[FILE_PATH_MAX + 64];
    store_writer *w;

    assert_ok(write_sample(path));
    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add(w, "/x", f23, floats));
    assert_ok(store_add_begin(w, "/y", f23));
    store_cancel(w);
    store_cancel(NULL);
    snprintf(command, sizeof(command), "test \"$(ls %s)\" = test.h5", folder);
    ck_assert_int_eq(system(command), 0);

    store_reader *r;
    assert_ok(store_open(&r, path, "sample", 3));
    store_close(r);
}
END_TEST

START_TEST(test_python_reads_it)
{
    char command[FILE_PATH_MAX + 512];

    assert_ok(write_sample(path));
    snprintf(command, sizeof(command),
             "/usr/bin/python3 -c '\n"
             "import h5py\n"
             "f = h5py.File(\"%s\", \"r\")\n"
             "assert f.userblock_size == 512\n"
             "assert f[\"a/b/floats\"].shape == (2, 3) and f[\"a/b/floats\"][1, 0] > 2e38\n"
             "assert list(f[\"ints\"]) == [-2**31, 0, 2**31 - 1]\n"
             "assert f[\"words\"][2].decode() == \"Z\\u00fcrich\"\n"
             "assert f.attrs[\"text\"].startswith(\"line 1\")\n"
             "assert f.attrs[\"step\"] == -1234567890123\n'",
             path);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(test_hash_of_a_file)
{
    uint64_t hash;

    assert_ok(file_save(path, "abc", 3));
    assert_ok(store_hash_file(path, &hash));
    ck_assert_uint_eq(hash, store_hash("abc", 3));
    ck_assert_uint_eq(store_hash("", 0), 0x2d06800538d394c2); /* XXH3-64, seed 0 */
    ck_assert_int_eq(store_hash_file(folder, &hash), STATUS_INPUT);
}
END_TEST

START_TEST(test_many_files_at_once)
{
    store_writer *w[8];
    store_reader *r[8];
    char name[32], file[FILE_PATH_MAX];

    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "%d.h5", i);
        assert_ok(file_join(file, folder, name));
        assert_ok(store_create(&w[i], file, "sample", 1));
        assert_ok(store_add_begin(w[i], "/x", f23));
    }
    for (int i = 0; i < 8; i++) {
        assert_ok(store_add_rows(w[i], floats, 2));
        assert_ok(store_add_end(w[i]));
        assert_ok(store_save(w[i]));
    }
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "%d.h5", i);
        assert_ok(file_join(file, folder, name));
        assert_ok(store_open(&r[i], file, "sample", 1));
    }
    for (int i = 0; i < 8; i++) {
        assert_reads(r[i], "/x", f23, floats, sizeof(floats));
        store_close(r[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tests = tcase_create("store");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_round_trip_of_tensors);
    tcase_add_test(tests, test_round_trip_of_text);
    tcase_add_test(tests, test_long_text);
    tcase_add_test(tests, test_rows);
    tcase_add_test(tests, test_walk);
    tcase_add_test(tests, test_wrong_questions);
    tcase_add_test(tests, test_same_content_same_bytes);
    tcase_add_test(tests, test_cancel_leaves_nothing);
    tcase_add_test(tests, test_python_reads_it);
    tcase_add_test(tests, test_hash_of_a_file);
    tcase_add_test(tests, test_many_files_at_once);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
