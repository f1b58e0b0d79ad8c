/* test_transformer_use.c - the assembled model at work: what it decodes agrees with what it was
 * trained for, packed or not. */
#include <math.h>

#include "made_cases.h"

/* -log p of gold from logits. */
static double nll_of(const float *logits, int at)
{
    float largest = logits[0]; /* of double, gcc 12 for aarch64 ends in an internal error */
    double sum = 0.0;

    for (int c = 0; c < SYMBOLS; c++)
        largest = fmaxf(largest, logits[c]);
    for (int c = 0; c < SYMBOLS; c++)
        sum += exp((double)logits[c] - largest);
    return largest + log(sum) - logits[at];
}

START_TEST(decoding_agrees_with_training)
{
    float logits[SYMBOLS];
    head_result result;

    setup_case(_i);
    transformer *t = create(0);
    packed_run source = source_grains(0, GRAINS);
    packed_run target =
        packed_run_create(target_ids, target_offsets, grain_sequences, 0, GRAINS);
    pass pass = {.arena = &memory, .threads = 2};
    transformer_forward(t, &pass, &source.packed, &target.packed, gold, &result);
    body_memory encoded = transformer_encode(t, &pass, &source.packed);
    matrix y = transformer_decode(t, &pass, &encoded, &target.packed);
    for (int r = 0; r < target.packed.rows; r++) {
        transformer_log_p(t, &pass, matrix_rows(y, r, 1), NULL,
                          matrix_view(logits, 1, SYMBOLS));
        if (!(fabs(result.rows.nll[r] - nll_of(logits, gold[r])) < 1e-5))
            ck_abort_msg("row %d: %g, but %g decoded", r, result.rows.nll[r],
                         nll_of(logits, gold[r]));
    }
    packed_run_free(&source);
    packed_run_free(&target);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* The log p of all symbols are those of a distribution, packed or not, and the likeliest is its
 * largest. */
static void compare_choice(const transformer *t, pass *pass, matrix state)
{
    const generator_best_query query = {.count = 1, .favoured = -1};
    float all[SYMBOLS], log_p;
    double sum = 0.0;
    int32_t symbol;

    transformer_log_p(t, pass, state, NULL, matrix_view(all, 1, SYMBOLS));
    transformer_best(t, pass, state, &query, &symbol, &log_p);
    for (int c = 0; c < SYMBOLS; c++) {
        sum += exp(all[c]);
        ck_assert(all[c] <= all[symbol]);
    }
    ck_assert_double_eq_tol(sum, 1.0, 1e-5);
    ck_assert_double_eq_tol(log_p, all[symbol], 1e-5);
}

START_TEST(the_head_chooses_by_the_logits)
{
    setup_case(_i);
    transformer *t = create(0);
    pass pass = {.arena = &memory, .threads = 1};
    matrix states = made_matrix_create(10, options.model.width, 0, 5);
    for (int r = 0; r < states.rows; r++)
        compare_choice(t, &pass, matrix_rows(states, r, 1));
    ck_assert_int_eq(transformer_pack(t, 2), STATUS_OK);
    for (int r = 0; r < states.rows; r++)
        compare_choice(t, &pass, matrix_rows(states, r, 1));
    made_matrix_free(states);
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* The decoder's states of sentences [first, first + count), which are one grain. */
static matrix decode_some(const transformer *t, int threads, int first, int count)
{
    const int32_t sequences[] = {0, count};
    pass pass = {.arena = &memory, .threads = threads};
    int32_t offsets[2][SEQUENCES + 1];
    const int32_t s = source_offsets[first], f = target_offsets[first];

    for (int i = 0; i <= count; i++) {
        offsets[0][i] = source_offsets[first + i] - s;
        offsets[1][i] = target_offsets[first + i] - f;
    }
    packed_run source = source_run(s, offsets[0], sequences, 0, 1);
    packed_run target = packed_run_create(target_ids + f, offsets[1], sequences, 0, 1);
    body_memory encoded = transformer_encode(t, &pass, &source.packed);
    matrix states = transformer_decode(t, &pass, &encoded, &target.packed);
    packed_run_free(&source);
    packed_run_free(&target);
    return states;
}

/* In a batch of more rows than a tile has, and alone. */
START_TEST(packed_a_sentence_has_the_same_bits_in_any_batch)
{
    setup_case(_i);
    transformer *t = create(0);
    ck_assert_int_eq(transformer_pack(t, 1), STATUS_OK);
    matrix all = decode_some(t, 2, 0, SEQUENCES);
    ck_assert_int_gt(source_offsets[SEQUENCES], TILE_ROWS);
    for (int s = 0; s < SEQUENCES; s++) {
        matrix one = decode_some(t, 1, s, 1);
        ck_assert_mem_eq(one.data, matrix_row(all, target_offsets[s]),
                         (size_t)(one.rows * one.cols) * sizeof(float));
    }
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

/* Packed where the values stood, as a model that only decodes. */
START_TEST(packed_in_place_says_the_same)
{
    setup_case(_i);
    transformer *t = create(0);
    ck_assert_int_eq(transformer_pack(t, 1), STATUS_OK);
    matrix copied = decode_some(t, 1, 0, SEQUENCES);
    transformer_unpack(t);
    ck_assert_int_eq(transformer_pack_in_place(t, 2), STATUS_OK);
    matrix moved = decode_some(t, 1, 0, SEQUENCES);
    ck_assert_mem_eq(moved.data, copied.data,
                     (size_t)(moved.rows * moved.cols) * sizeof(float));
    transformer_destroy(t);
    arena_free(&memory);
}
END_TEST

static Suite *transformer_use_suite(void)
{
    Suite *suite = suite_create("model/transformer_use");
    TCase *tests = tcase_create("transformer_use");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, decoding_agrees_with_training, 0, CASES);
    tcase_add_loop_test(tests, the_head_chooses_by_the_logits, 0, CASES);
    tcase_add_loop_test(tests, packed_a_sentence_has_the_same_bits_in_any_batch, 0, CASES);
    tcase_add_loop_test(tests, packed_in_place_says_the_same, 0, CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(transformer_use_suite());
}
