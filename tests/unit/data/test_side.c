/* test_side.c - elements and specials, and batches with a source of frames: window, packer
 * and loader move what they do not know. */
#include "lockstep/data/side.h"

#include <string.h>

#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/loader.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/text/vocabulary.h"
#include "packer.h"
#include "unit_check.h"

enum { WIDTH = 3, PAIRS = 1500, TOKENS = 40, GRAINS = 3, LONGEST = 9 };

static const element elements[SIDES] = {{ELEMENT_FRAME, WIDTH}, {ELEMENT_SYMBOL, 0}};
static const specials ends[SIDES] = {{.end = false}, {.end = true}};

START_TEST(elements_have_sizes_and_specials_positions)
{
    ck_assert_str_eq(side_name(SIDE_SOURCE), "source");
    ck_assert_str_eq(side_name(SIDE_TARGET), "target");
    ck_assert_uint_eq(element_size((element){0}), 4);
    ck_assert_uint_eq(element_size((element){ELEMENT_SYMBOL, 80}), 4);
    ck_assert_uint_eq(element_size((element){ELEMENT_FRAME, 80}), 160);
    ck_assert_int_eq(specials_count((specials){0}), 0);
    ck_assert_int_eq(specials_count((specials){.end = true}), 1);
}
END_TEST

/* ---- pairs of frames and symbols ---- */

static int length_of(int64_t pair, dataset_side side)
{
    return (int)(side == SIDE_SOURCE ? pair * 7 % (LONGEST + 1) : pair * 3 % 5);
}

/* A half has all of it. */
static float number_of(int64_t pair, int frame, int column)
{
    return (float)(pair % 8) + 0.125f * (float)frame + 0.015625f * (float)column;
}

static int32_t symbol_of(int64_t pair, int i)
{
    return (int32_t)(TOKEN_SPECIALS + pair + i);
}

static uint16_t *write_frames(int64_t pair, uint16_t *out)
{
    for (int f = 0; f < length_of(pair, SIDE_SOURCE); f++)
        for (int c = 0; c < WIDTH; c++)
            *out++ = half_from_float(number_of(pair, f, c));
    return out;
}

static int32_t *write_symbols(int64_t pair, int32_t *out)
{
    for (int i = 0; i < length_of(pair, SIDE_TARGET); i++)
        *out++ = symbol_of(pair, i);
    return out;
}

static status lengths(void *context, dataset_side side, int64_t first, int64_t count,
                      int32_t *out)
{
    (void)context;
    for (int64_t pair = first; pair < first + count; pair++)
        *out++ = length_of(pair, side);
    return STATUS_OK;
}

static status load(void *context, dataset_side side, int64_t first, int64_t count, void *out)
{
    (void)context;
    for (int64_t pair = first; pair < first + count; pair++)
        out = side == SIDE_SOURCE ? (void *)write_frames(pair, out)
                                  : (void *)write_symbols(pair, out);
    return STATUS_OK;
}

static pair_source made(void)
{
    return (pair_source){.pairs = PAIRS,
                         .elements = {{ELEMENT_FRAME, WIDTH}, {ELEMENT_SYMBOL, 0}},
                         .lengths = lengths,
                         .load = load};
}

/* ---- what a batch makes of them ---- */

static void check_sentence(const batch *b, int s)
{
    int64_t pair = b->pairs[s];
    const float *x = b->source.frames + (size_t)b->source.offsets[s] * WIDTH;
    const int32_t *y = b->target.ids + b->target.offsets[s];
    int frames = length_of(pair, SIDE_SOURCE), symbols = length_of(pair, SIDE_TARGET);
    bool same = y[symbols] == TOKEN_END;

    ck_assert_int_eq(b->source.offsets[s + 1] - b->source.offsets[s], frames);
    ck_assert_int_eq(b->target.offsets[s + 1] - b->target.offsets[s], symbols + 1);
    for (int f = 0; f < frames; f++)
        for (int c = 0; c < WIDTH; c++)
            same &= x[f * WIDTH + c] == number_of(pair, f, c);
    for (int i = 0; i < symbols; i++)
        same &= y[i] == symbol_of(pair, i);
    ck_assert_msg(same, "pair %lld differs", (long long)pair);
}

