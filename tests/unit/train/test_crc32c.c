/* test_crc32c.c - the checksum of RFC 3720, appendix B.4. */
#include "crc32c.h"

#include <string.h>

#include "unit_check.h"

START_TEST(test_known_sums)
{
    char bytes[32] = {0};

    ck_assert_uint_eq(crc32c("123456789", 9), 0xe3069283);
    ck_assert_uint_eq(crc32c(bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    ck_assert_uint_eq(crc32c(bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (char)i;
    ck_assert_uint_eq(crc32c(bytes, 32), 0x46dd794e);
    ck_assert_uint_eq(crc32c(bytes, 0), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crc32c");
    TCase *tests = tcase_create("crc32c");

    tcase_add_test(tests, test_known_sums);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
