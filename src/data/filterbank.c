/* filterbank.c - a window of sound as log-mel energies. */
#include "filterbank.h"

#include <fftw3.h>
#include <math.h>
#include <stdbool.h>

#include "lockstep/base/memory.h"

static const double LOWEST = 20.0; /* Hz */
static const double FLOOR = 1e-10; /* energy */

/* A triangle: where its weights begin among the frequencies and among all weights. */
typedef struct band {
    size_t first, count, weight;
} band;

struct filterbank {
    int rate, mels;
    size_t window, hop, length, bins; /* samples; of the transform; length / 2 + 1 */
    double *hann;                     /* [window] */
    double *wave;                     /* [length], 0 from `window` on */
    fftw_complex *spectrum;           /* [bins] */
    double *power;                    /* [bins] */
    double *weights;                  /* of all bands, at most two for each bin */
    band *bands;                      /* [mels] */
    fftw_plan plan;
};

/* ---- triangles ---- */

static double mel_of(double frequency)
{
    return 2595.0 * log10(1.0 + frequency / 700.0);
}

/* The weight of `mel` in band `b` of `mels`, whose middles are equally far from each other. */
static double weight_of(double mel, int b, int mels, int rate)
{
    double low = mel_of(LOWEST), step = (mel_of(rate / 2.0) - low) / (mels + 1);
    double from_middle = fabs(mel - (low + (b + 1) * step)) / step;

    return from_middle < 1.0 ? 1.0 - from_middle : 0.0;
}

/* Band `b` of `mels`, with weights from `used` on. It does not begin before `first`. */
static band make_band(const filterbank *bank, int b, int mels, size_t first, size_t used)
{
    band made = {.first = first, .weight = used};

    for (size_t bin = first; bin < bank->bins; bin++) {
        double frequency = (double)bin * bank->rate / (double)bank->length;
        double weight = weight_of(mel_of(frequency), b, mels, bank->rate);

        if (weight > 0.0 && made.count == 0)
            made.first = bin;
        if (weight > 0.0)
            bank->weights[used + made.count++] = weight;
        else if (made.count > 0)
            break;
    }
    return made;
}

/* False when a band holds no frequency. */
static bool make_bands(const filterbank *bank, int mels)
{
    size_t first = 0, used = 0;

    for (int b = 0; b < mels; b++) {
        band made = make_band(bank, b, mels, first, used);
        if (made.count == 0)
            return false;
        first = made.first;
        used += made.count;
        bank->bands[b] = made;
    }
    return true;
}

static status set_bands(filterbank *bank, const audio_settings *settings)
{
    int most = settings->mels;

    if (make_bands(bank, settings->mels))
        return STATUS_OK;
    do
        most--;
    while (most > 1 && !make_bands(bank, most));
    return fail(
        STATUS_CONFIG,
        "data.source.mels (%d) are more than a window of %g ms tells apart at %d Hz: at "
        "most %d, or make data.source.window longer",
        settings->mels, settings->window, settings->rate, most);
}

/* ---- the bank ---- */

static size_t whole_samples(double milliseconds, int rate)
{
    double samples = floor(milliseconds * rate / 1000.0 + 0.5);

    return samples < 1.0 ? 1 : (size_t)samples;
}

static void set_sizes(filterbank *bank, const audio_settings *settings)
{
    bank->rate = settings->rate;
    bank->mels = settings->mels;
    bank->window = whole_samples(settings->window, settings->rate);
    bank->hop = whole_samples(settings->hop, settings->rate);
    bank->length = 2;
    while (bank->length < bank->window)
        bank->length *= 2;
    bank->bins = bank->length / 2 + 1;
}

static status make_tables(filterbank *bank)
{
    double turn = 2.0 * acos(-1.0) / (double)bank->window;

    bank->hann = memory_create(bank->window, sizeof *bank->hann);
    bank->wave = memory_create(bank->length, sizeof *bank->wave);
    bank->spectrum = memory_create(bank->bins, sizeof *bank->spectrum);
    bank->power = memory_create(bank->bins, sizeof *bank->power);
    bank->weights = memory_create(2 * bank->bins, sizeof *bank->weights);
    bank->bands = memory_create((size_t)bank->mels, sizeof *bank->bands);
    if (!bank->hann || !bank->wave || !bank->spectrum || !bank->power || !bank->weights ||
        !bank->bands)
        return fail(STATUS_NOMEM, "out of memory for the tables of audio features");
    for (size_t t = 0; t < bank->window; t++)
        bank->hann[t] = 0.5 - 0.5 * cos(turn * (double)t);
    bank->plan =
        fftw_plan_dft_r2c_1d((int)bank->length, bank->wave, bank->spectrum, FFTW_ESTIMATE);
    if (bank->plan == NULL)
        return fail(STATUS_NOMEM, "no plan for a Fourier transform of %zu", bank->length);
    return STATUS_OK;
}

status filterbank_create(filterbank **out, const audio_settings *settings)
{
    filterbank *bank = memory_create(1, sizeof *bank);
    status result;

    if (bank == NULL)
        return fail(STATUS_NOMEM, "out of memory for the tables of audio features");
    set_sizes(bank, settings);
    result = make_tables(bank);
    if (result == STATUS_OK)
        result = set_bands(bank, settings);
    if (result == STATUS_OK)
        *out = bank;
    else
        filterbank_destroy(bank);
    return result;
}

void filterbank_destroy(filterbank *bank)
{
    if (bank == NULL)
        return;
    if (bank->plan != NULL)
        fftw_destroy_plan(bank->plan);
    memory_destroy(bank->hann);
    memory_destroy(bank->wave);
    memory_destroy(bank->spectrum);
    memory_destroy(bank->power);
    memory_destroy(bank->weights);
    memory_destroy(bank->bands);
    memory_destroy(bank);
}

size_t filterbank_window(const filterbank *bank)
{
    return bank->window;
}

size_t filterbank_hop(const filterbank *bank)
{
    return bank->hop;
}

void filterbank_frame(filterbank *bank, const double *samples, float *mels)
{
    for (size_t t = 0; t < bank->window; t++)
        bank->wave[t] = samples[t] * bank->hann[t];
    fftw_execute(bank->plan);
    for (size_t k = 0; k < bank->bins; k++) {
        double real = bank->spectrum[k][0], imaginary = bank->spectrum[k][1];
        bank->power[k] = real * real + imaginary * imaginary;
    }
    for (int b = 0; b < bank->mels; b++) {
        const band *band = &bank->bands[b];
        const double *power = bank->power + band->first,
                     *weights = bank->weights + band->weight;
        double energy = 0.0;

        for (size_t i = 0; i < band->count; i++)
            energy += power[i] * weights[i];
        mels[b] = (float)log(energy > FLOOR ? energy : FLOOR);
    }
}