static void check_view(const packed *side, bool frames)
{
    ck_assert((side->ids == NULL) == frames);
    ck_assert((side->frames == NULL) == !frames);
    ck_assert_int_eq(side->frame_width, frames ? WIDTH : 0);
    ck_assert_int_eq(side->offsets[0], 0);
    ck_assert_int_eq(side->offsets[side->sequences], side->rows);
    ck_assert_int_eq(side->grain_sequences[side->grains], side->sequences);
    for (int g = 0; g <= side->grains; g++)
        ck_assert_int_eq(side->grain_rows[g], side->offsets[side->grain_sequences[g]]);
}

static void check_batch(const batch *b)
{
    int cost = 0;

    check_view(&b->source, true);
    check_view(&b->target, false);
    ck_assert_int_eq(b->target.sequences, b->source.sequences);
    for (int s = 0; s < b->source.sequences; s++) {
        int frames = length_of(b->pairs[s], SIDE_SOURCE);
        int symbols = length_of(b->pairs[s], SIDE_TARGET) + 1;

        check_sentence(b, s);
        cost += frames > symbols ? frames : symbols;
    }
    ck_assert_int_le(cost, TOKENS);
}

static loader *open_loader(const pair_source *from, specials of_target)
{
    const loader_settings settings = {.seed = 5,
                                      .shuffle = true,
                                      .tokens = TOKENS,
                                      .grains = GRAINS,
                                      .last_grain = GRAINS,
                                      .window = 1,
                                      .specials = {{.end = false}, of_target}};
    loader *l;

    ck_assert_int_eq(loader_create_from(&l, from, &settings), STATUS_OK);
    return l;
}

/* One epoch; every pair once, and the counts of all ranks. */
static void check_epoch(const pair_source *from)
{
    static char seen[PAIRS];
    int pairs = 0;
    loader *l = open_loader(from, ends[SIDE_TARGET]);
    bool end;

    memset(seen, 0, sizeof(seen));
    while (loader_tell(l).epoch == 0) {
        batch b;
        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
        check_batch(&b);
        ck_assert_int_eq(b.global_source_tokens, b.source.rows);
        ck_assert_int_eq(b.global_target_tokens, b.target.rows);
        for (int s = 0; s < b.source.sequences; s++, pairs++)
            ck_assert(!seen[b.pairs[s]]++);
    }
    ck_assert_int_eq(pairs, PAIRS);
    loader_destroy(l);
}

START_TEST(a_loader_delivers_frames)
{
    const pair_source from = made();

    check_epoch(&from);
}
END_TEST

/* ---- on demand ---- */

/* Counts what is read, and fails when there is nothing left to give. */
typedef struct reading {
    int64_t pairs[SIDES], left;
} reading;

static status load_counted(void *context, dataset_side side, int64_t first, int64_t count,
                           void *out)
{
    reading *r = context;

    r->pairs[side] += count;
    if (side == SIDE_SOURCE && r->left-- == 0)
        return fail(STATUS_IO, "the frames of pair %lld are gone", (long long)first);
    return load(context, side, first, count, out);
}

static pair_source counted(reading *r)
{
    pair_source from = made();

    from.context = r;
    from.load = load_counted;
    return from;
}

START_TEST(frames_are_read_for_the_grains_of_a_rank_alone)
{
    reading r = {.left = PAIRS};
    const pair_source from = counted(&r);
    const loader_settings settings = {.seed = 5,
                                      .shuffle = true,
                                      .tokens = TOKENS,
                                      .grains = GRAINS,
                                      .first_grain = 1,
                                      .last_grain = 2,
                                      .window = PAIRS,
                                      .specials = {{.end = false}, ends[SIDE_TARGET]}};
    loader *l;
    batch b;
    bool end;
    int64_t pairs = 0;

    ck_assert_int_eq(loader_create_from(&l, &from, &settings), STATUS_OK);
    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    size_t before = memory_allocations();
    for (pairs = b.source.sequences; loader_tell(l).epoch == 0; pairs += b.source.sequences)
        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    ck_assert_uint_eq(memory_allocations(), before);
    ck_assert_int_eq(r.pairs[SIDE_SOURCE], pairs);
    ck_assert_int_lt(pairs, PAIRS / 2);
    ck_assert_int_eq(r.pairs[SIDE_TARGET], PAIRS); /* symbols are read with the window */
    loader_destroy(l);
}
END_TEST

