/* test_groups.c - what stands where, and many tensors at once. */
#include "unit_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/store/store.h"

static char folder[] = "/tmp/lockstep-groups-XXXXXX";
static char path[FILE_PATH_MAX];
static store_reader *reader;

static const float floats[6] = {1, -2, 0.5f, 3e38f, -0.0f, 1e-40f};
static const int32_t ints[3] = {INT32_MIN, 0, INT32_MAX};
static const store_shape f23 = {STORE_FLOAT, 2, {2, 3}}, i3 = {STORE_INT32, 1, {3}};

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

static void setup(void)
{
    store_writer *w;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    assert_ok(file_join(path, folder, "test.h5"));
    assert_ok(store_create(&w, path, "sample", 3));
    assert_ok(store_add(w, "/a/b/floats", f23, floats));
    assert_ok(store_add(w, "/a/b.more", i3, ints));
    assert_ok(store_add(w, "/ab/ints", i3, ints));
    assert_ok(store_add(w, "/ints", i3, ints));
    assert_ok(store_save(w));
    assert_ok(store_open(&reader, path, "sample", 3));
}

static void teardown(void)
{
    store_close(reader);
    unlink(path);
    rmdir(folder);
}

START_TEST(has)
{
    ck_assert(store_has(reader, "/a/b") && store_has(reader, "/a"));
    ck_assert(store_has(reader, "/a/b/floats") && store_has(reader, "/ints"));
    ck_assert(!store_has(reader, "/a/c") && !store_has(reader, "/b"));
    ck_assert(!store_has(reader, "/ints/a") && !store_has(reader, "/a/b/"));
    ck_assert(!store_has(reader, "a/b") && !store_has(reader, "/") && !store_has(reader, ""));
}
END_TEST

static status collect(void *user, const char *name, const store_shape *shape)
{
    char *list = user;
    size_t used = strlen(list);

    snprintf(list + used, 512 - used, "%s:%d ", name, (int)shape->type);
    return STATUS_OK;
}

START_TEST(walk)
{
    char list[512] = "";

    assert_ok(store_walk(reader, "/a/b", collect, list));
    ck_assert_str_eq(list, "/a/b/floats:0 ");
    assert_ok(store_walk(reader, "/none", collect, list));
    assert_ok(store_walk(reader, "/a/none", collect, list));
    assert_ok(store_walk(reader, "/ints", collect, list));
    ck_assert_str_eq(list, "/a/b/floats:0 ");
    list[0] = '\0';
    assert_ok(store_walk(reader, "/a", collect, list));
    ck_assert_str_eq(list, "/a/b/floats:0 /a/b.more:2 ");
    list[0] = '\0';
    assert_ok(store_walk(reader, "/", collect, list));
    ck_assert_str_eq(list, "/a/b/floats:0 /a/b.more:2 /ab/ints:2 /ints:2 ");
}
END_TEST

START_TEST(many)
{
    float got[6];
    int32_t whole[3];
    store_tensor list[] = {{"/a/b/floats", f23, got}, {"/ints", i3, whole}};

    assert_ok(store_load_all(reader, list, 2));
    ck_assert_mem_eq(got, floats, sizeof(floats));
    ck_assert_mem_eq(whole, ints, sizeof(ints));
    list[1].shape.dims[0] = 4;
    ck_assert_int_eq(store_load_all(reader, list, 2), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/ints: is int32 [3], expected int32 [4]"));
    list[1].name = "/a/b";
    ck_assert_int_eq(store_load_all(reader, list, 2), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "holds no /a/b"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("groups");
    TCase *tests = tcase_create("groups");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, has);
    tcase_add_test(tests, walk);
    tcase_add_test(tests, many);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
