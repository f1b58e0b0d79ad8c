/* test_tag_scheme.c - sequences of tags that each scheme allows, and forbids. */
#include "lockstep/metrics/tag_scheme.h"

#include <string.h>

#include "unit_check.h"

enum { LONGEST = 64 };

static const char *const schemes[] = {"iob1", "iob2", "bioes"};

static const struct {
    const char *tags;
    bool allowed[3];
} known[] = {
    {"", {true, true, true}},
    {"O O", {true, true, true}},
    {"NN . VB X-y", {true, true, true}},
    {"B-X I-X O B-X", {false, true, false}},
    {"O B-X B-X B-Y I-Y I-Y O", {false, true, false}},
    {"I-X I-X B-X I-X O I-Y I-X", {true, false, false}},
    {"B-X I-X I-Y", {false, false, false}},
    {"O I-X O", {true, false, false}},
    {"I-X B-Y", {false, false, false}},
    {"S-X B-X E-X B-Y I-Y E-Y S-Y O", {false, true, true}},
    {"B-X E-Y", {false, true, false}},
    {"B-X I-X O", {false, true, false}},
    {"O E-X", {true, true, false}},
    {"S-X I-X", {true, false, false}},
    {"B I I O", {false, true, false}},
    {"B E S O", {false, true, true}},
    {"B-a-b I-a-b", {false, true, false}},
    {"B-a-b I-a-c", {false, false, false}},
};

static bool keeps_to(const tag_scheme *scheme, const char *tags)
{
    char line[LONGEST], *rest = line, *before = NULL, *now;
    bool kept = true;

    ck_assert_uint_lt(strlen(tags), sizeof(line));
    strcpy(line, tags);
    while (kept && (now = strtok_r(rest, " ", &rest)) != NULL) {
        kept = tag_may_follow(scheme, before, now);
        before = now;
    }
    return kept && tag_may_follow(scheme, before, NULL);
}

START_TEST(sequences_are_allowed_or_not)
{
    for (int i = 0; i < 3; i++) {
        const tag_scheme *scheme = tag_scheme_find(schemes[i]);

        ck_assert_ptr_nonnull(scheme);
        ck_assert_msg(keeps_to(scheme, known[_i].tags) == known[_i].allowed[i], "%s: %s",
                      schemes[i], known[_i].tags);
    }
}
END_TEST

START_TEST(there_are_no_others)
{
    ck_assert_ptr_null(tag_scheme_find("likeliest"));
    ck_assert_ptr_null(tag_scheme_find(""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/tag_scheme");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, sequences_are_allowed_or_not, 0, sizeof(known) / sizeof(*known));
    tcase_add_test(tests, there_are_no_others);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
