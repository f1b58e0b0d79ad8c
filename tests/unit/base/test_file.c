/* test_file.c - whole files, replacements, folders. */
#include "unit_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"

static char folder[] = "/tmp/lockstep-file-XXXXXX";
static char path[FILE_PATH_MAX];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(file_join(path, folder, "file.bin"), STATUS_OK);
}

static void teardown(void)
{
    char command[FILE_PATH_MAX];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void assert_content(const char *want, size_t size)
{
    char *content;
    size_t got;

    ck_assert_int_eq(file_load(path, &content, &got), STATUS_OK);
    ck_assert_uint_eq(got, size);
    ck_assert_mem_eq(content, want, size);
    ck_assert_int_eq(content[size], 0);
    memory_destroy(content);
}

START_TEST(test_save_and_load)
{
    uint64_t size;

    ck_assert_int_eq(file_save(path, "a\0b", 3), STATUS_OK);
    assert_content("a\0b", 3);
    ck_assert_int_eq(file_save(path, "", 0), STATUS_OK);
    assert_content("", 0);
    ck_assert_int_eq(file_save(path, "longer", 6), STATUS_OK);
    ck_assert_int_eq(file_size(path, &size), STATUS_OK);
    ck_assert_uint_eq(size, 6);
}
END_TEST

START_TEST(test_missing)
{
    char *content;
    size_t size;
    uint64_t bytes;

    ck_assert(!file_exists(path));
    ck_assert_int_eq(file_load(path, &content, &size), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), path));
    ck_assert_ptr_nonnull(strstr(error_message(), "No such file"));
    ck_assert_int_eq(file_size(path, &bytes), STATUS_INPUT);
    ck_assert_int_eq(file_load(folder, &content, &size), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "is a folder"));
}
END_TEST

/* Links that lead to what is there, and to what is not. */
START_TEST(test_links_are_followed)
{
    char link_path[FILE_PATH_MAX];
    struct stat about;

    ck_assert_int_eq(file_join(link_path, folder, "link"), STATUS_OK);
    ck_assert_int_eq(symlink("file.bin", link_path), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(file_save(link_path, "new", 3 - (size_t)i), STATUS_OK);
        ck_assert_int_eq(lstat(link_path, &about), 0);
        ck_assert(S_ISLNK(about.st_mode));
        assert_content("new", 3 - (size_t)i);
    }
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("link", path), 0);
    ck_assert_int_eq(file_save(path, "x", 1), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "symbolic links"));
}
END_TEST

START_TEST(test_a_pipe_is_written_in_place)
{
    char got[4] = "";
    file_replacement file;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    ck_assert_int_eq(file_save(path, "abc", 3), STATUS_OK);
    ck_assert_int_eq(read(reader, got, sizeof(got)), 3);
    ck_assert_str_eq(got, "abc");
    ck_assert_int_eq(file_replace_begin(&file, path), STATUS_OK);
    file_replace_cancel(&file);
    ck_assert(file_exists(path) && !file_is_regular(path));
    ck_assert_int_eq(file_replace_begin_regular(&file, path), STATUS_INPUT);
    close(reader);
}
END_TEST

START_TEST(test_cancel_keeps_the_old_one)
{
    file_replacement file;

    ck_assert_int_eq(file_save(path, "old", 3), STATUS_OK);
    ck_assert_int_eq(file_replace_begin(&file, path), STATUS_OK);
    ck_assert(!file_exists(file.temporary));
    ck_assert_int_eq(file_save(file.temporary, "new", 3), STATUS_OK);
    file_replace_cancel(&file);
    ck_assert(!file_exists(file.temporary));
    assert_content("old", 3);
}
END_TEST

START_TEST(test_failed_end_keeps_the_old_one)
{
    file_replacement file;

    ck_assert_int_eq(file_save(path, "old", 3), STATUS_OK);
    ck_assert_int_eq(file_replace_begin(&file, path), STATUS_OK);
    ck_assert_int_eq(file_replace_end(&file), STATUS_IO); /* never written */
    assert_content("old", 3);

    ck_assert_int_eq(file_make_folder(file.path), STATUS_IO);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(file_make_folder(path), STATUS_OK);
    ck_assert_int_eq(file_save(path, "x", 1), STATUS_IO);
    ck_assert(!file_exists(file.temporary));
}
END_TEST

