/* test_network.c - descriptions of networks. */
#include "lockstep/config/network.h"

#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "scratch_file.h"
#include "unit_check.h"

static status load(network *out, const char *text)
{
    ck_assert_int_eq(file_save(scratch_path, text, strlen(text)), STATUS_OK);
    return network_load(out, scratch_path);
}

START_TEST(test_values)
{
    network usual, n;

    ck_assert_int_eq(network_load(&usual, NULL), STATUS_OK);
    ck_assert_double_eq(usual.bandwidth, 10e9);
    ck_assert_int_eq(load(&n, "# a comment\nbandwidth: 25e9\nwithin_host: {byte: 1e-10}\n"
                              "fat_tree:\n  hosts: 24\n  uplink: 0.5\n"),
                     STATUS_OK);
    ck_assert_double_eq(n.bandwidth, 25e9);
    ck_assert_double_eq(n.within.byte, 1e-10);
    ck_assert_double_eq(n.hosts_a_switch, 24.0);
    ck_assert_double_eq(n.uplink, 0.5);
    ck_assert_double_eq(n.within.message, usual.within.message);
    ck_assert_double_eq(n.between.latency, usual.between.latency);
    ck_assert_double_eq(n.add, usual.add);
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"bandwith: 25e9\n", "1: unknown key `bandwith`"},
    {"latency: 1e-6\nwithin: {byte: 1}\n", "2: unknown key `within`"},
    {"bandwidth: fast\n", "1: bandwidth: `fast` is not a number from 1000 to 1e+15"},
    {"bandwidth: 0\n", "bandwidth: `0` is not a number"},
    {"bandwidth: nan\n", "bandwidth: `nan` is not a number"},
    {"bandwidth: \"1e9\"\n", "bandwidth: `1e9` is not a number"},
    {"bandwidth: 1e9 bit\n", "bandwidth: `1e9 bit` is not a number"},
    {"latency:\n", "latency: `null` is not a number"},
    {"latency: -1\n", "latency: `-1` is not a number from 0 to 10"},
    {"fat_tree: {uplink: 1.5}\n", "fat_tree.uplink: `1.5` is not a number from 0.01 to 1"},
    {"fat_tree: {hosts: 2.5}\n", "fat_tree.hosts: 2.5 is not a whole number"},
    {"within_host: 5\n", "unknown key `within_host`"},
};

START_TEST(test_wrong)
{
    network n;

    ck_assert_int_eq(load(&n, wrong[_i].text), STATUS_CONFIG);
    ck_assert_msg(strstr(error_message(), wrong[_i].says) != NULL &&
                      strstr(error_message(), scratch_path) == error_message(),
                  "%s", error_message());
}
END_TEST

START_TEST(test_no_file)
{
    network n;

    unlink(scratch_path);
    ck_assert_int_eq(network_load(&n, scratch_path), STATUS_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tests = tcase_create("network");

    tcase_add_checked_fixture(tests, scratch_file_setup, scratch_file_teardown);
    tcase_add_test(tests, test_values);
    tcase_add_loop_test(tests, test_wrong, 0, sizeof(wrong) / sizeof(*wrong));
    tcase_add_test(tests, test_no_file);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
