/* test_sentencepiece.c - vocabularies of kind sentencepiece, and users' models. */
#include "sentencepiece.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/text/vocabulary.h"
#include "unit_check.h"

enum { SIZE = 50 };

static status build(vocabulary **out, int size, int unigram)
{
    vocabulary_settings settings = {
        .kind = VOCABULARY_SENTENCEPIECE, .size = size, .unigram = unigram};
    vocabulary_builder *builder;
    char line[64];

    TRY(vocabulary_builder_create(&builder, &settings));
    for (int i = 0; i < 100; i++) {
        int length =
            snprintf(line, sizeof(line),
                     i % 2 ? "the quick brown fox %d" : "jumps over %d lazy dogs", i * i);

        ck_assert_int_eq(vocabulary_builder_add(builder, line, (size_t)length), STATUS_OK);
    }
    status result = vocabulary_build(out, builder);

    vocabulary_builder_destroy(builder);
    return result;
}

static void check_round_trip(const vocabulary *made, const char *line, const char *expected)
{
    int32_t ids[64] = {TOKEN_BEGIN};
    size_t count;
    buffer out = {0};

    ck_assert_int_eq(vocabulary_encode(made, line, strlen(line), ids + 1, 62, &count),
                     STATUS_OK);
    ck_assert_uint_le(count, 62);
    for (size_t i = 1; i <= count; i++)
        ck_assert_int_ge(ids[i], TOKEN_SPECIALS);
    ids[count + 1] = TOKEN_END;
    ck_assert_int_eq(vocabulary_decode(made, ids, count + 2, "", &out), STATUS_OK);
    ck_assert_str_eq(out.data, expected);
    buffer_free(&out);
}

START_TEST(a_model_is_trained_and_decodes)
{
    vocabulary *made;

    ck_assert_int_eq(build(&made, SIZE, _i), STATUS_OK);
    ck_assert_int_eq(vocabulary_size(made), SIZE);
    ck_assert_str_eq(vocabulary_symbol(made, 2), "<end>");
    check_round_trip(made, "the lazy fox  jumps", "the lazy fox jumps");
    vocabulary_destroy(made);
}
END_TEST

/* The model of every `step`-th of 1,000 lines of the same length, of at most `sample` bytes. */
static vocabulary *build_sample(int step, size_t sample)
{
    const vocabulary_settings settings = {
        .kind = VOCABULARY_SENTENCEPIECE, .size = SIZE, .sample = sample};
    vocabulary_builder *builder;
    vocabulary *made;
    char line[64];

    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_OK);
    for (int i = 0; i < 1000; i += step) {
        snprintf(line, sizeof(line), "%04d quick brown %03d", i * 7 % 10000, i * i % 1000);
        ck_assert_int_eq(vocabulary_builder_add(builder, line, strlen(line)), STATUS_OK);
    }
    ck_assert_int_eq(vocabulary_build(&made, builder), STATUS_OK);
    vocabulary_builder_destroy(builder);
    return made;
}

/* A thousand lines of 21 bytes: 250 of them are fewer than 6,000 bytes, 500 are not. */
START_TEST(of_a_large_text_a_sample_is_learnt_from)
{
    vocabulary *sampled = build_sample(1, 6000), *fourth = build_sample(4, 0);
    size_t sizes[2];
    const void *one = vocabulary_model(sampled, &sizes[0]);
    const void *other = vocabulary_model(fourth, &sizes[1]);

    ck_assert_uint_eq(sizes[0], sizes[1]);
    ck_assert_mem_eq(one, other, sizes[0]);
    vocabulary_destroy(sampled);
    vocabulary_destroy(fourth);
}
END_TEST

