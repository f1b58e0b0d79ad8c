/* test_sides_audio.c - a source of audio: its settings in a file, its lines. */
#include "sides_audio.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "made_tone.h"
#include "unit_check.h"

static const char *const words[4] = {"<unk>", "<begin>", "<end>", "x"};
static const audio_settings settings = {8000, 8, 2, 25.6, 10};

static char path[64], wav[64];
static sides made, got;

static void assert_ok(status result)
{
    ck_assert_msg(result == STATUS_OK, "%s", error_message());
}

static void setup(void)
{
    snprintf(path, sizeof(path), "/tmp/lockstep-audio-%d.h5", (int)getpid());
    snprintf(wav, sizeof(wav), "/tmp/lockstep-audio-%d.wav", (int)getpid());
    made.audio = settings;
    assert_ok(audio_features_create(&made.features, &settings));
    assert_ok(vocabulary_load(&made.vocabularies[SIDE_TARGET], VOCABULARY_WORDS, words, 4, NULL,
                              0, false));
}

static void teardown(void)
{
    sides_free(&got);
    sides_free(&made);
    unlink(path);
    unlink(wav);
}

static status load(void)
{
    store_reader *r;

    assert_ok(store_open(&r, path, "sample", 1));
    status result = sides_load(&got, r);
    store_close(r);
    return result;
}

START_TEST(they_come_back)
{
    store_writer *w;
    config c = {.data.source.kind = INPUT_AUDIO};

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(sides_save(&made, w));
    assert_ok(store_save(w));
    assert_ok(load());
    ck_assert(sides_are_audio(&got, SIDE_SOURCE) && !sides_are_audio(&got, SIDE_TARGET));
    ck_assert(!sides_are_joint(&got));
    ck_assert_mem_eq(&got.audio, &settings, sizeof(settings));
    ck_assert_ptr_null(sides_vocabulary(&got, SIDE_SOURCE));
    ck_assert_int_eq(sides_symbols(&got, SIDE_SOURCE), 0);
    ck_assert_int_eq(sides_symbols(&got, SIDE_TARGET), 4);
    ck_assert_int_eq(sides_element(&got, SIDE_SOURCE).kind, ELEMENT_FRAME);
    ck_assert_int_eq(sides_element(&got, SIDE_SOURCE).width, 16);
    assert_ok(sides_check(&got, &c));
    c.data.source.kind = INPUT_TEXT;
    ck_assert_int_eq(sides_check(&got, &c), STATUS_FORMAT);
    ck_assert_ptr_nonnull(strstr(error_message(), "its source is audio"));
}
END_TEST

/* A stranger's file. */
static status craft(const char *text, int64_t joint, int64_t copy)
{
    store_writer *w;

    assert_ok(store_create(&w, path, "sample", 1));
    assert_ok(store_add_number(w, "joint", joint));
    assert_ok(store_add_number(w, "copy", copy));
    assert_ok(store_add_text(w, "source_audio", text));
    assert_ok(store_add_number(w, "target_vocabulary", VOCABULARY_WORDS));
    assert_ok(store_add_number(w, "source_vocabulary", VOCABULARY_WORDS));
    assert_ok(store_add_strings(w, "/vocabulary/target/symbols", words, 4));
    assert_ok(store_add_strings(w, "/vocabulary/source/symbols", words, 4));
    assert_ok(store_save(w));
    status result = load();
    sides_free(&got);
    return result;
}

START_TEST(settings_that_no_configuration_has_are_refused)
{
    static const char *const bad[] = {
        "",
        "rate 16000 mels 80 window 25 hop 10",
        "rate 16000 mels 80 window 25 hop 10 stack 4 more",
        "rate 1 mels 80 window 25 hop 10 stack 4",
        "rate 16000 mels 0 window 25 hop 10 stack 4",
        "rate 16000 mels 80 window 1e9 hop 10 stack 4",
        "rate 16000 mels 80 window nan hop 10 stack 4",
        "rate 16000 mels 80 window 25 hop 26 stack 4",
        "rate 16000 mels 80 window 25 hop 10 stack -4",
        "rate 16000 mels 80 window 25 hop 10 stack 99999999999999999999",
    };

    assert_ok(craft("rate 16000 mels 80 window 25 hop 10 stack 4", 0, 0));
    ck_assert_int_eq(craft("rate 16000 mels 80 window 25 hop 10 stack 4", 1, 0), STATUS_FORMAT);
    ck_assert_int_eq(craft("rate 16000 mels 80 window 25 hop 10 stack 4", 0, 1), STATUS_FORMAT);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(craft(bad[i], 0, 0) == STATUS_FORMAT, "%s", bad[i]);
}
END_TEST

static size_t encode(const char *name, const char *folder, size_t most, pair_set *to)
{
    const corpus_line line = {name, strlen(name)};
    size_t length = 99;

    assert_ok(sides_encode(&made, SIDE_SOURCE, &line, folder, most, to, &length));
    return length;
}

START_TEST(a_line_is_a_file)
{
    pair_set set = {0};
    size_t count, length;
    const corpus_line gone = {"gone.wav", 8};

    made_tone_save(wav, 300, 440);
    length = encode(wav, "ignored/", 100, &set);
    ck_assert_uint_gt(length, 10);
    assert_ok(pair_set_add(&set));
    ck_assert_uint_eq(encode(wav + strlen("/tmp/"), "/tmp/", 100, &set), length);
    assert_ok(pair_set_add(&set));
    ck_assert_uint_eq(encode(wav, "", length - 1, &set), length); /* nothing put */
    ck_assert_uint_eq(encode("", "/tmp/", 100, &set), 0);
    ck_assert_int_eq(sides_encode(&made, SIDE_SOURCE, &gone, "/tmp/no/", 9, &set, &length),
                     STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/tmp/no/gone.wav"));
    assert_ok(pair_set_add(&set));
    const void *first = pair_set_get(&set, SIDE_SOURCE, 0, &count);
    ck_assert_mem_eq(first, pair_set_get(&set, SIDE_SOURCE, 1, &count), count * 16 * 2);
    pair_set_get(&set, SIDE_SOURCE, 2, &count);
    ck_assert_uint_eq(count, 0);
    pair_set_free(&set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/sides_audio");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, they_come_back);
    tcase_add_test(tests, settings_that_no_configuration_has_are_refused);
    tcase_add_test(tests, a_line_is_a_file);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
