/* test_copy.c - parts of one store into another. */
#include "unit_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/store/store.h"

static char folder[] = "/tmp/lockstep-copy-XXXXXX";
static char from_path[FILE_PATH_MAX], to_path[FILE_PATH_MAX];
static store_reader *from;

static const float floats[6] = {1, -2, 0.5f, 3e38f, -0.0f, 1e-40f};
static const unsigned char bytes[5] = {0, 1, 127, 128, 255};
static const char *const words[3] = {"<unk>", "", "Zürich"};
static const store_shape f23 = {STORE_FLOAT, 2, {2, 3}}, b5 = {STORE_BYTE, 1, {5}},
                         e0 = {STORE_INT32, 1, {0}};

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

static void setup(void)
{
    store_writer *w;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    assert_ok(file_join(from_path, folder, "from.h5"));
    assert_ok(file_join(to_path, folder, "to.h5"));
    assert_ok(store_create(&w, from_path, "sample", 1));
    assert_ok(store_add(w, "/kept/floats", f23, floats));
    assert_ok(store_add(w, "/kept/deep/bytes", b5, bytes));
    assert_ok(store_add(w, "/kept/empty", e0, NULL));
    assert_ok(store_add_strings(w, "/kept/words", words, 3));
    assert_ok(store_add(w, "/left/floats", f23, floats));
    assert_ok(store_add_text(w, "kept text", "line 1\nzwölf: 2\n"));
    assert_ok(store_add_number(w, "kept number", INT64_MIN));
    assert_ok(store_add_number(w, "left number", 7));
    assert_ok(store_save(w));
    assert_ok(store_open(&from, from_path, "sample", 1));
}

static void teardown(void)
{
    char command[FILE_PATH_MAX];

    store_close(from);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static bool is_kept(const char *name)
{
    return strncmp(name, "/kept/", 6) == 0 || strncmp(name, "kept ", 5) == 0;
}

static status collect(void *user, const char *name, const store_shape *shape)
{
    char *list = user, what[STORE_SHAPE_TEXT];
    size_t used = strlen(list);

    store_shape_text(shape, what);
    snprintf(list + used, 512 - used, "%s: %s; ", name, what);
    return STATUS_OK;
}

static void assert_attributes(store_reader *r)
{
    int64_t number;
    char *text;

    assert_ok(store_load_number(r, "kept number", &number));
    ck_assert_int_eq(number, INT64_MIN);
    assert_ok(store_load_text(r, "kept text", &text));
    ck_assert_str_eq(text, "line 1\nzwölf: 2\n");
    memory_destroy(text);
    ck_assert_int_eq(store_load_number(r, "left number", &number), STATUS_FORMAT);
}

static void assert_sets(store_reader *r)
{
    char list[512] = "", **strings;
    float got[6];
    unsigned char got_bytes[5];
    size_t count;

    assert_ok(store_walk(r, "/", collect, list));
    ck_assert_str_eq(list, "/kept/deep/bytes: byte [5]; /kept/empty: int32 [0]; "
                           "/kept/floats: float [2, 3]; /kept/words: strings [3]; ");
    assert_ok(store_load(r, "/kept/floats", f23, got));
    ck_assert_mem_eq(got, floats, sizeof(floats));
    assert_ok(store_load(r, "/kept/deep/bytes", b5, got_bytes));
    ck_assert_mem_eq(got_bytes, bytes, sizeof(bytes));
    assert_ok(store_load_strings(r, "/kept/words", &strings, &count));
    ck_assert_uint_eq(count, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(strings[i], words[i]);
    memory_destroy(strings);
}

static status make_copy(void)
{
    store_writer *w;

    TRY(store_create(&w, to_path, "sample", 1));
    status copied = store_copy(w, from, is_kept);
    if (copied == STATUS_OK)
        return store_save(w);
    store_cancel(w);
    return copied;
}

START_TEST(what_is_wanted_is_there_and_nothing_else)
{
    store_reader *r;

    assert_ok(make_copy());
    assert_ok(store_open(&r, to_path, "sample", 1));
    assert_attributes(r);
    assert_sets(r);
    store_close(r);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    status result = STATUS_NOMEM;
    size_t n = 0;

    while (result != STATUS_OK) {
        ck_assert_uint_lt(++n, 500);
        memory_fail_after(n);
        result = make_copy();
        memory_fail_after(0);
        ck_assert(file_exists(to_path) == (result == STATUS_OK));
    }
    ck_assert_uint_gt(n, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("copy");
    TCase *tests = tcase_create("copy");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_is_wanted_is_there_and_nothing_else);
    tcase_add_test(tests, every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
