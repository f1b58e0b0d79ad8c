/* test_resampler.c */
#include "resampler.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

enum { MOST = 200000 };

/* All of `samples` at another rate, taken and given in portions; gives how many. */
static size_t resample(int from, int to, const double *samples, size_t count, double *out,
                       size_t portion, size_t room)
{
    resampler *r;
    size_t at = 0, total = 0, made = 1;

    ck_assert_int_eq(resampler_create(&r, from, to), STATUS_OK);
    while (at < count) {
        size_t taken, wanted = portion < count - at ? portion : count - at;

        ck_assert_int_eq(
            resampler_run(r, samples + at, wanted, &taken, out + total, room, &made),
            STATUS_OK);
        ck_assert_uint_le(made, room);
        at += taken;
        total += made;
    }
    do {
        ck_assert_int_eq(resampler_finish(r, out + total, room, &made), STATUS_OK);
        ck_assert_uint_le(made, room);
        total += made;
        ck_assert_uint_lt(total, MOST - room);
    } while (made > 0);
    resampler_destroy(r);
    return total;
}

static const struct {
    int from, to;
} rates[] = {{8000, 16000},  {44100, 16000}, {48000, 16000}, {11025, 16000}, {16000, 8000},
             {22050, 16000}, {44101, 16000}, {1000, 16000},  {96000, 44100}, {999983, 4000}};

/* A tone that both rates hold stays the same tone, in time and in strength. */
START_TEST(a_tone_stays)
{
    int from = rates[_i].from, to = rates[_i].to;
    double turn = 2.0 * acos(-1.0) * 0.3 * (from < to ? from : to);
    size_t count = (size_t)(from * 2 / 5), made;
    double *in = memory_create(count, sizeof *in), *out = memory_create(MOST, sizeof *out);

    for (size_t t = 0; t < count; t++)
        in[t] = sin(turn * (double)t / from);
    made = resample(from, to, in, count, out, 4096, 4096);
    ck_assert_uint_eq(made, resampler_length(from, to, count));
    ck_assert_double_eq_tol((double)made, (double)count * to / from, 0.5001);
    for (size_t t = made / 4; t < made * 3 / 4; t++)
        ck_assert_double_eq_tol(out[t], sin(turn * (double)t / to), 1e-4);
    memory_destroy(in);
    memory_destroy(out);
}
END_TEST

START_TEST(a_tone_above_the_rate_goes)
{
    static double in[44100], out[MOST];
    size_t made;

    for (int t = 0; t < 44100; t++)
        in[t] = sin(2.0 * acos(-1.0) * 9000.0 * t / 44100);
    made = resample(44100, 16000, in, 44100, out, 1000, 1000);
    for (size_t t = made / 4; t < made * 3 / 4; t++)
        ck_assert_double_lt(fabs(out[t]), 1e-7);
}
END_TEST

START_TEST(portions_do_not_matter)
{
    static double in[44100], whole[MOST], parts[MOST];
    size_t made;

    for (int t = 0; t < 44100; t++)
        in[t] = sin(t * 0.1) + 0.001 * (t % 7);
    made = resample(44100, 16000, in, 44100, whole, 44100, 44100);
    ck_assert_uint_eq(resample(44100, 16000, in, 44100, parts, 333, 17), made);
    ck_assert_int_eq(memcmp(whole, parts, made * sizeof *whole), 0);
}
END_TEST

START_TEST(few_samples)
{
    double in[4] = {1.0, 1.0, 1.0, 1.0}, *out = memory_create(MOST, sizeof *out);

    for (size_t count = 0; count <= 4; count++)
        for (int i = 0; i < (int)(sizeof rates / sizeof rates[0]); i++)
            ck_assert_uint_eq(resample(rates[i].from, rates[i].to, in, count, out, 3, 64),
                              resampler_length(rates[i].from, rates[i].to, count));
    memory_destroy(out);
}
END_TEST

START_TEST(lengths_are_rounded)
{
    ck_assert_uint_eq(resampler_length(44100, 16000, 0), 0);
    ck_assert_uint_eq(resampler_length(44100, 16000, 44100), 16000);
    ck_assert_uint_eq(resampler_length(2, 1, 5), 3);
    ck_assert_uint_eq(resampler_length(16000, 8000, 4), 2);
    ck_assert_uint_eq(resampler_length(1000, 192000, (uint64_t)1 << 50),
                      ((uint64_t)1 << 50) * 192);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resampler");
    TCase *tests = tcase_create("resampler");

    tcase_add_loop_test(tests, a_tone_stays, 0, (int)(sizeof rates / sizeof rates[0]));
    tcase_add_test(tests, a_tone_above_the_rate_goes);
    tcase_add_test(tests, portions_do_not_matter);
    tcase_add_test(tests, few_samples);
    tcase_add_test(tests, lengths_are_rounded);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
