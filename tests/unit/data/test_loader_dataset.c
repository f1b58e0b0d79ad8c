/* test_loader_dataset.c - batches of a dataset that was prepared from text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/data/loader.h"
#include "unit_check.h"

enum { PAIRS = 3000 };

static char folder[] = "/tmp/lockstep-loader-XXXXXX";

static void write_text(const char *name, int pairs)
{
    char path[FILE_PATH_MAX];

    ck_assert_int_eq(file_join(path, folder, name), STATUS_OK);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < pairs; i++)
        fprintf(file, "%d%s\t%d %d\n", i, i % 3 == 0 ? " a b" : "", i % 10, i % 7);
    fclose(file);
}

static dataset *prepare(void)
{
    char text[4 * FILE_PATH_MAX], path[FILE_PATH_MAX];
    config c;
    dataset *out;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_text("train.tsv", PAIRS);
    write_text("valid.tsv", 20);
    snprintf(text, sizeof(text),
             "run: {folder: %s/run}\n"
             "data:\n"
             "  source: {kind: text, vocabulary: words}\n"
             "  target: {kind: text, vocabulary: words}\n"
             "  train: {pairs: %s/train.tsv}\n"
             "  valid: {pairs: %s/valid.tsv}\n",
             folder, folder, folder);
    ck_assert_msg(config_load_text(&c, "test", text, NULL, 0) == STATUS_OK, "%s",
                  error_message());
    ck_assert_msg(dataset_prepare(&c) == STATUS_OK, "%s", error_message());
    ck_assert_int_eq(dataset_path(&c, path, sizeof(path)), STATUS_OK);
    ck_assert_msg(dataset_open(&out, path, true) == STATUS_OK, "%s", error_message());
    config_free(&c);
    return out;
}

static void remove_files(void)
{
    static const char *const names[] = {"run/dataset.h5", "run", "train.tsv", "valid.tsv", ""};
    char path[FILE_PATH_MAX];

    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(file_join(path, folder, names[i]), STATUS_OK);
        ck_assert_int_eq(remove(path), 0);
    }
}

static void check_text(const vocabulary *from, const int32_t *ids, int count,
                       const char *expected)
{
    buffer out = {0};

    ck_assert_int_eq(vocabulary_decode(from, ids, (size_t)count, "", &out), STATUS_OK);
    ck_assert_str_eq(out.data, expected);
    buffer_free(&out);
}

static void check_pair(const dataset *from, const batch *b, int s)
{
    int i = (int)b->pairs[s];
    const int32_t *x = b->source.offsets + s, *y = b->target.offsets + s;
    char expected[64];

    snprintf(expected, sizeof(expected), "%d%s", i, i % 3 == 0 ? " a b" : "");
    check_text(sides_vocabulary(dataset_sides(from), SIDE_SOURCE), b->source.ids + x[0],
               x[1] - x[0] - 1, expected);
    snprintf(expected, sizeof(expected), "%d %d", i % 10, i % 7);
    check_text(sides_vocabulary(dataset_sides(from), SIDE_TARGET), b->target.ids + y[0],
               y[1] - y[0] - 1, expected);
}

START_TEST(reads_what_was_written)
{
    dataset *from = prepare();
    const loader_settings settings = {.seed = 1,
                                      .shuffle = true,
                                      .tokens = 500,
                                      .grains = 4,
                                      .last_grain = 4,
                                      .window = 1,
                                      .specials = {{.end = true}, {.end = true}}};
    char seen[PAIRS] = {0};
    int64_t pairs = 0;
    loader *l;
    batch b;
    bool end;

    ck_assert_int_eq(loader_create(&l, from, SPLIT_TEST, &settings), STATUS_INPUT);
    ck_assert_ptr_nonnull(strstr(error_message(), "data.test"));
    ck_assert_int_eq(loader_create(&l, from, SPLIT_TRAIN, &settings), STATUS_OK);
    ck_assert_int_eq(loader_pairs(l), PAIRS);
    while (loader_tell(l).epoch == 0) {
        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
        for (int s = 0; s < b.source.sequences; s++) {
            ck_assert(!seen[b.pairs[s]]);
            seen[b.pairs[s]] = 1;
            check_pair(from, &b, s);
        }
        pairs += b.global_pairs;
    }
    ck_assert_int_eq(pairs, PAIRS);
    loader_destroy(l);
    dataset_close(from);
    remove_files();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/loader_dataset");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, reads_what_was_written);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
