/* test_packer.c - what a batch adds to sentences of symbols. */
#include "lockstep/base/token.h"
#include "lockstep/data/loader.h"
#include "lockstep/data/pair_set.h"
#include "unit_check.h"

enum { PAIRS = 3 };

static void add(pair_set *set, const int32_t *ids, size_t count)
{
    ck_assert_int_eq(pair_set_put(set, SIDE_SOURCE, ids, count), STATUS_OK);
    ck_assert_int_eq(pair_set_put(set, SIDE_TARGET, ids, 1), STATUS_OK);
    ck_assert_int_eq(pair_set_add(set), STATUS_OK);
}

/* One batch of 5 | 6 7 8 | 9 9, in two grains. */
static loader *open_loader(pair_set *set, specials of_source)
{
    const loader_settings settings = {.tokens = 100,
                                      .grains = 2,
                                      .last_grain = 2,
                                      .window = 10,
                                      .specials = {of_source, {0}}};
    pair_source from;
    loader *l;

    add(set, (int32_t[]){5}, 1);
    add(set, (int32_t[]){6, 7, 8}, 3);
    add(set, (int32_t[]){9, 9}, 2);
    from = pair_set_source(set);
    ck_assert_int_eq(loader_create_from(&l, &from, &settings), STATUS_OK);
    return l;
}

static void check(const packed *got, const int32_t *ids, const int32_t *offsets)
{
    ck_assert_int_eq(got->sequences, PAIRS);
    for (int s = 0; s <= PAIRS; s++)
        ck_assert_int_eq(got->offsets[s], offsets[s]);
    ck_assert_int_eq(got->rows, offsets[PAIRS]);
    ck_assert_mem_eq(got->ids, ids, (size_t)got->rows * sizeof(*ids));
    ck_assert_int_eq(got->grain_rows[got->grains], got->rows);
}

static const struct {
    specials with;
    int32_t ids[12], offsets[PAIRS + 1];
} cases[] = {
    {{0}, {5, 6, 7, 8, 9, 9}, {0, 1, 4, 6}},
    {{.begin = true}, {1, 5, 1, 6, 7, 8, 1, 9, 9}, {0, 2, 6, 9}},
    {{.end = true}, {5, 2, 6, 7, 8, 2, 9, 9, 2}, {0, 2, 6, 9}},
    {{true, true}, {1, 5, 2, 1, 6, 7, 8, 2, 1, 9, 9, 2}, {0, 3, 8, 12}},
};

START_TEST(specials_frame_every_sentence)
{
    pair_set set = {0};
    loader *l = open_loader(&set, cases[_i].with);
    batch b;
    bool end;

    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    check(&b.source, cases[_i].ids, cases[_i].offsets);
    check(&b.target, (int32_t[]){5, 6, 9}, (int32_t[]){0, 1, 2, 3});
    ck_assert_int_eq(b.global_source_tokens, cases[_i].offsets[PAIRS]);
    loader_destroy(l);
    pair_set_free(&set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("packer");
    TCase *tests = tcase_create("packer");

    tcase_add_loop_test(tests, specials_frame_every_sentence, 0,
                        sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
