/* test_side.c - elements and specials, and batches with a source of frames: window, packer
 * and loader move what they do not know. */
#include "lockstep/data/side.h"

#include <string.h>

#include "lockstep/base/half.h"
#include "lockstep/data/loader.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/text/vocabulary.h"
#include "made_frames.h"
#include "packer.h"
#include "unit_check.h"

enum { TOKENS = 40, GRAINS = 3 };

static const element elements[SIDES] = {{ELEMENT_FRAME, MADE_FRAMES_WIDTH},
                                        {ELEMENT_SYMBOL, 0}};
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
    ck_assert_int_eq(specials_count((specials){.begin = true, .end = true}), 2);
}
END_TEST

/* ---- what a batch makes of them ---- */

static void check_sentence(const batch *b, int s)
{
    int64_t pair = b->pairs[s];
    const float *x = b->source.frames + (size_t)b->source.offsets[s] * MADE_FRAMES_WIDTH;
    const int32_t *y = b->target.ids + b->target.offsets[s];
    int frames = made_frames_length(pair, SIDE_SOURCE),
        symbols = made_frames_length(pair, SIDE_TARGET);
    bool same = y[symbols] == TOKEN_END;

    ck_assert_int_eq(b->source.offsets[s + 1] - b->source.offsets[s], frames);
    ck_assert_int_eq(b->target.offsets[s + 1] - b->target.offsets[s], symbols + 1);
    for (int f = 0; f < frames; f++)
        for (int c = 0; c < MADE_FRAMES_WIDTH; c++)
            same &= x[f * MADE_FRAMES_WIDTH + c] == made_frames_number(pair, f, c);
    for (int i = 0; i < symbols; i++)
        same &= y[i] == made_frames_symbol(pair, i);
    ck_assert_msg(same, "pair %lld differs", (long long)pair);
}

static void check_view(const packed *side, bool frames)
{
    ck_assert((side->ids == NULL) == frames);
    ck_assert((side->frames == NULL) == !frames);
    ck_assert_int_eq(side->frame_width, frames ? MADE_FRAMES_WIDTH : 0);
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
        int frames = made_frames_length(b->pairs[s], SIDE_SOURCE);
        int symbols = made_frames_length(b->pairs[s], SIDE_TARGET) + 1;

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
    static char seen[MADE_FRAMES_PAIRS];
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
    ck_assert_int_eq(pairs, MADE_FRAMES_PAIRS);
    loader_destroy(l);
}

START_TEST(a_loader_delivers_frames)
{
    const pair_source from = made_frames_source();

    check_epoch(&from);
}
END_TEST

/* Every tenth pair is empty then on both sides, and is delivered too. */
START_TEST(without_specials_a_batch_is_the_elements_alone)
{
    const pair_source from = made_frames_source();
    loader *l = open_loader(&from, (specials){0});
    int pairs = 0;
    bool end;

    while (loader_tell(l).epoch == 0) {
        batch b;
        int64_t rows[SIDES] = {0};

        ck_assert_int_eq(loader_next(l, &b, &end), STATUS_OK);
        for (int s = 0; s < b.source.sequences; s++, pairs++)
            for (int side = 0; side < SIDES; side++)
                rows[side] += made_frames_length(b.pairs[s], (dataset_side)side);
        ck_assert_int_eq(b.source.rows, rows[SIDE_SOURCE]);
        ck_assert_int_eq(b.target.rows, rows[SIDE_TARGET]);
        ck_assert_int_eq(b.global_target_tokens, rows[SIDE_TARGET]);
    }
    ck_assert_int_eq(pairs, MADE_FRAMES_PAIRS);
    loader_destroy(l);
}
END_TEST

START_TEST(a_set_holds_frames)
{
    const pair_source from = made_frames_source();
    pair_set loaded = {0}, set = {0};
    uint16_t frames[MADE_FRAMES_LONGEST * MADE_FRAMES_WIDTH];
    int32_t symbols[8];
    size_t count;

    memcpy(set.elements, elements, sizeof(elements));
    for (int64_t pair = 0; pair < MADE_FRAMES_PAIRS; pair++) {
        made_frames_write(pair, frames);
        made_frames_write_symbols(pair, symbols);
        ck_assert_int_eq(pair_set_put(&set, SIDE_SOURCE, frames,
                                      (size_t)made_frames_length(pair, SIDE_SOURCE)),
                         STATUS_OK);
        ck_assert_int_eq(pair_set_put(&set, SIDE_TARGET, symbols,
                                      (size_t)made_frames_length(pair, SIDE_TARGET)),
                         STATUS_OK);
        ck_assert_int_eq(pair_set_add(&set), STATUS_OK);
    }
    const uint16_t *x = pair_set_get(&set, SIDE_SOURCE, 3, &count);
    ck_assert_uint_eq(count, 1); /* 3 * 7 % 10 */
    ck_assert(half_to_float(x[2]) == made_frames_number(3, 0, 2));
    const pair_source again = pair_set_source(&set);
    check_epoch(&again);
    ck_assert_int_eq(pair_set_load(&loaded, &from), STATUS_OK);
    for (int side = 0; side < SIDES; side++) {
        ck_assert_uint_eq(loaded.sides[side].elements.size, set.sides[side].elements.size);
        ck_assert_mem_eq(loaded.sides[side].elements.data, set.sides[side].elements.data,
                         set.sides[side].elements.size);
    }
    pair_set_free(&loaded);
    pair_set_free(&set);
}
END_TEST

/* The pairs 2 and 1 of a set in its order, by hand. */
START_TEST(a_packer_lays_out_frames)
{
    const pair_source from = made_frames_source();
    const packer_room room = {
        .rows = {4 + 7, 1 + 1 + 3 + 1}, .longest = {7, 4}, .pairs = 2, .grains = 2};
    uint16_t frames[MADE_FRAMES_LONGEST * MADE_FRAMES_WIDTH];
    packer p;
    window w;
    batch b;

    ck_assert_int_eq(window_init(&w, &from, 1, 1, false), STATUS_OK);
    ck_assert_int_eq(window_open(&w, 0, 0), STATUS_OK);
    w.wanted[1] = w.wanted[2] = true;
    ck_assert_int_eq(window_read(&w), STATUS_OK);
    ck_assert_ptr_null(w.sides[SIDE_SOURCE].elements);
    ck_assert_int_eq(window_load(&w, SIDE_SOURCE, 2, frames), STATUS_OK);
    ck_assert(half_to_float(frames[4]) == made_frames_number(2, 1, 1));
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
    ck_assert(b.source.frames[5 * MADE_FRAMES_WIDTH + 1] == made_frames_number(1, 1, 1));
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
    tcase_add_test(tests, without_specials_a_batch_is_the_elements_alone);
    tcase_add_test(tests, a_set_holds_frames);
    tcase_add_test(tests, a_packer_lays_out_frames);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