/* By whichever commas and quotes they are spelt. */
START_TEST(symbols_of_a_user_are_kept_whole)
{
    static const char *const own[] = {"<sep>", "a,\"b\""};
    const vocabulary_settings settings = {.kind = VOCABULARY_SENTENCEPIECE,
                                          .size = SIZE,
                                          .unigram = _i,
                                          .symbols = "<sep> a,\"b\""};
    vocabulary_builder *builder;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_OK);
    for (int i = 0; i < 100; i++) {
        char line[64];
        int length =
            snprintf(line, sizeof(line), "the quick %d brown fox <sep> %d jumps", i, i * i);
        ck_assert_int_eq(vocabulary_builder_add(builder, line, (size_t)length), STATUS_OK);
    }
    ck_assert_int_eq(vocabulary_build(&made, builder), STATUS_OK);
    vocabulary_builder_destroy(builder);
    ck_assert_int_eq(vocabulary_size(made), SIZE);
    for (int i = 0; i < 2; i++)
        ck_assert_str_eq(vocabulary_symbol(made, TOKEN_SPECIALS + i), own[i]);
    check_round_trip(made, "the<sep>fox <sep> jumps a,\"b\"",
                     "the<sep>fox <sep> jumps a,\"b\"");
    int32_t ids[16];
    size_t count;
    ck_assert_int_eq(vocabulary_encode(made, "<sep>", 5, ids, 16, &count), STATUS_OK);
    ck_assert_int_eq(ids[count - 1], TOKEN_SPECIALS);
    vocabulary_destroy(made);
}
END_TEST

START_TEST(the_same_text_gives_the_same_model)
{
    vocabulary *first, *second, *loaded;
    size_t size, again;

    ck_assert_int_eq(build(&first, SIZE, _i), STATUS_OK);
    ck_assert_int_eq(build(&second, SIZE, _i), STATUS_OK);
    const void *bytes = vocabulary_model(first, &size);

    ck_assert_mem_eq(vocabulary_model(second, &again), bytes, size);
    ck_assert_uint_eq(again, size);
    ck_assert_int_eq(
        vocabulary_load(&loaded, VOCABULARY_SENTENCEPIECE, NULL, 0, bytes, size, false),
        STATUS_OK);
    for (int i = 0; i < SIZE; i++)
        ck_assert_str_eq(vocabulary_symbol(loaded, i), vocabulary_symbol(first, i));
    vocabulary_destroy(first);
    vocabulary_destroy(second);
    vocabulary_destroy(loaded);
}
END_TEST

START_TEST(an_impossible_size_names_the_possible_one)
{
    vocabulary *made;

    ck_assert_int_eq(build(&made, 5000, _i), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "largest possible is"));
    ck_assert_int_eq(build(&made, 32, _i), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "smallest possible is"));
    ck_assert_int_eq(build(&made, TOKEN_SPECIALS, _i), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "at least 4"));
}
END_TEST

static status build_tiny(int size, int unigram, bool mask)
{
    static const char line[] = "a b c";
    vocabulary_settings settings = {
        .kind = VOCABULARY_SENTENCEPIECE, .size = size, .unigram = unigram, .mask = mask};
    vocabulary_builder *builder;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_OK);
    ck_assert_int_eq(vocabulary_builder_add(builder, line, strlen(line)), STATUS_OK);
    status result = vocabulary_build(&made, builder);

    vocabulary_builder_destroy(builder);
    if (result != STATUS_OK)
        return result;
    ck_assert_int_eq(vocabulary_size(made), size);
    ck_assert_int_eq(strcmp(vocabulary_symbol(made, TOKEN_MASK), "<mask>") == 0, mask);
    check_round_trip(made, line, line);
    vocabulary_destroy(made);
    return STATUS_OK;
}

/* Three specials, three letters and the mark of a space; bpe may add pieces of two. A mask is
 * one more. */
