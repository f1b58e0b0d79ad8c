/* test_loader_position.c - a loader goes to any place, and comes through failures. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
#include "made_up_loader.h"
#include "unit_check.h"

enum { MANY = 5000, BATCHES = 2000 };

/* From every position of two epochs: the batch there, by seek alone. */
START_TEST(seeks_without_rewinding)
{
    static loader_position positions[BATCHES];
    static int64_t first_pairs[BATCHES];
    int batches = 0;
    made_up_pairs set, other_set;
    loader *l = made_up_loader(&set, MANY, made_up_settings());

    for (; loader_tell(l).epoch < 2; batches++) {
        ck_assert_int_lt(batches, BATCHES);
        positions[batches] = loader_tell(l);
        first_pairs[batches] = made_up_next(l).pairs[0];
    }
    loader *other = made_up_loader(&other_set, MANY, made_up_settings());
    for (int b = batches - 1; b >= 0; b -= 13) {
        other_set.loaded = 0;
        ck_assert_int_eq(loader_seek(other, positions[b]), STATUS_OK);
        ck_assert_int_le(other_set.loaded, 2048);
        for (int k = b; k < b + 60 && k < batches; k++) {
            loader_position at = loader_tell(other);
            ck_assert_mem_eq(&at, &positions[k], sizeof(at));
            ck_assert_int_eq(made_up_next(other).pairs[0], first_pairs[k]);
        }
    }
    loader_destroy(other);
    loader_destroy(l);
}
END_TEST

START_TEST(refuses_a_position_outside_the_plan)
{
    const loader_position bad[] = {{-1, 0, 0}, {0, 3, 0},   {0, -1, 0},
                                   {0, 0, -1}, {0, 0, 999}, {0, 1, 1 << 30}};
    made_up_pairs set;
    loader *l = made_up_loader(&set, MANY, made_up_settings());
    int64_t first = made_up_next(l).pairs[0];

    ck_assert_int_eq(loader_seek(l, (loader_position){0}), STATUS_OK);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(loader_seek(l, bad[i]), STATUS_INPUT);
        ck_assert_ptr_nonnull(strstr(error_message(), "another dataset"));
        ck_assert_int_eq(loader_tell(l).window, 0);
    }
    ck_assert_int_eq(made_up_next(l).pairs[0], first);
    loader_destroy(l);
}
END_TEST

START_TEST(allocates_only_when_a_window_opens)
{
    made_up_pairs set;
    loader *l = made_up_loader(&set, MANY, made_up_settings());

    for (int i = 0; i < 300; i++) {
        bool opens = loader_tell(l).batch == 0;
        size_t before = memory_allocations();
        (void)made_up_next(l);
        ck_assert(opens || memory_allocations() == before);
    }
    loader_destroy(l);
}
END_TEST

START_TEST(passes_on_a_failed_read)
{
    made_up_pairs set;
    loader *l = made_up_loader(&set, 100, made_up_settings());
    batch b;
    bool end;

    set.fails_at = 42;
    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_IO);
    ck_assert_str_eq(error_message(), "pair 42 cannot be read");
    ck_assert_int_eq(loader_seek(l, (loader_position){0}), STATUS_IO);
    set.fails_at = -1;
    b = made_up_next(l);
    made_up_check(&b);
    loader_destroy(l);
}
END_TEST

/* What a thread meets while the first window is used comes out where the second one begins. */
START_TEST(passes_on_what_fails_ahead)
{
    loader_settings settings = made_up_settings();
    int64_t seen = 0;
    made_up_pairs set;
    batch b;
    bool end;

    settings.ahead = true;
    settings.shuffle = false;
    loader *l = made_up_loader(&set, MANY, settings);
    set.fails_at = 3000; /* of the second window */
    while (loader_tell(l).window == 0)
        seen += made_up_next(l).global_pairs;
    ck_assert_int_eq(seen, 2048);
    for (int twice = 0; twice < 2; twice++) {
        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_IO);
        ck_assert_str_eq(error_message(), "pair 3000 cannot be read");
        ck_assert_int_eq(loader_tell(l).batch, 0);
    }
    set.fails_at = -1;
    for (end = false; !end; seen += end ? 0 : b.global_pairs) {
        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
        if (!end)
            made_up_check(&b);
    }
    ck_assert_int_eq(seen, MANY);
    loader_destroy(l);
}
END_TEST

/* Wherever a seek goes meanwhile, and where the loader ends while one is read. */
START_TEST(gives_up_what_was_read_ahead)
{
    loader_settings settings = made_up_settings();
    made_up_pairs set, other_set;
    loader *other = made_up_loader(&other_set, MANY, settings);

    settings.ahead = true;
    loader *l = made_up_loader(&set, MANY, settings);
    for (int i = 0; i < 40; i++) {
        const loader_position to = {i / 6, i * 7 % 3, i % 5};
        ck_assert_int_eq(loader_seek(l, to), STATUS_OK);
        ck_assert_int_eq(loader_seek(other, to), STATUS_OK);
        for (int k = 0; k < i; k++) {
            batch b = made_up_next(l);
            made_up_check(&b);
            ck_assert_int_eq(b.pairs[0], made_up_next(other).pairs[0]);
        }
    }
    loader_destroy(other);
    loader_destroy(l);
}
END_TEST

START_TEST(refuses_an_empty_set)
{
    const pair_source source = made_up_source(NULL, 0);
    const loader_settings settings = made_up_settings();
    loader *l;

    ck_assert_int_eq(loader_create_from(&l, &source, &settings), STATUS_INPUT);
}
END_TEST

static status read_one(made_up_pairs *set)
{
    const pair_source source = made_up_source(set, MANY);
    loader_settings settings = made_up_settings();
    loader *l;
    batch b;
    bool end;

    settings.ahead = true;
    TRY(loader_create_from(&l, &source, &settings));
    status result = loader_next(l, &b, &end);
    if (result == STATUS_OK)
        made_up_check(&b);
    loader_destroy(l);
    return result;
}

START_TEST(survives_lack_of_memory)
{
    made_up_pairs set = {.fails_at = -1};
    status result = STATUS_NOMEM;
    size_t n = 0;

    while (result != STATUS_OK) {
        memory_fail_after(++n);
        result = read_one(&set);
        memory_fail_after(0);
        ck_assert(result == STATUS_OK || result == STATUS_NOMEM);
    }
    ck_assert_uint_gt(n, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/loader_position");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, seeks_without_rewinding);
    tcase_add_test(tests, refuses_a_position_outside_the_plan);
    tcase_add_test(tests, allocates_only_when_a_window_opens);
    tcase_add_test(tests, passes_on_a_failed_read);
    tcase_add_test(tests, passes_on_what_fails_ahead);
    tcase_add_test(tests, gives_up_what_was_read_ahead);
    tcase_add_test(tests, refuses_an_empty_set);
    tcase_add_test(tests, survives_lack_of_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
