/* test_memory.c - alignment, zeroes, counting, failure on demand. */
#define _DEFAULT_SOURCE /* madvise, mincore */
#include "unit_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lockstep/base/memory.h"

START_TEST(test_zeroed_and_aligned)
{
    const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 131072, 1000003};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *block = memory_create(sizes[i], 1), any = 0;

        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 64, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            any |= block[k];
        ck_assert_uint_eq(any, 0);
        memset(block, 0xab, sizes[i]);
        memory_destroy(block);
    }
    memory_destroy(NULL);
}
END_TEST

START_TEST(test_overflow)
{
    ck_assert_ptr_null(memory_create(SIZE_MAX / 2, 3));
    ck_assert_ptr_null(memory_create(SIZE_MAX - 8, 1));
}
END_TEST

START_TEST(test_resize_keeps_content)
{
    int *block = memory_create(3, sizeof(int));

    for (int i = 0; i < 3; i++)
        block[i] = i + 1;
    block = memory_resize(block, 100000, sizeof(int));
    ck_assert_uint_eq((uintptr_t)block % 64, 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(block[i], i + 1);
    block[99999] = 5;
    block = memory_resize(block, 2, sizeof(int));
    ck_assert_int_eq(block[1], 2);
    memory_destroy(block);

    char *fresh = memory_resize(NULL, 10, 1);
    ck_assert_ptr_nonnull(fresh);
    memory_destroy(fresh);
}
END_TEST

START_TEST(test_counts)
{
    size_t before = memory_allocations();
    void *a = memory_create(1, 8);
    char *b = memory_copy_text("text");

    ck_assert_uint_eq(memory_allocations(), before + 2);
    ck_assert_str_eq(b, "text");
    memory_destroy(a);
    memory_destroy(b);
    ck_assert_uint_eq(memory_allocations(), before + 2);
    ck_assert_uint_gt(memory_peak(), 100000);
}
END_TEST

START_TEST(test_fails_on_demand)
{
    char *first, *second;

    memory_fail_after(2);
    first = memory_create(4, 1);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(memory_create(4, 1));
    ck_assert_ptr_null(memory_copy_text("x"));
    first[0] = 'k';
    ck_assert_ptr_null(memory_resize(first, 8, 1));
    ck_assert_int_eq(first[0], 'k');
    memory_fail_after(0);
    second = memory_create(4, 1);
    ck_assert_ptr_nonnull(second);
    memory_destroy(first);
    memory_destroy(second);
}
END_TEST

/* An old kernel refuses to find pages, and qemu says that it did and does not. */
static bool system_finds_pages(void)
{
    unsigned char found[4] = {0};
#if defined(MADV_POPULATE_WRITE)
    size_t size = sizeof(found) * (size_t)sysconf(_SC_PAGESIZE);
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(pages, MAP_FAILED);
    (void)madvise(pages, size, MADV_POPULATE_WRITE);
    ck_assert_int_eq(mincore(pages, size, found), 0);
    ck_assert_int_eq(munmap(pages, size), 0);
#endif
    return found[0] & found[1] & found[2] & found[3] & 1;
}

START_TEST(pages_are_found_at_once)
{
    const size_t sizes[] = {1, 1000, 64 << 20};
    bool finds = system_finds_pages();

    for (int i = 0; i < 3; i++) {
        unsigned char *block = memory_create(sizes[i], 1);

        block[0] = block[sizes[i] - 1] = 7;
        memory_populate(block);
        ck_assert(block[0] == 7 && block[sizes[i] - 1] == 7);
        ck_assert(i < 2 || !finds || memory_peak() >= sizes[i]);
        memory_destroy(block);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");

    tcase_add_test(tests, test_zeroed_and_aligned);
    tcase_add_test(tests, test_overflow);
    tcase_add_test(tests, test_resize_keeps_content);
    tcase_add_test(tests, test_counts);
    tcase_add_test(tests, test_fails_on_demand);
    tcase_add_test(tests, pages_are_found_at_once);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