START_TEST(a_tiny_text_has_sizes_too)
{
    int unigram = _i % 2, mask = _i / 2, least = 7 + mask, most = (unigram ? 7 : 10) + mask;

    for (int size = TOKEN_SPECIALS + 1 + mask; size < least; size++)
        ck_assert_int_eq(build_tiny(size, unigram, mask), STATUS_CONFIG);
    ck_assert_ptr_nonnull(
        strstr(error_message(), mask ? "smallest possible is 8" : "smallest possible is 7"));
    for (int size = least; size <= most; size++)
        ck_assert_int_eq(build_tiny(size, unigram, mask), STATUS_OK);
    ck_assert_int_eq(build_tiny(most + 1, unigram, mask), STATUS_CONFIG);
    ck_assert_ptr_nonnull(strstr(error_message(), "largest possible is"));
}
END_TEST

START_TEST(no_text_is_refused)
{
    vocabulary_settings settings = {.kind = VOCABULARY_SENTENCEPIECE, .size = SIZE};
    vocabulary_builder *builder;
    vocabulary *made;

    ck_assert_int_eq(vocabulary_builder_create(&builder, &settings), STATUS_OK);
    ck_assert_int_eq(vocabulary_build(&made, builder), STATUS_INPUT);
    vocabulary_builder_destroy(builder);
}
END_TEST

/* A field of a protocol buffer: 8 bits a byte suffice for the small numbers and
 * lengths here. */
static void add_field(buffer *out, int field, const void *bytes, size_t size)
{
    unsigned char head[4] = {(unsigned char)(field << 3 | 2)};

    ck_assert_uint_lt(size, 128);
    head[1] = (unsigned char)size;
    ck_assert_int_eq(buffer_add(out, head, 2), STATUS_OK);
    ck_assert_int_eq(buffer_add(out, bytes, size), STATUS_OK);
}

/* type: 1 normal, 2 unknown, 3 control. */
static void add_piece(buffer *out, const char *text, float score, char type)
{
    buffer piece = {0};
    const char kind[] = {3 << 3, type};

    add_field(&piece, 1, text, strlen(text));
    ck_assert_int_eq(buffer_add(&piece, "\x15", 1), STATUS_OK);
    ck_assert_int_eq(buffer_add(&piece, &score, sizeof(score)), STATUS_OK);
    ck_assert_int_eq(buffer_add(&piece, kind, 2), STATUS_OK);
    add_field(out, 1, piece.data, piece.size);
    buffer_free(&piece);
}

/* A unigram model as another program numbers it: pad 0, end 1, unknown 2 and no
 * begin (T5 does so). */
static void save_foreign_model(const char *path)
{
    /* trainer_spec: unk_id = 2, bos_id = -1, eos_id = 1, pad_id = 0 */
    static const char trainer[] = "\xc0\x02\x02\xc8\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                                  "\xd0\x02\x01\xd8\x02\x00";
    buffer model = {0};

    add_piece(&model, "<pad>", 0, 3);
    add_piece(&model, "</s>", 0, 3);
    add_piece(&model, "<unk>", 0, 2);
    add_piece(&model, "\xe2\x96\x81", -3, 1);
    add_piece(&model,
              "\xe2\x96\x81"
              "ab",
              -1, 1);
    add_piece(&model, "c", -2, 1);
    add_field(&model, 2, trainer, sizeof(trainer) - 1);
    ck_assert_int_eq(file_save(path, model.data, model.size), STATUS_OK);
    buffer_free(&model);
}