START_TEST(frames_that_cannot_be_read_end_the_batch)
{
    reading r = {.left = 10};
    const pair_source from = counted(&r);
    loader *l = open_loader(&from, ends[SIDE_TARGET]);
    status result = STATUS_OK;
    loader_position last = {0};
    batch b;
    bool end;

    while (result == STATUS_OK) {
        last = loader_tell(l);
        result = loader_next(l, &b, &end);
    }
    ck_assert_int_eq(result, STATUS_IO);
    ck_assert_int_eq(loader_tell(l).batch, last.batch);
    r.left = PAIRS;
    ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
    check_batch(&b);
    loader_destroy(l);
}
END_TEST

/* Every tenth pair is empty then on both sides, and is delivered too. */
START_TEST(without_specials_a_batch_is_the_elements_alone)
{
    const pair_source from = made();
    loader *l = open_loader(&from, (specials){0});
    int pairs = 0;
    bool end;

    while (loader_tell(l).epoch == 0) {
        batch b;
        int64_t rows[SIDES] = {0};

        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
        for (int s = 0; s < b.source.sequences; s++, pairs++)
            for (int side = 0; side < SIDES; side++)
                rows[side] += length_of(b.pairs[s], (dataset_side)side);
        ck_assert_int_eq(b.source.rows, rows[SIDE_SOURCE]);
        ck_assert_int_eq(b.target.rows, rows[SIDE_TARGET]);
        ck_assert_int_eq(b.global_target_tokens, rows[SIDE_TARGET]);
    }
    ck_assert_int_eq(pairs, PAIRS);
    loader_destroy(l);
}
END_TEST

START_TEST(a_set_holds_frames)
{
    const pair_source from = made();
    pair_set loaded = {0}, set = {0};
    uint16_t frames[LONGEST * WIDTH];
    int32_t symbols[8];
    size_t count;

    memcpy(set.elements, elements, sizeof(elements));
    for (int64_t pair = 0; pair < PAIRS; pair++) {
        write_frames(pair, frames);
        write_symbols(pair, symbols);
        ck_assert_int_eq(
            pair_set_put(&set, SIDE_SOURCE, frames, (size_t)length_of(pair, SIDE_SOURCE)),
            STATUS_OK);
        ck_assert_int_eq(
            pair_set_put(&set, SIDE_TARGET, symbols, (size_t)length_of(pair, SIDE_TARGET)),
            STATUS_OK);
        ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    }
    const uint16_t *x = pair_set_get(&set, SIDE_SOURCE, 3, &count);
    ck_assert_uint_eq(count, 1); /* 3 * 7 % 10 */
    ck_assert(half_to_float(x[2]) == number_of(3, 0, 2));
    const pair_source again = pair_set_source(&set);
    check_epoch(&again);
    ck_assert_int_eq(pair_set_load(&loaded, &from), STATUS_OK);
    ck_assert(!pair_set_refers(&loaded, SIDE_TARGET));
    ck_assert_mem_eq(loaded.sides[SIDE_TARGET].elements.data,
                     set.sides[SIDE_TARGET].elements.data,
                     set.sides[SIDE_TARGET].elements.size);
    const pair_source referring = pair_set_source(&loaded);
    check_epoch(&referring);
    pair_set_free(&loaded);
    pair_set_free(&set);
}
END_TEST