START_TEST(test_shown_as_a_whole)
{
    ck_assert_int_eq(file_show(path, "a\0b", 3), STATUS_OK);
    assert_content("a\0b", 3);
    ck_assert_int_eq(file_show(path, "longer", 6), STATUS_OK);
    assert_content("longer", 6);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else is left there */
    ck_assert_int_eq(file_show(path, "x", 1), STATUS_IO);
    ck_assert_int_eq(file_make_folder(folder), STATUS_OK);
}
END_TEST

START_TEST(test_leftovers_are_removed)
{
    char host[256], dead[FILE_PATH_MAX + 300], alive[FILE_PATH_MAX + 300],
        other[FILE_PATH_MAX + 300];
    file_replacement file;

    ck_assert_int_eq(gethostname(host, sizeof(host)), 0);
    /* No process has a number that large. */
    snprintf(dead, sizeof(dead), "%s.tmp-%s-999999999", path, host);
    snprintf(alive, sizeof(alive), "%s.tmp-%s-%d", path, host, (int)getppid());
    snprintf(other, sizeof(other), "%s.tmp-elsewhere-999999999", path);
    ck_assert_int_eq(file_save(dead, "x", 1), STATUS_OK);
    ck_assert_int_eq(file_save(alive, "x", 1), STATUS_OK);
    ck_assert_int_eq(file_save(other, "x", 1), STATUS_OK);
    ck_assert_int_eq(file_replace_begin(&file, path), STATUS_OK);
    ck_assert(!file_exists(dead));
    ck_assert(file_exists(alive));
    ck_assert(file_exists(other));
}
END_TEST

START_TEST(test_parents)
{
    char file[FILE_PATH_MAX], parent[FILE_PATH_MAX];

    ck_assert_int_eq(file_join(parent, folder, "p/q"), STATUS_OK);
    ck_assert_int_eq(file_join(file, parent, "file"), STATUS_OK);
    ck_assert_int_eq(file_make_parent(file), STATUS_OK);
    ck_assert(file_is_folder(parent) && !file_exists(file));
    ck_assert_int_eq(file_make_parent("/file"), STATUS_OK);
    ck_assert_int_eq(file_make_parent("file"), STATUS_OK);
    ck_assert(!file_exists("file"));
}
END_TEST

START_TEST(test_folders)
{
    char deep[FILE_PATH_MAX], below[FILE_PATH_MAX];

    ck_assert_int_eq(file_join(deep, folder, "a/b//c"), STATUS_OK);
    ck_assert_int_eq(file_make_folder(deep), STATUS_OK);
    ck_assert_int_eq(file_make_folder(deep), STATUS_OK);
    ck_assert(file_is_folder(deep));
    ck_assert_int_eq(file_save(path, "x", 1), STATUS_OK);
    ck_assert(!file_is_folder(path));
    ck_assert_int_eq(file_join(below, path, "d"), STATUS_OK);
    ck_assert_int_eq(file_make_folder(below), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_message(), "Not a directory"));
    ck_assert_int_eq(file_make_folder(""), STATUS_INPUT);
}
END_TEST

START_TEST(test_join)
{
    char out[FILE_PATH_MAX], huge[FILE_PATH_MAX];

    ck_assert_int_eq(file_join(out, "a/", "b"), STATUS_OK);
    ck_assert_str_eq(out, "a/b");
    memset(huge, 'x', sizeof(huge));
    huge[sizeof(huge) - 1] = '\0';
    ck_assert_int_eq(file_join(out, huge, "b"), STATUS_INPUT);
    file_replacement file;
    ck_assert_int_eq(file_replace_begin(&file, huge), STATUS_INPUT);
}
END_TEST

START_TEST(test_no_memory)
{
    char *content;
    size_t size;

    ck_assert_int_eq(file_save(path, "x", 1), STATUS_OK);
    memory_fail_after(1);
    ck_assert_int_eq(file_load(path, &content, &size), STATUS_NOMEM);
    memory_fail_after(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file");
    TCase *tests = tcase_create("file");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_save_and_load);
    tcase_add_test(tests, test_missing);
    tcase_add_test(tests, test_links_are_followed);
    tcase_add_test(tests, test_a_pipe_is_written_in_place);
    tcase_add_test(tests, test_cancel_keeps_the_old_one);
    tcase_add_test(tests, test_failed_end_keeps_the_old_one);
    tcase_add_test(tests, test_shown_as_a_whole);
    tcase_add_test(tests, test_leftovers_are_removed);
    tcase_add_test(tests, test_parents);
    tcase_add_test(tests, test_folders);
    tcase_add_test(tests, test_join);
    tcase_add_test(tests, test_no_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
