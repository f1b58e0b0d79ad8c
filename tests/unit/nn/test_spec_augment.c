/* test_spec_augment.c - bands of frequencies and runs of time that learning does not see. */
#include "lockstep/nn/spec_augment.h"

#include <string.h>

#include "unit_check.h"

enum { MELS = 12, STACK = 3, WIDTH = MELS * STACK, GRAINS = 3, SENTENCES = 6, ROWS = 41 };

/* Rows of each sentence; the grain in the middle has one alone. */
static const int32_t offsets[SENTENCES + 1] = {0, 9, 10, 25, 32, 33, ROWS};
static const int32_t grain_sequences[GRAINS + 1] = {0, 3, 4, SENTENCES};
static const int32_t grain_rows[GRAINS + 1] = {0, 25, 32, ROWS};

static arena memory;
static float ones[ROWS * WIDTH];

static packed all_sentences(void)
{
    return (packed){.rows = ROWS,
                    .sequences = SENTENCES,
                    .grains = GRAINS,
                    .frames = ones,
                    .frame_width = WIDTH,
                    .offsets = offsets,
                    .grain_rows = grain_rows,
                    .grain_sequences = grain_sequences};
}

/* What the pass sees, as [all frames][MELS] of 0 and 1. */
static const float *mask(spec_augment s, packed packed, uint32_t draw, int threads)
{
    pass pass = {
        .arena = &memory, .threads = threads, .dropout = true, .seed = 7, .draw = draw};

    s.mels = MELS;
    s.stack = STACK;
    return spec_augment_push(&s, &pass, &packed).data;
}

static void setup(void)
{
    ck_assert_int_eq(arena_init(&memory, 16 << 20), STATUS_OK);
    for (int i = 0; i < ROWS * WIDTH; i++)
        ones[i] = 1.0f;
}

static void teardown(void)
{
    arena_free(&memory);
}

/* How many of a line of `count` numbers, `stride` apart, are 0; they stand together. */
static int hidden(const float *at, int count, int stride)
{
    int zeros = 0, last = -1;
    bool together = true;

    for (int i = 0; i < count; i++)
        if (at[i * stride] == 0.0f) {
            together = together && (zeros == 0 || last == i - 1);
            last = i;
            zeros++;
        }
    ck_assert(together);
    return zeros;
}

START_TEST(a_band_of_mels_is_hidden_in_all_frames_of_a_sentence)
{
    int seen[6] = {0};

    for (uint32_t draw = 0; draw < 300; draw++) {
        const float *x = mask((spec_augment){.frequency_masks = 1, .frequency_width = 5},
                              all_sentences(), draw, 1);
        for (int s = 0; s < SENTENCES; s++) {
            const float *first = x + offsets[s] * WIDTH;
            int width = hidden(first, MELS, 1);
            ck_assert_int_le(width, 5);
            seen[width]++;
            for (int f = 1; f < (offsets[s + 1] - offsets[s]) * STACK; f++)
                ck_assert_mem_eq(first + f * MELS, first, MELS * sizeof(float));
        }
        arena_release(&memory, 0);
    }
    for (int width = 0; width <= 5; width++) /* 300 each in the mean */
        ck_assert(seen[width] > 230 && seen[width] < 370);
}
END_TEST

START_TEST(a_run_of_time_counts_frames_before_they_are_stacked)
{
    int begins[STACK] = {0}, seen[5] = {0};

    for (uint32_t draw = 0; draw < 300; draw++) {
        const float *x =
            mask((spec_augment){.time_masks = 1, .time_width = 4}, all_sentences(), draw, 2);
        for (int s = 0; s < SENTENCES; s++) {
            const float *first = x + offsets[s] * WIDTH;
            int frames = (offsets[s + 1] - offsets[s]) * STACK, begin = 0;
            int length = hidden(first, frames, MELS);
            ck_assert_int_le(length, frames < 4 ? frames : 4);
            seen[length]++;
            while (begin < frames && first[begin * MELS] != 0.0f)
                begin++;
            begins[begin % STACK] += length > 0;
            for (int m = 1; m < MELS; m++)
                ck_assert_int_eq(hidden(first + m, frames, MELS), length);
        }
        arena_release(&memory, 0);
    }
    for (int i = 0; i < STACK; i++)
        ck_assert_int_gt(begins[i], 200);
    for (int length = 0; length <= 4; length++)
        ck_assert_int_gt(seen[length], 200);
}
END_TEST

