/* test_dataset_parts.c - several files are read as one. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
#include "made_dataset.h"
#include "made_parts.h"
#include "unit_check.h"

enum { PAIRS = 2500, PARTS = 3, CUTS = 2 };

/* Somewhere, and where a block (data/window.h) ends. */
static const int64_t cuts[CUTS][PARTS + 1] = {{0, 833, 1666, PAIRS}, {0, 1024, 1025, PAIRS}};

static char paths[PARTS][96], list[400];
static config several;

static void write_text(void)
{
    FILE *file = fopen(made.train, "w");

    for (int i = 0; i < PAIRS; i++)
        fprintf(file, "%.*s\t%s%d\n", 1 + i % 4, i % 3 == 0 ? "abcd" : "dcba",
                i % 5 == 0 ? "x " : "", i % 97);
    fclose(file);
}

static void write_part(int part, int64_t first, int64_t end, uint64_t content)
{
    made_parts_write(made.path, paths[part], part + 1, PARTS, first, end, content);
}

/* The dataset in one file, opened, and cut into several. */
static dataset *prepare(int how)
{
    write_text();
    dataset *whole = made_dataset_prepared();
    list[0] = '\0';
    for (int part = 0; part < PARTS; part++) {
        snprintf(paths[part], sizeof(paths[part]), "%s/%d.h5", made.folder, part);
        write_part(part, cuts[how][part], cuts[how][part + 1], dataset_content(whole));
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", part > 0 ? "\n" : "",
                 paths[part]);
    }
    several = made.settings;
    several.data.dataset = list;
    return whole;
}

static dataset *open_several(void)
{
    dataset *opened;

    ck_assert_msg(dataset_open_of(&opened, &several, true) == STATUS_OK, "%s", error_message());
    return opened;
}

static void close_all(dataset *whole)
{
    dataset_close(whole);
    for (int part = 0; part < PARTS; part++)
        unlink(paths[part]);
}

static void check_pairs(dataset *a, dataset *b, dataset_side side, int64_t first, int64_t count)
{
    static int32_t lengths[2][PAIRS], ids[2][PAIRS * 4];
    dataset *of[2] = {a, b};
    int64_t total[2] = {0};

    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(dataset_lengths(of[i], SPLIT_TRAIN, side, first, count, lengths[i]),
                         STATUS_OK);
        ck_assert_int_eq(dataset_load(of[i], SPLIT_TRAIN, side, first, count, ids[i]),
                         STATUS_OK);
        for (int64_t k = 0; k < count; k++)
            total[i] += lengths[i][k];
    }
    ck_assert_mem_eq(lengths[0], lengths[1], (size_t)count * sizeof(int32_t));
    ck_assert_mem_eq(ids[0], ids[1], (size_t)total[0] * sizeof(int32_t));
}

START_TEST(has_the_same_pairs)
{
    dataset *whole = prepare(_i), *parts = open_several();

    ck_assert_int_eq(dataset_pairs(parts, SPLIT_TRAIN), PAIRS);
    ck_assert_int_eq(dataset_pairs(parts, SPLIT_VALID), dataset_pairs(whole, SPLIT_VALID));
    ck_assert(dataset_content(parts) == dataset_content(whole));
    ck_assert(dataset_is(parts, dataset_content(whole)));
    for (int side = 0; side < SIDES; side++) {
        check_pairs(whole, parts, (dataset_side)side, 0, PAIRS);
        for (int64_t first = 0; first < PAIRS; first += 101)
            for (int64_t count = 0; first + count <= PAIRS; count = count * 2 + 1)
                check_pairs(whole, parts, (dataset_side)side, first, count);
    }
    dataset_close(parts);
    close_all(whole);
}
END_TEST

