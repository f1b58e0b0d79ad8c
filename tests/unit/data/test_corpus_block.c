/* test_corpus_block.c - blocks of lines: what they have together is the corpus. */
#include "corpus_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "unit_check.h"

enum { LINES = 9000 };

static char folder[64], paths[2][96];

static void setup(void)
{
    strcpy(folder, "/tmp/lockstep-block-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (int i = 0; i < 2; i++)
        snprintf(paths[i], sizeof(paths[i]), "%s/%d", folder, i);
}

static void teardown(void)
{
    for (int i = 0; i < 2; i++)
        unlink(paths[i]);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* Lines of 1 to `most` digits; `text` is freed by the caller. */
static void write_lines(const char *path, int lines, int most, const char *end, buffer *text)
{
    for (int i = 0; i < lines; i++)
        ck_assert_int_eq(
            buffer_add_text(text, "%0*d%s", 1 + i % most, i % 10, i + 1 < lines ? "\n" : end),
            STATUS_OK);
    ck_assert_int_eq(file_save(path, text->data, text->size), STATUS_OK);
}

static int64_t count(const char *text, size_t size)
{
    int64_t lines = 0;

    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Cut all of it: what the blocks have of each file, one after another; gives their number. */
static int cut(const config_files *files, buffer all[SIDES])
{
    corpus_cutter *cutter;
    corpus_block block;
    int64_t before = 0;
    int blocks = 0;

    ck_assert_int_eq(corpus_cutter_open(&cutter, files), STATUS_OK);
    for (;; blocks++) {
        ck_assert_int_eq(corpus_cutter_next(cutter, &block), STATUS_OK);
        if (block.sizes[SIDE_SOURCE] == 0)
            break;
        ck_assert_int_eq(block.before, before);
        before += count(block.text[SIDE_SOURCE], block.sizes[SIDE_SOURCE]);
        ck_assert_uint_eq(block.columns, files->conll != NULL && blocks > 0 ? 3 : 0);
        for (int side = 0; side < SIDES; side++)
            ck_assert_int_eq(buffer_add(&all[side], block.text[side], block.sizes[side]),
                             STATUS_OK);
        if (files->target != NULL)
            ck_assert_int_eq(count(all[0].data, all[0].size), count(all[1].data, all[1].size));
        if (files->conll != NULL && all[0].size < 200000)
            ck_assert_str_eq(all[0].data + all[0].size - 2, "\n\n");
    }
    ck_assert(corpus_cutter_share(cutter) == 1.0);
    corpus_cutter_close(cutter);
    return blocks;
}

static void check_same(buffer *found, buffer *expected)
{
    ck_assert_uint_eq(found->size, expected->size);
    ck_assert_mem_eq(found->data, expected->data, expected->size);
    buffer_free(found);
    buffer_free(expected);
}

START_TEST(one_file)
{
    static const char *const ends[] = {"", "\n", "\n\n"};

    for (int i = 0; i < 3; i++) {
        buffer text = {0}, all[SIDES] = {{0}};

        write_lines(paths[0], LINES, 60, ends[i], &text);
        ck_assert_int_gt(cut(&(config_files){.pairs = paths[0]}, all), 3);
        check_same(&all[0], &text);
        ck_assert_uint_eq(all[1].size, 0);
        buffer_free(&all[1]);
    }
}
END_TEST

/* Of lines that are not alike in length. */
START_TEST(two_files)
{
    buffer texts[SIDES] = {{0}}, all[SIDES] = {{0}};

    write_lines(paths[0], LINES, 80, "\n", &texts[0]);
    write_lines(paths[1], LINES, 7, "\n", &texts[1]);
    ck_assert_int_gt(cut(&(config_files){.source = paths[0], .target = paths[1]}, all), 3);
    for (int side = 0; side < SIDES; side++)
        check_same(&all[side], &texts[side]);
}
END_TEST

START_TEST(a_line_longer_than_a_block)
{
    buffer text = {0}, all[SIDES] = {{0}};

    ck_assert_int_eq(buffer_reserve(&text, 5 * CORPUS_BLOCK_BYTES), STATUS_OK);
    memset(text.data, 'x', 5 * CORPUS_BLOCK_BYTES);
    text.size = 5 * CORPUS_BLOCK_BYTES;
    ck_assert_int_eq(buffer_add_text(&text, "\ty\nz\ty\n"), STATUS_OK);
    ck_assert_int_eq(file_save(paths[0], text.data, text.size), STATUS_OK);
    ck_assert_int_le(cut(&(config_files){.pairs = paths[0]}, all), 2);
    check_same(&all[0], &text);
    buffer_free(&all[1]);
}
END_TEST

START_TEST(sentences_stay_whole)
{
    buffer text = {0}, all[SIDES] = {{0}};

    for (int i = 0; i < LINES; i++)
        ck_assert_int_eq(buffer_add_text(&text, i % 9 == 8 ? "\n" : "word%d of TAG\n", i),
                         STATUS_OK);
    ck_assert_int_eq(buffer_add_text(&text, "\n"), STATUS_OK);
    ck_assert_int_eq(file_save(paths[0], text.data, text.size), STATUS_OK);
    ck_assert_int_gt(cut(&(config_files){.conll = paths[0]}, all), 1);
    check_same(&all[0], &text);
    buffer_free(&all[1]);
}
END_TEST

START_TEST(a_file_that_ends_first_is_refused)
{
    buffer texts[SIDES] = {{0}};
    corpus_cutter *cutter;
    corpus_block block = {.sizes = {1}};
    status result = STATUS_OK;

    write_lines(paths[0], LINES, 9, "\n", &texts[0]);
    write_lines(paths[1], LINES - 1, 9, "\n", &texts[1]);
    ck_assert_int_eq(
        corpus_cutter_open(&cutter, &(config_files){.source = paths[0], .target = paths[1]}),
        STATUS_OK);
    while (result == STATUS_OK && block.sizes[SIDE_SOURCE] > 0)
        result = corpus_cutter_next(cutter, &block);
    ck_assert_int_eq(result, STATUS_INPUT);
    corpus_cutter_close(cutter);
    for (int side = 0; side < SIDES; side++)
        buffer_free(&texts[side]);
}
END_TEST

START_TEST(a_block_travels)
{
    const corpus_block block = {
        .before = 7, .columns = 3, .sizes = {4, 2}, .text = {"a\nb\n", "\n\n"}};
    const config_files files = {.source = "one", .target = "two"};
    corpus_line lines[SIDES];
    buffer saved = {0};
    corpus *from;
    bool end;

    ck_assert_int_eq(corpus_block_save(&block, &saved), STATUS_OK);
    const corpus_block loaded = corpus_block_load(saved.data);
    ck_assert_int_eq(corpus_open_block(&from, &files, &loaded), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(corpus_next(from, lines, &end), STATUS_OK);
        ck_assert(!end);
        ck_assert_str_eq(lines[SIDE_SOURCE].text, i == 0 ? "a" : "b");
        ck_assert_uint_eq(lines[SIDE_TARGET].size, 0);
    }
    corpus_blame(from, fail(STATUS_INPUT, "bad"));
    ck_assert_str_eq(error_message(), "one:9 and two:9: bad");
    ck_assert_int_eq(corpus_next(from, lines, &end), STATUS_OK);
    ck_assert(end);
    corpus_close(from);
    buffer_free(&saved);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("corpus_block");
    TCase *group = tcase_create("corpus_block");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, one_file);
    tcase_add_test(group, two_files);
    tcase_add_test(group, a_line_longer_than_a_block);
    tcase_add_test(group, sentences_stay_whole);
    tcase_add_test(group, a_file_that_ends_first_is_refused);
    tcase_add_test(group, a_block_travels);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