/* Masks as wide as can be hide all of a short sentence, and never what is behind it. */
START_TEST(no_mask_leaves_its_sentence)
{
    bool whole = false;

    for (uint32_t draw = 0; draw < 100; draw++) {
        const float *x =
            mask((spec_augment){.time_masks = 1, .time_width = 1000}, all_sentences(), draw, 1);
        const float *one = x + offsets[1] * WIDTH;
        whole = whole || hidden(one, STACK, MELS) == STACK;
        x = mask((spec_augment){.frequency_masks = 1, .frequency_width = 1000}, all_sentences(),
                 draw, 1);
        ck_assert_int_le(hidden(x, MELS, 1), MELS);
        arena_release(&memory, 0);
    }
    ck_assert(whole);
}
END_TEST

/* Of a rank that holds the last two grains alone, on other threads; and with other lengths in
 * front of a sentence. */
START_TEST(a_mask_depends_on_its_sentence_alone)
{
    const spec_augment s = {
        .frequency_masks = 2, .frequency_width = 4, .time_masks = 2, .time_width = 6};
    static const int32_t fewer[] = {0, 7, 8, 16}, sequences[] = {0, 1, 3}, rows[] = {0, 7, 16};
    packed part = all_sentences(), other = all_sentences();
    static const int32_t longer[SENTENCES + 1] = {0, 10, 10, 25, 32, 33, ROWS};

    part.rows = 16;
    part.sequences = 3;
    part.grains = 2;
    part.first_grain = 1;
    part.offsets = fewer;
    part.grain_rows = rows;
    part.grain_sequences = sequences;
    other.offsets = longer;
    const float *whole = mask(s, all_sentences(), 5, 1);
    ck_assert_mem_eq(mask(s, part, 5, 3), whole + 25 * WIDTH, 16 * WIDTH * sizeof(float));
    ck_assert_mem_eq(mask(s, other, 5, 1) + 10 * WIDTH, whole + 10 * WIDTH,
                     (ROWS - 10) * WIDTH * sizeof(float));
    ck_assert(memcmp(mask(s, all_sentences(), 6, 1), whole, sizeof(ones)) != 0);
    ck_assert(memcmp(whole, whole + 33 * WIDTH, 8 * WIDTH * sizeof(float)) != 0);
}
END_TEST

START_TEST(only_learning_is_masked)
{
    spec_augment s = {.mels = MELS, .stack = STACK, .time_masks = 2, .time_width = 6};
    packed packed = all_sentences();
    pass pass = {.arena = &memory, .threads = 1, .dropout = false};

    ck_assert_ptr_eq(spec_augment_push(&s, &pass, &packed).data, ones);
    ck_assert_ptr_eq(mask((spec_augment){0}, packed, 1, 1), ones);
    ck_assert_ptr_ne(mask(s, packed, 1, 1), ones);
    for (int i = 0; i < ROWS * WIDTH; i++)
        ck_assert(ones[i] == 1.0f);
}
END_TEST

static Suite *spec_augment_suite(void)
{
    Suite *suite = suite_create("nn/spec_augment");
    TCase *tests = tcase_create("spec_augment");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_band_of_mels_is_hidden_in_all_frames_of_a_sentence);
    tcase_add_test(tests, a_run_of_time_counts_frames_before_they_are_stacked);
    tcase_add_test(tests, no_mask_leaves_its_sentence);
    tcase_add_test(tests, a_mask_depends_on_its_sentence_alone);
    tcase_add_test(tests, only_learning_is_masked);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(spec_augment_suite());
}