START_TEST(gives_the_same_batches)
{
    dataset *of[2] = {prepare(_i), open_several()};
    const loader_settings settings = {.seed = 3,
                                      .shuffle = true,
                                      .ahead = true,
                                      .tokens = 300,
                                      .grains = 4,
                                      .last_grain = 2,
                                      .window = 1024,
                                      .specials = {{.end = true}, {.end = true}}};
    loader *from[2];
    batch b[2];
    bool end;

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(loader_create(&from[i], of[i], SPLIT_TRAIN, &settings), STATUS_OK);
    while (loader_tell(from[0]).epoch < 2) {
        for (int i = 0; i < 2; i++)
            ck_assert_msg(loader_next(from[i], &b[i], &end) == STATUS_OK, "%s",
                          error_message());
        ck_assert_int_eq(b[0].source.rows, b[1].source.rows);
        ck_assert_mem_eq(b[0].source.ids, b[1].source.ids,
                         (size_t)b[0].source.rows * sizeof(int32_t));
        ck_assert_mem_eq(b[0].target.ids, b[1].target.ids,
                         (size_t)b[0].target.rows * sizeof(int32_t));
    }
    for (int i = 0; i < 2; i++)
        loader_destroy(from[i]);
    dataset_close(of[1]);
    close_all(of[0]);
}
END_TEST

static void check_refused(status expected, const char *file, const char *what)
{
    dataset *opened;

    made_dataset_message(dataset_open_of(&opened, &several, false), expected, what);
    ck_assert_ptr_nonnull(strstr(error_message(), file));
    ck_assert_ptr_null(opened);
}

static void check_misplaced(const char *file, const char *what)
{
    bool whole;

    check_refused(STATUS_CONFIG, file, what);
    made_dataset_message(dataset_check_parts(&several, &whole), STATUS_CONFIG, what);
}

static void check_to_be_made(void)
{
    bool whole = true;

    ck_assert_int_eq(dataset_check_parts(&several, &whole), STATUS_OK);
    ck_assert(!whole);
}

START_TEST(refuses_files_in_wrong_places)
{
    char other[400];
    bool whole;
    dataset *one = prepare(0);

    ck_assert_int_eq(dataset_check_parts(&several, &whole), STATUS_OK);
    ck_assert(whole);
    several.data.dataset = other;
    snprintf(other, sizeof(other), "%s\n%s\n%s", paths[0], paths[2], paths[1]);
    check_misplaced(paths[2],
                    "is file 3 of the 3 of a dataset, but data.dataset has it as file "
                    "2 of 3");
    snprintf(other, sizeof(other), "%s\n%s", paths[0], paths[1]);
    check_misplaced(paths[0],
                    "is file 1 of the 3 of a dataset, but data.dataset has it as file "
                    "1 of 2");
    snprintf(other, sizeof(other), "%s", paths[0]);
    check_misplaced(paths[0], "as file 1 of 1");
    snprintf(other, sizeof(other), "%s\n%s", made.path, paths[1]);
    check_misplaced(made.path, "is a whole dataset");
    close_all(one);
}
END_TEST

START_TEST(refuses_files_that_are_missing_or_of_another_dataset)
{
    bool whole;
    dataset *one = prepare(0);

    unlink(paths[1]);
    check_refused(STATUS_INPUT, paths[1], "No such file");
    check_to_be_made();
    write_part(1, 833, 1666, 1234);
    check_refused(STATUS_FORMAT, paths[1], "is of another dataset than");
    check_to_be_made();
    made_dataset_save(paths[1], "");
    check_refused(STATUS_FORMAT, paths[1], "is empty");
    check_to_be_made();
    write_part(1, 833, 1666, dataset_content(one));
    ck_assert_int_eq(dataset_check_parts(&several, &whole), STATUS_OK);
    ck_assert(whole);
    close_all(one);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/dataset_parts");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, made_dataset_open, made_dataset_close);
    tcase_add_loop_test(tests, has_the_same_pairs, 0, CUTS);
    tcase_add_loop_test(tests, gives_the_same_batches, 0, CUTS);
    tcase_add_test(tests, refuses_files_in_wrong_places);
    tcase_add_test(tests, refuses_files_that_are_missing_or_of_another_dataset);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
