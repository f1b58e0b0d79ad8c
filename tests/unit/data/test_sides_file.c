/* test_sides_file.c - the sides of pairs in a file, and back. */
#include "lockstep/data/sides.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

static const char *const words[5] = {"<unk>", "<begin>", "<end>", "Zürich", "x"};

static char path[64];
static sides made, got;

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

static void setup(void)
{
    snprintf(path, sizeof(path), "/tmp/lockstep-sides-%d.h5", (int)getpid());
    assert_ok(vocabulary_load(&made.vocabularies[SIDE_SOURCE], VOCABULARY_WORDS, words, 5, NULL,
                              0, false));
}

static void teardown(void)
{
    sides_free(&got);
    sides_free(&made);
    unlink(path);
}

static void save_and_load(void)
{
    store_writer *w;
    store_reader *r;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(sides_save(&made, w));
    assert_ok(store_save(w));
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(sides_load(&got, r));
    store_close(r);
}

static void assert_symbols(const vocabulary *v, int count)
{
    ck_assert_int_eq(vocabulary_size(v), count);
    for (int i = 0; i < count; i++)
        ck_assert_str_eq(vocabulary_symbol(v, i), words[i]);
}

START_TEST(two_come_back)
{
    assert_ok(vocabulary_load(&made.vocabularies[SIDE_TARGET], VOCABULARY_CHARACTERS, words, 3,
                              NULL, 0, false));
    save_and_load();
    ck_assert_ptr_ne(got.vocabularies[SIDE_SOURCE], got.vocabularies[SIDE_TARGET]);
    ck_assert_int_eq(vocabulary_kind_of(got.vocabularies[SIDE_SOURCE]), VOCABULARY_WORDS);
    ck_assert_int_eq(vocabulary_kind_of(got.vocabularies[SIDE_TARGET]), VOCABULARY_CHARACTERS);
    assert_symbols(got.vocabularies[SIDE_SOURCE], 5);
    assert_symbols(got.vocabularies[SIDE_TARGET], 3);
}
END_TEST

/* One when loaded; in the file both sides, for whoever reads it without knowing. */
START_TEST(a_joint_one_serves_both_sides)
{
    store_reader *r;
    char **symbols;
    size_t count;

    made.vocabularies[SIDE_TARGET] = made.vocabularies[SIDE_SOURCE];
    save_and_load();
    ck_assert_ptr_eq(got.vocabularies[SIDE_SOURCE], got.vocabularies[SIDE_TARGET]);
    assert_symbols(got.vocabularies[SIDE_TARGET], 5);
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(store_load_strings(r, "/vocabulary/target/symbols", &symbols, &count));
    ck_assert_uint_eq(count, 5);
    ck_assert_str_eq(symbols[3], "Zürich");
    memory_destroy(symbols);
    store_close(r);
}
END_TEST

/* It is the target's; a decoder that needs it knows when it is not there. */
START_TEST(a_mask_comes_back)
{
    static const char *const masked[4] = {"<unk>", "<begin>", "<end>", "<mask>"};
    config c = {.model = {.decoder_input = DECODER_INPUT_MASK}};

    assert_ok(vocabulary_load(&made.vocabularies[SIDE_TARGET], VOCABULARY_WORDS, masked, 4,
                              NULL, 0, true));
    save_and_load();
    ck_assert(vocabulary_has_mask(got.vocabularies[SIDE_TARGET]));
    ck_assert(!vocabulary_has_mask(got.vocabularies[SIDE_SOURCE]));
    assert_ok(sides_check(&got, &c));
    c.model.decoder_input = DECODER_INPUT_BEGIN;
    ck_assert_int_eq(sides_check(&got, &c), STATUS_FORMAT);
    sides swapped = {
        .vocabularies = {got.vocabularies[SIDE_TARGET], got.vocabularies[SIDE_SOURCE]}};
    assert_ok(sides_check(&swapped, &c));
    c.model.decoder_input = DECODER_INPUT_MASK;
    ck_assert_int_eq(sides_check(&swapped, &c), STATUS_FORMAT);
}
END_TEST

/* A stranger's file: words are copied into texts alone. */
START_TEST(tags_are_not_copied)
{
    store_reader *r;
    store_writer *w;

    assert_ok(vocabulary_load(&made.vocabularies[SIDE_TARGET], VOCABULARY_WORDS, words, 5, NULL,
                              0, false));
    made.copies = true;
    save_and_load();
    ck_assert(got.copies);
    sides_free(&got);
    made.task = TASK_TAG;
    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(sides_save(&made, w));
    assert_ok(store_save(w));
    assert_ok(store_open(&r, path, "sample", 1));
    ck_assert_int_eq(sides_load(&got, r), STATUS_FORMAT);
    store_close(r);
}
END_TEST

/* As datasets were written before. */
START_TEST(a_joint_one_may_stand_there_once)
{
    store_writer *w;
    store_reader *r;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add_number(w, "joint", 1));
    assert_ok(store_add_number(w, "source_vocabulary", VOCABULARY_WORDS));
    assert_ok(store_add_number(w, "target_vocabulary", VOCABULARY_WORDS));
    assert_ok(store_add_strings(w, "/vocabulary/source/symbols", words, 5));
    assert_ok(store_save(w));
    assert_ok(store_open(&r, path, "sample", 1));
    assert_ok(sides_load(&got, r));
    ck_assert_ptr_eq(got.vocabularies[SIDE_SOURCE], got.vocabularies[SIDE_TARGET]);
    assert_symbols(got.vocabularies[SIDE_SOURCE], 5);
    store_close(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/sides_file");
    TCase *tests = tcase_create("file");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, two_come_back);
    tcase_add_test(tests, a_joint_one_serves_both_sides);
    tcase_add_test(tests, a_mask_comes_back);
    tcase_add_test(tests, tags_are_not_copied);
    tcase_add_test(tests, a_joint_one_may_stand_there_once);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
