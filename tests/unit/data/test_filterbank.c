/* test_filterbank.c */
#include "filterbank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit_check.h"

static const audio_settings small = {
    .rate = 4000, .mels = 6, .stack = 1, .window = 10.1, .hop = 5};

enum { WINDOW = 40, LENGTH = 64, MELS = 6 };

static double mel(double frequency)
{
    return 2595.0 * log10(1.0 + frequency / 700.0);
}

/* By the definitions, one sum after another. */
static double energy(const double *samples, int band)
{
    double pi = acos(-1.0), step = (mel(2000.0) - mel(20.0)) / (MELS + 1), sum = 0.0;
    double left = mel(20.0) + band * step, middle = left + step, right = middle + step;

    for (int k = 0; k <= LENGTH / 2; k++) {
        double real = 0.0, imaginary = 0.0, at = mel(k * 4000.0 / LENGTH);

        for (int t = 0; t < WINDOW; t++) {
            double value = samples[t] * (0.5 - 0.5 * cos(2.0 * pi * t / WINDOW));
            real += value * cos(2.0 * pi * k * t / LENGTH);
            imaginary -= value * sin(2.0 * pi * k * t / LENGTH);
        }
        if (at > left && at < right)
            sum += (real * real + imaginary * imaginary) *
                   (at < middle ? (at - left) / step : (right - at) / step);
    }
    return sum;
}

START_TEST(a_frame_is_as_defined)
{
    filterbank *bank;
    double samples[WINDOW];
    float mels[MELS];

    ck_assert_int_eq(filterbank_create(&bank, &small), STATUS_OK);
    ck_assert_uint_eq(filterbank_window(bank), WINDOW);
    ck_assert_uint_eq(filterbank_hop(bank), 20);
    for (int turn = 0; turn < 3; turn++) {
        for (int t = 0; t < WINDOW; t++)
            samples[t] = 0.5 * sin(0.3 * t + turn) + 0.2 * cos(1.7 * t) + 0.01 * (t % 7);
        filterbank_frame(bank, samples, mels);
        for (int b = 0; b < MELS; b++)
            ck_assert_double_eq_tol(mels[b], log(energy(samples, b)), 1e-5);
    }
    filterbank_destroy(bank);
}
END_TEST

START_TEST(nothing_is_the_floor)
{
    filterbank *bank;
    double samples[WINDOW] = {0};
    float mels[MELS];

    ck_assert_int_eq(filterbank_create(&bank, &small), STATUS_OK);
    filterbank_frame(bank, samples, mels);
    for (int b = 0; b < MELS; b++)
        ck_assert_double_eq_tol(mels[b], log(1e-10), 1e-5);
    filterbank_destroy(bank);
}
END_TEST

START_TEST(no_band_is_empty)
{
    audio_settings s = {.rate = 16000, .mels = 400, .stack = 1, .window = 25, .hop = 10};
    filterbank *bank;
    const char *most;
    int mels;

    ck_assert_int_eq(filterbank_create(&bank, &s), STATUS_CONFIG);
    ck_assert_msg(strncmp(error_message(),
                          "data.source.mels (400) are more than a window of 25 ms tells apart "
                          "at 16000 Hz: at most ",
                          87) == 0,
                  "%s", error_message());
    most = strstr(error_message(), "at most ") + 8;
    mels = (int)strtol(most, NULL, 10);
    ck_assert_int_ge(mels, 80);
    s.mels = mels;
    ck_assert_int_eq(filterbank_create(&bank, &s), STATUS_OK);
    filterbank_destroy(bank);
    s.mels = mels + 1;
    ck_assert_int_eq(filterbank_create(&bank, &s), STATUS_CONFIG);
}
END_TEST

/* Of what the configuration allows, the least and the most. */
static const audio_settings extremes[] = {
    {.rate = 4000, .mels = 1, .stack = 1, .window = 1, .hop = 1},
    {.rate = 192000, .mels = 1024, .stack = 1000, .window = 1000, .hop = 1000},
    {.rate = 192000, .mels = 1, .stack = 1, .window = 1, .hop = 1},
    {.rate = 4000, .mels = 40, .stack = 1, .window = 64, .hop = 16},
};

START_TEST(extremes_work)
{
    filterbank *bank;
    static double samples[192000];
    float mels[1024];

    for (int t = 0; t < 192000; t++)
        samples[t] = sin(t * 0.1);
    ck_assert_msg(filterbank_create(&bank, &extremes[_i]) == STATUS_OK, "%s", error_message());
    filterbank_frame(bank, samples, mels);
    for (int b = 0; b < extremes[_i].mels; b++)
        ck_assert(isfinite(mels[b]));
    filterbank_destroy(bank);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filterbank");
    TCase *tests = tcase_create("filterbank");

    tcase_add_test(tests, a_frame_is_as_defined);
    tcase_add_test(tests, nothing_is_the_floor);
    tcase_add_test(tests, no_band_is_empty);
    tcase_add_loop_test(tests, extremes_work, 0, (int)(sizeof extremes / sizeof extremes[0]));
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