START_TEST(a_foreign_model_is_renumbered)
{
    static const char *const expected[] = {"<unk>",        "<begin>",        "<end>", "<pad>",
                                           "\342\226\201", "\342\226\201ab", "c"};
    char path[64];
    vocabulary *made;
    int32_t ids[8];
    size_t count;

    snprintf(path, sizeof(path), "/tmp/lockstep-foreign-%ld.model", (long)getpid());
    save_foreign_model(path);
    ck_assert_msg(vocabulary_load_model(&made, path, false) == STATUS_OK, "%s",
                  error_message());
    ck_assert_int_eq(vocabulary_size(made), 7);
    for (int i = 0; i < 7; i++)
        ck_assert_str_eq(vocabulary_symbol(made, i), expected[i]);
    ck_assert_int_eq(vocabulary_encode(made, "abcz", 4, ids, 8, &count), STATUS_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(ids[0], 5);
    ck_assert_int_eq(ids[1], 6);
    ck_assert_int_eq(ids[2], TOKEN_UNK);
    check_round_trip(made, "abc", "abc");
    vocabulary_destroy(made);
    unlink(path);
}
END_TEST

/* It has no piece of that name, or one that a user defined; text never means it. */
START_TEST(a_foreign_model_gets_a_mask)
{
    char path[64];
    vocabulary *made;
    int32_t ids[8];
    size_t count;
    buffer text = {0};

    snprintf(path, sizeof(path), "/tmp/lockstep-masked-%ld.model", (long)getpid());
    save_foreign_model(path);
    ck_assert_int_eq(vocabulary_load_model(&made, path, true), STATUS_OK);
    ck_assert(vocabulary_has_mask(made));
    ck_assert_int_eq(vocabulary_size(made), 8);
    ck_assert_str_eq(vocabulary_symbol(made, TOKEN_MASK), "<mask>");
    ck_assert_str_eq(vocabulary_symbol(made, 7), "c");
    ck_assert_int_eq(vocabulary_encode(made, "abc", 3, ids, 8, &count), STATUS_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(ids[0], 6);
    ids[1] = TOKEN_MASK;
    ck_assert_int_eq(vocabulary_decode(made, ids, 2, "", &text), STATUS_OK);
    ck_assert_str_eq(text.data, "ab");
    buffer_free(&text);
    vocabulary_destroy(made);
    unlink(path);
}
END_TEST

START_TEST(a_file_that_is_no_model_is_refused)
{
    vocabulary *made;

    ck_assert_int_eq(vocabulary_load_model(&made, "/nonexistent/x.model", false), STATUS_INPUT);
    ck_assert_int_eq(vocabulary_load_model(&made, "/proc/self/status", false), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "/proc/self/status"));
    ck_assert_int_eq(vocabulary_load(&made, VOCABULARY_SENTENCEPIECE, NULL, 0, "", 0, false),
                     STATUS_INPUT);
}
END_TEST

static void *encode_often(void *user)
{
    const char *line = "the quick brown fox jumps";
    int32_t first[64], ids[64];
    size_t count, again;

    if (vocabulary_encode(user, line, strlen(line), first, 64, &count))
        return user;
    for (int i = 0; i < 200; i++)
        if (vocabulary_encode(user, line, strlen(line), ids, 64, &again) || again != count ||
            memcmp(first, ids, count * sizeof(*ids)) != 0)
            return user;
    return NULL;
}

START_TEST(threads_may_encode_at_once)
{
    pthread_t threads[4];
    vocabulary *made;

    ck_assert_int_eq(build(&made, SIZE, 0), STATUS_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, encode_often, made), 0);
    for (int i = 0; i < 4; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    vocabulary_destroy(made);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sentencepiece");
    TCase *group = tcase_create("sentencepiece");

    tcase_set_timeout(group, 60);
    tcase_add_loop_test(group, a_model_is_trained_and_decodes, 0, 2);
    tcase_add_loop_test(group, symbols_of_a_user_are_kept_whole, 0, 2);
    tcase_add_loop_test(group, the_same_text_gives_the_same_model, 0, 2);
    tcase_add_loop_test(group, an_impossible_size_names_the_possible_one, 0, 2);
    tcase_add_loop_test(group, a_tiny_text_has_sizes_too, 0, 4);
    tcase_add_test(group, a_foreign_model_gets_a_mask);
    tcase_add_test(group, no_text_is_refused);
    tcase_add_test(group, a_foreign_model_is_renumbered);
    tcase_add_test(group, a_file_that_is_no_model_is_refused);
    tcase_add_test(group, of_a_large_text_a_sample_is_learnt_from);
    tcase_add_test(group, threads_may_encode_at_once);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