START_TEST(frames_may_stay_where_they_are)
{
    reading r = {.left = PAIRS};
    const pair_source from = counted(&r);
    pair_set loaded = {0}, some = {0};
    uint16_t frames[LONGEST * WIDTH], expected[LONGEST * WIDTH];

    ck_assert_int_eq(pair_set_load(&loaded, &from), STATUS_OK);
    ck_assert(pair_set_refers(&loaded, SIDE_SOURCE) && !pair_set_refers(&loaded, SIDE_TARGET));
    ck_assert_int_eq(r.pairs[SIDE_SOURCE], 0);
    for (int64_t pair = 7; pair < 100; pair += 2) {
        ck_assert_int_eq(pair_set_put_of(&some, SIDE_SOURCE, &loaded, pair), STATUS_OK);
        ck_assert_int_eq(pair_set_put_of(&some, SIDE_TARGET, &loaded, pair), STATUS_OK);
        if (pair % 5 == 0)
            pair_set_drop(&some);
        else
            ck_assert_int_eq(pair_set_add(&some), STATUS_OK);
    }
    ck_assert_int_eq(some.pairs, 38);
    for (int64_t i = 0, pair = 7; i < some.pairs; pair += 2) {
        if (pair % 5 == 0)
            continue;
        size_t count = pair_set_length(&some, SIDE_SOURCE, i);
        write_frames(pair, expected);
        ck_assert_int_eq((int)count, length_of(pair, SIDE_SOURCE));
        ck_assert_int_eq(pair_set_read(&some, SIDE_SOURCE, i++, frames), STATUS_OK);
        ck_assert_mem_eq(frames, expected, count * WIDTH * sizeof(*frames));
    }
    ck_assert_int_eq(r.pairs[SIDE_SOURCE], some.pairs);
    r.left = 0;
    ck_assert_int_eq(pair_set_read(&some, SIDE_SOURCE, 0, frames), STATUS_IO);
    pair_set_free(&loaded);
    pair_set_free(&some);
}
END_TEST

/* The pairs 2 and 1 of a set in its order, by hand. */
START_TEST(a_packer_lays_out_frames)
{
    const pair_source from = made();
    const packer_room room = {
        .rows = {4 + 7, 1 + 1 + 3 + 1}, .longest = {7, 4}, .pairs = 2, .grains = 2};
    uint16_t frames[LONGEST * WIDTH];
    packer p;
    window w;
    batch b;

    ck_assert_int_eq(window_init(&w, &from, 1, 1, false), STATUS_OK);
    ck_assert_int_eq(window_open(&w, 0, 0), STATUS_OK);
    ck_assert_ptr_null(w.sides[SIDE_SOURCE].elements);
    ck_assert_int_eq(window_load(&w, SIDE_SOURCE, 2, frames), STATUS_OK);
    ck_assert(half_to_float(frames[4]) == number_of(2, 1, 1));
    packer_init(&p, elements, ends);
    ck_assert_int_eq(packer_reserve(&p, &room), STATUS_OK);
    packer_begin(&p);
    ck_assert_int_eq(packer_add(&p, &w, 2), STATUS_OK); /* 4 frames, 1 symbol */
    packer_end_grain(&p);
    ck_assert_int_eq(packer_add(&p, &w, 1), STATUS_OK); /* 7 frames, 3 symbols */
    packer_end_grain(&p);
    packer_batch(&p, 6, &b);
    ck_assert_int_eq(b.source.rows, 11);
    ck_assert_int_eq(b.target.rows, 6);
    ck_assert_int_eq(b.source.first_grain, 6);
    ck_assert_mem_eq(b.source.grain_rows, ((int32_t[]){0, 4, 11}), 12);
    ck_assert_mem_eq(b.target.grain_rows, ((int32_t[]){0, 2, 6}), 12);
    ck_assert(b.source.frames[5 * WIDTH + 1] == number_of(1, 1, 1));
    check_batch(&b);
    packer_free(&p);
    window_free(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/side");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, elements_have_sizes_and_specials_positions);
    tcase_add_test(tests, a_loader_delivers_frames);
    tcase_add_test(tests, frames_are_read_for_the_grains_of_a_rank_alone);
    tcase_add_test(tests, frames_that_cannot_be_read_end_the_batch);
    tcase_add_test(tests, without_specials_a_batch_is_the_elements_alone);
    tcase_add_test(tests, a_set_holds_frames);
    tcase_add_test(tests, frames_may_stay_where_they_are);
    tcase_add_test(tests, a_packer_lays_out_frames);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
